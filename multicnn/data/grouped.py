"""Deal whole groups into parts so that each part has its share of every class."""

from dataclasses import dataclass

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError

PASSES = 20  # over the groups, to mend a greedy deal
MISSING = 1e3  # a part without one of the classes weighs more than any imbalance
EXCHANGES = 500  # groups, up to which pairs are tried; with more, single moves balance well
EPSILON = 1e-9


def deal_groups(table: Table, names: np.ndarray, code: np.ndarray, shares: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The part of each group: the largest first to the part that lacks most of what it holds, then moved to mend.

    names: (g,) of the groups.  code: (n,) the group of each sample.  shares: (p,) of the parts, that sum to 1.
    order: (g,) numbers that break ties.  Raises DataError where there are fewer groups than parts.
    """
    parts = np.flatnonzero(shares)
    if len(names) < len(parts):
        raise DataError(
            f"{table.name}: {len(names)} group{'s' * (len(names) > 1)} cannot be dealt into {len(parts)} parts; "
            "group by another column, or take fewer parts"
        )
    held = _held(table, code, len(names))
    order = np.lexsort((order, -held[:, -1]))
    state = _Deal.greedy(held, shares[parts], order)
    for _ in range(PASSES):
        changed = [state.move(g) for g in order]
        if len(names) <= EXCHANGES:
            changed += [state.exchange(g) for g in order]
        if not any(changed):
            break
    return parts[state.part]


def _held(table: Table, code: np.ndarray, n: int) -> np.ndarray:
    """Samples of each class in each group, and last all its samples.  -> g k+1"""
    held = np.zeros((n, len(table.classes) + 1))
    if table.several:
        np.add.at(held[:, :-1], code, table.target)
    else:
        np.add.at(held, (code, table.target), 1)
    held[:, -1] = np.bincount(code, minlength=n)
    return held


@dataclass(eq=False)
class _Deal:
    """Groups in parts, and what is wrong with that: the sum of squares of `lack`, and the classes that a part misses.

    part: (g,) of each group.  whole: (g, k+1) share of a class (and last, of all samples) that lies in a group.
    lack: (p, k+1) share that a part still lacks.  has: (g, k+1) whether a group holds a class.
    count: (p, k+1) groups of a part that hold a class.  missing: (p, k+1) what it weighs that a part has none.
    """

    part: np.ndarray
    whole: np.ndarray
    lack: np.ndarray
    has: np.ndarray
    count: np.ndarray
    missing: np.ndarray

    @classmethod
    def greedy(cls, held: np.ndarray, shares: np.ndarray, order: np.ndarray) -> "_Deal":
        """Each group in turn to the part that lacks most of what it holds."""
        has, whole = held > 0, held / np.maximum(held.sum(axis=0), 1)
        lack = np.repeat(shares[:, None], held.shape[1], axis=1)
        part = np.zeros(len(held), dtype=np.int64)
        for g in order:
            part[g] = (lack @ whole[g]).argmax()
            lack[part[g]] -= whole[g]
        count = np.array([has[part == p].sum(axis=0) for p in range(len(shares))])
        missing = np.where(has.sum(axis=0) >= len(shares), MISSING, 0.0) * np.ones((len(shares), 1))
        missing[-1] = 2 * MISSING * has.any(axis=0)  # the last part trains, and may miss no class
        return cls(part, whole, lack, has, count, missing)

    def move(self, g: int) -> bool:
        """Move a group to the part where it does most good; whether there is one."""
        a, held = self.part[g], self.has[g]
        imbalance = 2 * (self.whole[g] @ self.whole[g] + (self.lack[a] - self.lack) @ self.whole[g])
        opened = (self.missing[a] * (self.count[a] == 1))[held].sum()
        closed = (self.missing * (self.count == 0))[:, held].sum(axis=1)
        cost = imbalance + opened - closed
        cost[a] = -EPSILON
        return self._put(g, int(cost.argmin()))

    def exchange(self, g: int) -> bool:
        """Exchange a group for the one where that does most good and loses no class; whether there is one."""
        a, b = self.part[g], self.part
        surplus = self.whole[g] - self.whole
        cost = 2 * ((surplus * (surplus + self.lack[a] - self.lack[b])).sum(axis=1))
        last_here = self.has[g] & (self.count[a] == 1) & (self.missing[a] > 0)
        last_there = self.has & (self.count[b] == 1) & (self.missing[b] > 0)
        cost[(last_here & ~self.has).any(axis=1) | (last_there & ~self.has[g]).any(axis=1)] = np.inf
        cost[b == a] = -EPSILON
        h = int(cost.argmin())
        if b[h] == a:
            return False
        there = int(b[h])
        self._put(h, int(a))
        return self._put(g, there)

    def _put(self, g: int, part: int) -> bool:
        before = self.part[g]
        self.lack[before] += self.whole[g]
        self.lack[part] -= self.whole[g]
        self.count[before] -= self.has[g]
        self.count[part] += self.has[g]
        self.part[g] = part
        return part != before
