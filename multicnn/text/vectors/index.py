"""Where each word of a large file stands: sorted hashes on disk, so that opening it again reads nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np

ABSENT = -1


@dataclass(frozen=True, eq=False)
class Index:
    """The rows of words, of which the first of two alike counts.

    hashes: (n,) ascending. order: (n,) the row of each hash. words: all words end to end, in the order of their rows,
    as UTF-8; bounds: (n + 1,) where each begins.
    """

    hashes: np.ndarray
    order: np.ndarray
    words: np.ndarray
    bounds: np.ndarray

    def __len__(self) -> int:
        return len(self.hashes)

    def rows(self, words: Sequence[str]) -> np.ndarray:
        """(n,) the row of each word, or -1."""
        found = np.full(len(words), ABSENT, dtype=np.int64)
        coded = [encode(word) for word in words]
        wanted = np.array([digest(word) for word in coded], dtype=np.uint64)
        if not len(self) or not len(words):
            return found
        places = np.searchsorted(self.hashes, wanted)
        hits = np.flatnonzero(self.hashes[np.minimum(places, len(self) - 1)] == wanted)
        for hit in hits.tolist():
            found[hit] = self._row(coded[hit], int(places[hit]), wanted[hit])
        return found

    def _row(self, word: bytes, place: int, wanted: np.uint64) -> int:
        """The row of a word whose hash is found at `place`; two words may have one hash."""
        while place < len(self) and self.hashes[place] == wanted:
            row = int(self.order[place])
            if self.words[self.bounds[row] : self.bounds[row + 1]].tobytes() == word:
                return row
            place += 1
        return ABSENT

    def repeated(self) -> int:
        """How many rows repeat an earlier word; two words of one hash, which are one in 10^7 files, are counted too."""
        return int((self.hashes[1:] == self.hashes[:-1]).sum())

    def save(self, folder: Path) -> None:
        for name in ("hashes", "order", "words", "bounds"):
            np.save(folder / f"{name}.npy", getattr(self, name))


def build(words: Sequence[bytes]) -> Index:
    """The index of words in UTF-8, a row each."""
    hashes = np.array([digest(word) for word in words], dtype=np.uint64)
    order = np.argsort(hashes, kind="stable")
    bounds = np.cumsum([0, *map(len, words)], dtype=np.int64)
    return Index(hashes[order], order, np.frombuffer(b"".join(words), dtype=np.uint8), bounds)


def load(folder: Path) -> Index:
    """Read it back, mapped into memory."""
    files = (folder / f"{name}.npy" for name in ("hashes", "order", "words", "bounds"))
    return Index(*(np.asarray(np.load(file, mmap_mode="r")) for file in files))  # a memmap's own slices are slow


def encode(word: str) -> bytes:
    """A word as the index keeps it."""
    return word.encode("utf-8", "surrogatepass")


def digest(word: bytes) -> int:
    """Of a word, 64 bits."""
    return int.from_bytes(blake2b(word, digest_size=8).digest(), "little")
