"""Vectors as text, a line a word: word2vec's and fastText's with a header, GloVe's without."""

import mmap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from multicnn.errors import DataError
from multicnn.text.vectors import index as indexed
from multicnn.text.vectors.kept import kept
from multicnn.text.vectors.numbers import are_numbers, numbers
from multicnn.text.vectors.odd import unicode
from multicnn.text.vectors.table import Listed, described

BLOCK = 1 << 25  # bytes scanned at once
MANY = 2000  # vectors: from here on what was asked for is kept as numbers


class Header(NamedTuple):
    """What is known before the first word. begin: its byte. line: its line, from 1 on. promised: words, in a header."""

    begin: int
    line: int
    dim: int
    promised: int | None


@dataclass
class Found:
    """The words of a file; `places` has begin, end and line of each one's numbers."""

    words: list[bytes] = field(default_factory=list)
    places: list[np.ndarray] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)  # line, and what is wrong with it
    lines: int = 0


def open_lines(path: Path, header: Header) -> Listed:
    """The vectors of a text file.

    Lines without a word or of another number of values are left out and counted. Raises DataError naming the first
    where they are the most.
    """

    def build(folder: Path) -> dict[str, Any]:
        found = scan(path, header)
        if 2 * len(found.bad) > found.lines or not found.words:
            line, why = found.bad[0] if found.bad else (header.line, "holds no word")
            raise DataError(f"{path}: line {line:,} {why}; fetch the file again, or correct it")
        coded, odd = unicode(found.words)
        index = indexed.build(coded)
        index.save(folder)
        np.save(folder / "places.npy", np.concatenate(found.places))
        kind = "GloVe text" if header.promised is None else "word2vec text"
        return {"dim": header.dim, "said": described(kind, index, header.dim, odd, *oddities(found, header))}

    folder, facts = kept(path, "lines", build)
    dim, places = facts["dim"], np.load(folder / "places.npy", mmap_mode="r")

    def read(rows: np.ndarray) -> np.ndarray:
        if len(rows) < MANY:
            return parse(path, places[rows], dim)
        asked = blake2b(np.ascontiguousarray(rows).data, digest_size=10).hexdigest()

        def write(folder: Path) -> dict[str, Any]:
            np.save(folder / "rows.npy", parse(path, places[rows], dim))
            return {}

        own, _ = kept(path, f"rows {asked}", write)
        return np.load(own / "rows.npy")

    return Listed(path, dim, indexed.load(folder), read, tuple(facts["said"]))


def oddities(found: Found, header: Header) -> Iterator[str]:
    """What a user may want to know of a file that is read nevertheless."""
    if found.bad:
        line, why = found.bad[0]
        yield f"{len(found.bad):,} lines are left out: line {line:,} {why}"
    if header.promised is not None and header.promised > found.lines:
        yield f"the header promises {header.promised:,} words, the file ends after {found.lines:,}: it may be cut short"


def parse(path: Path, places: np.ndarray, dim: int) -> np.ndarray:
    """The numbers at (n, 3) places: begin, end, line.  -> n dim, float32. Raises DataError naming a damaged line."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        texts = [data[begin:end] for begin, end, _ in places.tolist()]
    found = numbers(texts, dim)
    if found is None:
        bad = next(row for row, text in enumerate(texts) if numbers([text], dim) is None)
        raise DataError(f"{path}: line {places[bad, 2]:,} does not hold {dim} numbers; correct or remove it")
    return found


def scan(path: Path, header: Header) -> Found:
    """Where the words of a file and their numbers are, block by block."""
    found, line = Found(), header.line
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        begin = header.begin
        while begin < len(data):
            end = data.find(b"\n", min(begin + BLOCK, len(data) - 1))
            end = len(data) if end < 0 else end + 1
            line += _scan_block(data[begin:end], begin, line, header.dim, found)
            begin = end
    return found


def _scan_block(block: bytes, offset: int, line: int, dim: int, found: Found) -> int:
    """Add the words of some whole lines, of which the first is `line`; returns how many lines there are."""
    text = np.frombuffer(block, dtype=np.uint8)
    ends = np.flatnonzero(text == ord("\n"))
    if text[-1] != ord("\n"):
        ends = np.append(ends, len(text))
    starts, n = np.concatenate([[0], ends[:-1] + 1]), len(ends)
    for blank in (ord("\r"), ord(" "), ord(" ")):  # a line may end in spaces
        ends = ends - ((ends > starts) & (text[np.maximum(ends - 1, 0)] == blank))
    spaces = np.flatnonzero(text == ord(" "))
    first, last = np.searchsorted(spaces, starts), np.searchsorted(spaces, ends)
    word_ends = np.append(spaces, 0)[np.minimum(first, len(spaces))]
    regular = (last - first == dim) & (word_ends > starts)
    found.lines += int((ends > starts).sum())
    begins = word_ends + 1
    for row in np.flatnonzero(~regular & (ends > starts)).tolist():
        place = _irregular(block[starts[row] : ends[row]], dim)
        if isinstance(place, str):
            found.bad.append((line + row, place))
        else:
            regular[row], word_ends[row], begins[row] = True, starts[row] + place[0], starts[row] + place[1]
    rows = np.flatnonzero(regular)
    found.words += [block[a:b] for a, b in zip(starts[rows].tolist(), word_ends[rows].tolist(), strict=True)]
    found.places.append(np.stack([begins[rows] + offset, ends[rows] + offset, rows + line], axis=1))
    return n


def _irregular(text: bytes, dim: int) -> tuple[int, int] | str:
    """Where the word of a line ends and its numbers begin; or what is wrong. Words may hold spaces, numbers tabs."""
    pieces = text.rsplit(None, dim)
    word = pieces[0].rstrip()
    if len(pieces) <= dim:
        return f"holds {len(text.split()) - 1} numbers where {dim} are expected"
    if not are_numbers(pieces[1:]):
        return f"does not end in {dim} numbers"
    if are_numbers(word.split()[1:2]):
        return f"holds {len(text.split()) - 1} numbers where {dim} are expected"
    return len(word), len(text) - len(text[len(word) :].lstrip())


def usual_dim(head: bytes) -> int:
    """How many numbers most of the first lines have behind their word; 0 where they have none."""
    counts: Counter[int] = Counter()
    for text in head.split(b"\n")[:100]:
        pieces = text.split()
        if len(pieces) > 1 and are_numbers(pieces[-1:]):
            counts[next((n for n, p in enumerate(reversed(pieces)) if not are_numbers([p])), len(pieces) - 1)] += 1
    return counts.most_common(1)[0][0] if counts else 0
