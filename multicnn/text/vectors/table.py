"""Vectors that stand in a file, a row a word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from multicnn.text.vectors.index import ABSENT, Index


@dataclass(frozen=True, eq=False)
class Listed:
    """A vector for each word that the file lists, and for no other.

    read: row numbers -> their vectors, (n, dim) float32.
    """

    dim: int
    index: Index
    read: Callable[[np.ndarray], np.ndarray]
    said: tuple[str, ...]

    def has(self, words: Sequence[str]) -> np.ndarray:
        return self.index.rows(words) != ABSENT

    def find(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        rows = self.index.rows(words)
        found = rows != ABSENT
        vectors = np.zeros((len(words), self.dim), dtype=np.float32)
        vectors[found] = self.read(rows[found])
        return vectors, found


def described(kind: str, index: Index, dim: int, *odd: str) -> tuple[str, ...]:
    """What is told of a file: its layout and size, and what is odd; empty strings are left out."""
    twice = index.repeated()
    more = f"{twice:,} words are listed twice, the first vector counts" if twice else ""
    return (f"{kind}, {len(index):,} words x {dim}", *filter(None, (more, *odd)))
