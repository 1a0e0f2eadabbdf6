"""What goes wrong with entities: each true one beside what is said in its place."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

RIGHT, TYPE, BORDERS, BOTH, MISSED, SPURIOUS = "right", "type", "borders", "type and borders", "missed", "spurious"
KINDS = (RIGHT, TYPE, BORDERS, BOTH, MISSED, SPURIOUS)


class Pair(NamedTuple):
    """One error, or none: what is true and what is said, rows of begin, end and type; None where there is nothing.

    row: of the sample.
    """

    kind: str
    row: int
    true: tuple[int, int, int] | None
    said: tuple[int, int, int] | None


def paired(true: np.ndarray, said: np.ndarray) -> list[Pair]:
    """Each true entity with a said one that shares a cell with it, each in one pair at most, in order.

    Exact ones first, then those with the same borders, then of the same type, then by how much they share.
    true, said: rows as `entity_scores.spans` has them.  n 4, m 4
    """
    candidates = [(nearness(true[i], said[j]), i, j) for i, j in meeting(true, said)]
    mate: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in sorted(candidates):
        if i not in mate and j not in taken:
            mate[i] = j
            taken.add(j)
    found = [pair(true[i], said[mate[i]] if i in mate else None) for i in range(len(true))]
    found += [pair(None, said[j]) for j in range(len(said)) if j not in taken]
    return sorted(found, key=lambda p: (p.row, (p.true or p.said or (0, 0, 0))[0]))


def meeting(true: np.ndarray, said: np.ndarray) -> list[tuple[int, int]]:
    """The pairs that share a cell; in neither do those of one row overlap."""
    if not len(true) or not len(said):
        return []
    far = 1 + max(true[:, 2].max(), said[:, 2].max())
    begin, end = (said[:, 0] * far + said[:, c] for c in (1, 2))
    first = np.searchsorted(end, true[:, 0] * far + true[:, 1], side="right")
    behind = np.searchsorted(begin, true[:, 0] * far + true[:, 2], side="left")
    return [(i, j) for i, (a, b) in enumerate(zip(first.tolist(), behind.tolist(), strict=True)) for j in range(a, b)]


def nearness(true: np.ndarray, said: np.ndarray) -> tuple[bool, bool, int]:
    """The less, the nearer."""
    _, begin, end, kind = (true != said).tolist()
    shared = min(true[2], said[2]) - max(true[1], said[1])
    return begin or end, kind, -int(shared)


def pair(true: np.ndarray | None, said: np.ndarray | None) -> Pair:
    """With its kind of error."""
    if true is None or said is None:
        own = said if true is None else true
        assert own is not None
        only = (int(own[1]), int(own[2]), int(own[3]))
        return Pair(SPURIOUS, int(own[0]), None, only) if true is None else Pair(MISSED, int(own[0]), only, None)
    moved, other, _ = nearness(true, said)
    kind = {(False, False): RIGHT, (False, True): TYPE, (True, False): BORDERS, (True, True): BOTH}[moved, other]
    one, two = ((int(o[1]), int(o[2]), int(o[3])) for o in (true, said))
    return Pair(kind, int(true[0]), one, two)


def kinds(pairs: Sequence[Pair], k: int) -> np.ndarray:
    """How often each of KINDS, by type: the true one's, of spurious ones the said one's.  -> k KINDS"""
    found = Counter(((p.true or p.said or (0, 0, 0))[2], KINDS.index(p.kind)) for p in pairs)
    return np.array([[found[c, e] for e in range(len(KINDS))] for c in range(k)], dtype=np.int64).reshape(k, len(KINDS))


def confusion(pairs: Sequence[Pair], k: int) -> np.ndarray:
    """How often an entity of type i (row) is said to be of type j, whatever the borders; the last is none.

    -> k + 1 k + 1
    """
    found = Counter((p.true[2] if p.true else k, p.said[2] if p.said else k) for p in pairs)
    return np.array([[found[i, j] for j in range(k + 1)] for i in range(k + 1)], dtype=np.int64)
