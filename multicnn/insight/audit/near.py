"""Pairs of samples that are alike, found by sorted keys instead of by comparing all with all."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

WINDOW = 8  # samples of the same key that each is compared with
LOW = 32  # bits of a key by which samples of the same key are sorted
Compare = Callable[[np.ndarray], np.ndarray]
"""(m, 2) rows -> (m,) bool."""


class Prints(NamedTuple):
    """What tells a sample from others though it was written anew.

    keys: (n, tables) uint64; samples that are alike have most likely the same upper 32 bits in some table, and close
    lower ones.  alike: what is cheap to compare.  sure: what is compared of those pairs that are alike.
    """

    keys: np.ndarray
    alike: Compare
    sure: Compare


def unlike(n: int) -> Prints:
    """Prints of n samples that cannot be told apart but by their content."""
    return Prints(np.zeros((n, 0), dtype=np.uint64), _none, _none)


def _none(pairs: np.ndarray) -> np.ndarray:
    return np.zeros(len(pairs), dtype=bool)


def near_pairs(prints: Prints) -> np.ndarray:
    """Rows that are alike, the smaller first, in ascending order.  -> (m, 2)"""
    n = max(1, len(prints.keys))
    found = [pairs[prints.alike(pairs)] for column in prints.keys.T for pairs in neighbours(column)]
    both = np.unique(np.concatenate([p.min(axis=1) * n + p.max(axis=1) for p in found] or [np.zeros(0, np.int64)]))
    pairs = np.stack([both // n, both % n], axis=1)
    return pairs[prints.sure(pairs)]


def neighbours(keys: np.ndarray) -> Iterator[np.ndarray]:
    """Rows close in the order of their keys that share the upper half of them; the first of each pair 1 to WINDOW
    places before the second.

    The same pair in several tables is cheaper compared again than remembered.  (n,) -> (m, 2) and so on
    """
    order = np.argsort(keys, kind="stable")
    upper = (keys >> np.uint64(LOW))[order]
    for step in range(1, min(WINDOW, len(keys) - 1) + 1):
        at = np.flatnonzero(upper[step:] == upper[:-step])
        yield np.stack([order[at], order[at + step]], axis=1)


def groups(pairs: np.ndarray, n: int) -> np.ndarray:
    """The smallest row that each of n rows is alike with, directly or over others; itself where it is alone.

    (m, 2) -> (n,)
    """
    first = np.arange(n)
    while len(pairs):
        least = first.copy()
        np.minimum.at(least, pairs[:, 0], first[pairs[:, 1]])
        np.minimum.at(least, pairs[:, 1], first[pairs[:, 0]])
        least = least[least]
        if np.array_equal(least, first):
            break
        first = least
    return first
