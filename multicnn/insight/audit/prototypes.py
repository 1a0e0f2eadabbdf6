"""Prototypes: few samples of each class in whose likeness the others are.

FRiS-STOLP, Zagoruiko, Borisova, Dyubanov and Kutnenko 2008, doi.org/10.1134/S1054661808010161.
"""

import numpy as np

from multicnn.insight.audit.fris import blocks, distances, rivals, similarity

SIMILAR = 0.2  # S*: of 0, 0.1 and 0.2 the one whose prototypes erred least on four sets with planted errors
MANY = 2_000  # samples of a class that prototypes are chosen from and for; of more, so many are drawn


def prototypes(x: np.ndarray, y: np.ndarray, *, similar: float = SIMILAR, alone: int = 1, seed: int = 0) -> np.ndarray:
    """Rows of the prototypes, those of each class in the order in which they were chosen.

    A sample with S < 0 against its nearest neighbours is an outlier: it is no prototype and needs none, unless its
    class has no other samples. A candidate is worth the mean of two numbers: its defence, the mean S of its class's
    samples not yet covered in rivalry with their nearest sample of another class, and its tolerance, the mean S of the
    samples of other classes, each against its nearest own one in rivalry with the candidate. The best one covers all
    samples of its class whose S with it is at least `similar`, and the next is sought for the rest, until every sample
    is covered. Prototypes that cover no more than `alone` samples are then dropped, but for the best of a class.
    x: n d.  y: (n,) class numbers.  similar: S*, -1 to 1
    """
    some = _drawn(y, seed)
    x, y = np.asarray(x[some], dtype=np.float64), y[some]
    near = rivals(x, y)
    kept = _typical(near.s, y)
    other = np.full(len(y), np.inf)
    other[kept] = distances(x[kept], rivals(x[kept], y[kept]).other)
    tolerance = _tolerance(x, y, kept)
    chosen = [
        _of_class(x[rows], other[rows], tolerance[rows], rows, similar, alone)
        for rows in (kept[y[kept] == k] for k in np.unique(y))
    ]
    return some[np.concatenate(chosen)] if chosen else some


def classify(x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The class of the prototype nearest to each new sample.  m d, (m,), n d -> (n,)"""
    found = np.zeros(len(new), dtype=np.int64)
    for rows in blocks(0, len(new), len(x)):
        found[rows] = apart(new[rows].astype(np.float64), x).argmin(axis=1)
    return y[found]


def _drawn(y: np.ndarray, seed: int) -> np.ndarray:
    """All rows of small classes, MANY of each large one."""
    random = np.random.default_rng(seed)
    rows = [np.flatnonzero(y == k) for k in np.unique(y)]
    few = [r if len(r) <= MANY else np.sort(random.choice(r, MANY, replace=False)) for r in rows]
    return np.sort(np.concatenate(few)) if few else np.zeros(0, dtype=np.int64)


def _typical(s: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The rows with S of at least 0, and all of a class that has none."""
    good = s >= 0
    lost = ~np.isin(y, y[good])
    return np.flatnonzero(good | lost)


def _tolerance(x: np.ndarray, y: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """For each row the mean S of the kept samples of other classes, in rivalry with it; 0 without such.  -> n"""
    own = distances(x[kept], rivals(x[kept], y[kept]).own)
    out = np.zeros(len(y))
    for rows in blocks(0, len(kept), len(kept)):
        s = similarity(own, apart(x[kept[rows]], x[kept]))
        others = y[kept[rows]][:, None] != y[kept]
        out[kept[rows]] = (s * others).sum(axis=1) / np.maximum(others.sum(axis=1), 1)
    return out


def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distances.  n d, m d -> n m"""
    squares = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1) - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0))


def _of_class(
    x: np.ndarray, other: np.ndarray, tolerance: np.ndarray, rows: np.ndarray, similar: float, alone: int
) -> np.ndarray:
    """The prototypes among the samples of one class.  other: of each, the distance to its rival."""
    s = similarity(apart(x, x), other)  # of the column's sample with the row's as its prototype
    np.fill_diagonal(s, 1)
    left, chosen, covers = np.ones(len(x), dtype=bool), [], []
    while left.any():
        defence = s[:, left].mean(axis=1)
        best = int(np.argmax(np.where(left, defence + tolerance, -np.inf)))
        covered = left & (s[best] >= similar)
        chosen.append(best)
        covers.append(int(covered.sum()))
        left &= ~covered
    most = max(covers)
    return rows[[c for c, n in zip(chosen, covers, strict=True) if n > alone or n == most]]
