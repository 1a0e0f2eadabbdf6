"""Deal samples into parts so that each part has its share of every class.

A deal depends on the samples' names and the seed, never on the order of the rows. The last part misses no class.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from multicnn.data.grouped import deal_groups
from multicnn.data.table import Table


def deal(table: Table, shares: Sequence[float], seed: int) -> np.ndarray:
    """The part of each sample: stratified by class, groups whole.  p shares that sum to 1 -> (n,) part numbers"""
    if table.group is not None:
        names, code = np.unique(table.group, return_inverse=True)
        if len(names) < len(table):
            return deal_groups(table, names, code, np.asarray(shares), hashes(names, seed))[code]
    order = np.argsort(hashes(table.ids, seed), kind="stable")
    rule = _deal_several if table.several else _deal_single
    return rule(table.target, order, np.asarray(shares))


def pick(table: Table, n: int, seed: int) -> np.ndarray:
    """`n` rows with the shares of the classes, one of each at least where the labels allow; groups do not matter."""
    order = np.argsort(hashes(table.ids, seed), kind="stable")
    share = n / len(table)
    rule = _deal_several if table.several else _deal_single
    part = rule(table.target, order, np.array([1 - share, share]))
    has = table.target if table.several else np.eye(len(table.classes), dtype=bool)[table.target]
    chosen, spare = order[part[order] == 1], order[part[order] == 0]
    return np.concatenate([_trimmed(chosen, has, n), spare[: max(0, n - len(chosen))]])


def _trimmed(rows: np.ndarray, has: np.ndarray, n: int) -> np.ndarray:
    """The first `n` rows, but no class lost that `rows` have: a row stays while it is the last of a class."""
    counts = has[rows].sum(axis=0)
    keep = np.ones(len(rows), dtype=bool)
    for i in range(len(rows) - 1, -1, -1):
        if keep.sum() <= n:
            break
        if (counts[has[rows[i]]] > 1).all():
            keep[i] = False
            counts -= has[rows[i]]
    return rows[keep][:n]


def quotas(counts: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Whole numbers of each class for each part, less than 1 from the exact share.  k, p -> k p

    A class with a sample for each part is in every part, a smaller one at least in the last; only there the bound of 1
    may not hold.
    """
    exact = counts[:, None] * shares
    quota = np.floor(exact + 1e-9).astype(np.int64)
    owed = np.zeros(len(shares))
    for c, n in enumerate(counts):
        owed += exact[c] - quota[c]
        spare = n - quota[c].sum()
        rounded = np.where(exact[c] > quota[c] + 1e-9, owed, -np.inf)
        for part in np.argsort(-rounded, kind="stable")[:spare]:
            _move(quota[c], owed, None, part)
        must = np.flatnonzero(shares) if n >= (shares > 0).sum() else np.array([len(shares) - 1])
        for part in must[quota[c, must] == 0] if n else ():
            _move(quota[c], owed, int(quota[c].argmax()), part)
    return quota


def _move(quota: np.ndarray, owed: np.ndarray, source: int | None, part: int) -> None:
    quota[part] += 1
    owed[part] -= 1
    if source is not None:
        quota[source] -= 1
        owed[source] += 1


def hashes(names: np.ndarray, seed: int) -> np.ndarray:
    """A number for each name, the same on every machine."""
    key = seed.to_bytes(16, "little", signed=True)
    digests = b"".join(hashlib.blake2b(str(n).encode(), digest_size=8, key=key).digest() for n in names)
    return np.frombuffer(digests, dtype="<u8")


def _deal_single(target: np.ndarray, order: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """One label a sample: each class is cut into its quotas."""
    counts = np.bincount(target)
    rows = order[np.argsort(target[order], kind="stable")]
    part = np.empty(len(target), dtype=np.int64)
    part[rows] = np.repeat(np.tile(np.arange(len(shares)), len(counts)), quotas(counts, shares).ravel())
    return part


def _deal_several(target: np.ndarray, order: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Several labels a sample: the rarest label first, to the part that wants it most.

    Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, doi.org/10.1007/978-3-642-23808-6_10).
    """
    wants = quotas(target.sum(axis=0), shares).astype(float).tolist()  # of each label in each part
    room = (shares * len(target)).tolist()
    part = np.full(len(target), -1, dtype=np.int64)

    def place(row: int, label: int | None) -> None:
        first = wants[label] if label is not None else room
        best = max((p for p in range(len(room)) if shares[p]), key=lambda p: (first[p], room[p]))
        part[row] = best
        room[best] -= 1
        for c in np.flatnonzero(target[row]):
            wants[c][best] -= 1

    left = target.sum(axis=0)
    while left.any():
        label = int(np.where(left > 0, left, len(target) + 1).argmin())
        rows = order[(part[order] < 0) & target[order, label]]
        for row in rows:
            place(int(row), label)
        left = left - target[rows].sum(axis=0)
    for row in order[part[order] < 0]:
        place(int(row), None)
    _cover(target, part, order, len(shares) - 1)
    return part


def _cover(target: np.ndarray, part: np.ndarray, order: np.ndarray, last: int) -> None:
    """Give the last part one sample of any label that it lacks, changing `part`."""
    for label in np.flatnonzero(~target[part == last].any(axis=0) & target.any(axis=0)):
        rows = order[target[order, label]]
        if not (part[rows] == last).any():
            part[rows[np.bincount(part[rows])[part[rows]].argmax()]] = last
