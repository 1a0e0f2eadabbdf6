"""Pairs of samples that are alike, found by sorted keys instead of by comparing all with all."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

WINDOW = 8  # samples of the same key that each is compared with
LOW = 32  # bits of a key by which samples of the same key are sorted


class Prints(NamedTuple):
    """What tells a sample from others though it was written anew.

    keys: (n, tables) uint64; samples that are alike have most likely the same upper 32 bits in some table, and close
    lower ones.  alike: (m, 2) rows -> (m,) bool, exactly.
    """

    keys: np.ndarray
    alike: Callable[[np.ndarray], np.ndarray]


def near_pairs(prints: Prints) -> np.ndarray:
    """Rows that are alike, the smaller first, in ascending order.  -> (m, 2)"""
    n = len(prints.keys)
    found = [pairs[prints.alike(pairs)] for column in prints.keys.T for pairs in neighbours(column)]
    both = np.unique(np.concatenate([p.min(axis=1) * n + p.max(axis=1) for p in found] or [np.zeros(0, np.int64)]))
    return np.stack([both // max(1, n), both % max(1, n)], axis=1)


def neighbours(keys: np.ndarray) -> Iterator[np.ndarray]:
    """Rows that lie close in the order of their keys, and share the upper half of them.  (n,) -> (m, 2), again and again

    Repeats are cheaper compared twice than found.
    """
    order = np.argsort(keys, kind="stable")
    upper = (keys >> np.uint64(LOW))[order]
    for step in range(1, min(WINDOW, len(keys) - 1) + 1):
        at = np.flatnonzero(upper[step:] == upper[:-step])
        yield np.stack([order[at], order[at + step]], axis=1)


def groups(pairs: np.ndarray, n: int) -> np.ndarray:
    """The smallest row that each of n rows is alike with, over others or directly; itself where it is alone.

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
