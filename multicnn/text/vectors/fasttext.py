"""fastText's .bin files: a dictionary and a matrix of words and sub-words, of which only needed rows are read.

The layout is that of FastText::saveModel, version 12 (github.com/facebookresearch/fastText), and that before versions.
"""

import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from multicnn.errors import DataError
from multicnn.text.vectors import index as indexed
from multicnn.text.vectors.index import ABSENT, Index, encode
from multicnn.text.vectors.kept import kept
from multicnn.text.vectors.ngrams import buckets
from multicnn.text.vectors.odd import unicode
from multicnn.text.vectors.table import described, refuse_infinite

MAGIC = 793712314
ARGUMENTS = struct.Struct("<12id")
SUPERVISED = 3
BLOCK = 2000  # words whose sub-words are gathered at once
UNFIT = "which is no table of word vectors; give a .bin of cbow or skipgram, or its .vec"


class Header(NamedTuple):
    """dim: numbers of a vector. buckets: of sub-words, which have `shortest` to `longest` letters. end: byte behind."""

    dim: int
    buckets: int
    shortest: int
    longest: int
    versioned: bool
    end: int


@dataclass(frozen=True, eq=False)
class FastText:
    """Vectors of words as means of their own row and those of their sub-words; others have sub-words only.

    matrix: (words + buckets, dim).
    """

    path: Path
    dim: int
    index: Index
    matrix: np.ndarray
    pieces: tuple[int, int, int]  # shortest, longest, buckets
    said: tuple[str, ...]

    def has(self, words: Sequence[str]) -> np.ndarray:
        return self.index.rows(words) != ABSENT

    def find(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """As the protocol says. Raises DataError for a vector with something in it that is no finite number."""
        blocks = [self._means(words[at : at + BLOCK]) for at in range(0, len(words), BLOCK)]
        vectors, found = np.zeros((0, self.dim), dtype=np.float32), np.zeros(0, dtype=bool)
        if blocks:
            vectors, found = (np.concatenate(part) for part in zip(*blocks, strict=True))
        refuse_infinite(self.path, words, vectors)
        return vectors, found

    def _means(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        rows = [self._rows(word, own) for word, own in zip(words, self.index.rows(words).tolist(), strict=True)]
        counts = np.array([len(some) for some in rows])
        vectors, found = np.zeros((len(words), self.dim), dtype=np.float32), counts > 0
        if found.any():
            all_ = self.matrix[np.array([row for some in rows for row in some])]
            starts = np.concatenate([[0], np.cumsum(counts[found])[:-1]])
            with np.errstate(over="ignore", invalid="ignore"):  # of a damaged matrix, which is refused below
                vectors[found] = np.add.reduceat(all_, starts, axis=0) / counts[found, None]
        return vectors, found

    def _rows(self, word: str, own: int) -> list[int]:
        """Of the matrix: the word's own, if it has one, and those of its sub-words."""
        shortest, longest, count = self.pieces
        pieces = buckets(encode(word), shortest, longest, count) if count and longest else []
        return [*([own] if own != ABSENT else []), *(len(self.index) + piece for piece in pieces)]


def open_fasttext(path: Path) -> FastText:
    """The vectors of a .bin. Raises DataError for one that classifies, is quantised, or is cut short."""

    def build(folder: Path) -> dict[str, Any]:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                header = read_header(path, data)
                words, end = read_words(path, data, header)
                place, rows = read_shape(path, data, header, end)
            except (struct.error, IndexError):
                raise DataError(f"{path}: this fastText file is cut short; fetch it again") from None
        coded, odd = unicode(words)
        index = indexed.build(coded)
        index.save(folder)
        pieces = (header.shortest, header.longest, rows - len(words))
        said = (*described("fastText binary", index, header.dim, odd), f"{pieces[2]:,} buckets of sub-words")
        return {"dim": header.dim, "place": place, "rows": rows, "pieces": pieces, "said": said}

    folder, facts = kept(path, "fasttext", build)
    matrix = np.memmap(path, dtype="<f4", mode="r", offset=facts["place"], shape=(facts["rows"], facts["dim"]))
    return FastText(
        path, facts["dim"], indexed.load(folder), matrix, tuple(facts["pieces"]), tuple(facts["said"])
    )  # fmt: skip


def read_header(path: Path, data: mmap.mmap) -> Header:
    """The arguments of the training."""
    versioned = struct.unpack_from("<i", data)[0] == MAGIC
    begin = 8 if versioned else 0
    dim, *_, model, count, shortest, longest, _, _ = ARGUMENTS.unpack_from(data, begin)
    if model == SUPERVISED:
        raise DataError(f"{path}: a fastText model that classifies, {UNFIT}")
    return Header(dim, count, shortest, longest, versioned, begin + ARGUMENTS.size)


def read_words(path: Path, data: mmap.mmap, header: Header) -> tuple[list[bytes], int]:
    """The dictionary, and the byte behind it."""
    size, _, labels = struct.unpack_from("<3i", data, header.end)
    at = header.end + 12 + 8
    pruned = 0
    if header.versioned:
        pruned = struct.unpack_from("<q", data, at)[0]
        at += 8
    if labels:
        raise DataError(f"{path}: a fastText model that classifies, {UNFIT}")
    words = []
    for _ in range(size):
        end = data.find(b"\0", at)
        if end < 0:
            raise IndexError
        words.append(data[at:end])
        at = end + 1 + 8 + 1  # its count, and whether it is a label
    return words, at + 8 * max(0, pruned)


def read_shape(path: Path, data: mmap.mmap, header: Header, at: int) -> tuple[int, int]:
    """Where the matrix begins, and its rows."""
    if header.versioned:
        if data[at]:
            raise DataError(f"{path}: a quantised fastText model, {UNFIT}")
        at += 1
    rows, dim = struct.unpack_from("<2q", data, at)
    at += 16
    if dim != header.dim or at + 4 * rows * dim > len(data):
        raise IndexError
    return at, rows


def is_unversioned(head: bytes) -> bool:
    """Whether a file begins as those before versions did: dim, window, ..., loss, model, buckets, lengths."""
    if len(head) < ARGUMENTS.size + 12:
        return False
    dim, window, epoch, least, negative, grams, loss, model, count, shortest, longest, _, t = ARGUMENTS.unpack_from(
        head
    )
    counts = (1 <= dim <= 10_000, 1 <= window <= 1000, 1 <= epoch <= 10_000, least >= 0, 0 <= negative <= 10_000)
    kinds = (
        0 <= grams <= 100,
        1 <= loss <= 4,
        1 <= model <= SUPERVISED,
        count >= 0,
        shortest >= 0,
        0 <= longest <= 100,
    )
    return all(counts) and all(kinds) and 0 <= t <= 1
