"""Vectors that stand in a file, a row a word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multicnn.errors import DataError
from multicnn.text.vectors.index import ABSENT, Index


@dataclass(frozen=True, eq=False)
class Listed:
    """A vector for each word that the file lists, and for no other.

    read: row numbers -> their vectors, (n, dim) float32.
    """

    path: Path
    dim: int
    index: Index
    read: Callable[[np.ndarray], np.ndarray]
    said: tuple[str, ...]

    def has(self, words: Sequence[str]) -> np.ndarray:
        return self.index.rows(words) != ABSENT

    def find(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """As the protocol says. Raises DataError for a vector with something in it that is no finite number."""
        rows = self.index.rows(words)
        found = rows != ABSENT
        vectors = np.zeros((len(words), self.dim), dtype=np.float32)
        vectors[found] = self.read(rows[found])
        refuse_infinite(self.path, words, vectors)
        return vectors, found


def refuse_infinite(path: Path, words: Sequence[str], vectors: np.ndarray) -> None:
    """Raises DataError naming a word whose vector holds nan or infinity."""
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise DataError(
            f"{path}: the vector of {words[bad[0]]!r} is not finite, nor {len(bad) - 1} others; fetch the file again"
        )


def described(kind: str, index: Index, dim: int, *odd: str) -> tuple[str, ...]:
    """What is told of a file: its layout and size, and what is odd; empty strings are left out."""
    twice = index.repeated()
    more = f"{twice:,} words are listed twice, the first vector counts" if twice else ""
    return (f"{kind}, {len(index):,} words x {dim}", *filter(None, (more, *odd)))
