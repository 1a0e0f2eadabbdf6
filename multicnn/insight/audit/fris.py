"""How typical a sample is of its class: the function of rival similarity (FRiS).

Zagoruiko, Borisova, Dyubanov and Kutnenko 2008, doi.org/10.1134/S1054661808010161, Pattern Recognition and Image
Analysis 18(1): S(u, x | x') = (rho(u, x') - rho(u, x)) / (rho(u, x') + rho(u, x)) is 1 where u is its own neighbour x,
0 half way between x and its rival x', and -1 where u is the rival.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

BLOCK = 16_000_000  # distances held at once: 64 MB


class Rivals(NamedTuple):
    """Of each of n samples: its similarity S, -1 to 1, and what that was measured against.

    own, other: the nearest sample of its own class, not itself, and that of any other class; -1 where there is none.
    """

    s: np.ndarray
    own: np.ndarray
    other: np.ndarray


def similarity(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """S from the distances to the own neighbour and to the rival.

    Equal distances, also two of 0, give 0; inf stands for a neighbour that does not exist: without an own one S is -1,
    without a rival 1, without either 0.
    """
    own, other = np.asarray(own), np.asarray(other)
    with np.errstate(invalid="ignore"):
        s = (other - own) / np.where(own + other > 0, own + other, 1)
    lone = np.isinf(other).astype(float) - np.isinf(own)
    return np.where(np.isinf(own) | np.isinf(other), lone, s)


def rivals(x: np.ndarray, y: np.ndarray) -> Rivals:
    """S of each sample against its nearest own and other neighbour, Euclidean.

    Neighbours are sought in single precision, their distances are then computed in double: of two neighbours that are
    equally near to six digits either may be taken. Memory does not grow with n * n.
    x: n d, finite.  y: (n,) class numbers
    """
    order = np.argsort(y, kind="stable")
    own, other = np.full(len(y), -1), np.full(len(y), -1)
    x = np.asarray(x, dtype=np.float64) - (x.mean(axis=0, dtype=np.float64) if len(x) else 0)  # less is cancelled
    for rows, found, rival in _nearest(x[order].astype(np.float32), y[order]):
        own[order[rows]] = np.where(found >= 0, order[found], -1)
        other[order[rows]] = np.where(rival >= 0, order[rival], -1)
    return Rivals(similarity(distances(x, own), distances(x, other)), own, other)


def distances(x: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Of each sample to that of row `to`; inf for -1.  n d, (n,) -> n"""
    return np.where(to >= 0, np.sqrt(np.square(x - x[to]).sum(axis=1)), np.inf)


def compactness(s: np.ndarray, y: np.ndarray, k: int) -> np.ndarray:
    """The mean S of each of k classes; NaN for a class without samples.  (n,), (n,) -> k"""
    count = np.bincount(y, minlength=k)
    return np.where(count, np.bincount(y, weights=s, minlength=k) / np.maximum(count, 1), np.nan)


def _nearest(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Rows, their nearest of the same and of another class, or -1.  x: sorted by y"""
    near = np.column_stack([-2 * x, np.square(x).sum(axis=1)]).T.copy()  # a row's own square is the same for all
    x = np.column_stack([x, np.ones(len(x), dtype=x.dtype)])
    edges = np.flatnonzero(np.diff(y, prepend=np.nan, append=np.nan))
    for first, last in pairwise(edges.tolist()):
        for rows in blocks(first, last, len(x)):
            d = x[rows] @ near
            d[np.arange(len(rows)), rows] = np.inf
            found = _least(d, [(first, last)]) if last - first > 1 else np.full(len(rows), -1)
            yield rows, found, _least(d, [(0, first), (last, len(x))])


def _least(d: np.ndarray, spans: list[tuple[int, int]]) -> np.ndarray:
    """The column of the smallest number of each row within the spans; -1 where they are empty."""
    best, at = np.full(len(d), np.inf), np.full(len(d), -1)
    for first, last in spans:
        if first < last:
            place = first + d[:, first:last].argmin(axis=1)
            least = np.take_along_axis(d, place[:, None], axis=1)[:, 0]
            at, best = np.where(least < best, place, at), np.minimum(least, best)
    return at


def blocks(first: int, last: int, wide: int) -> Iterator[np.ndarray]:
    """The rows from `first` to `last` in parts, so that a matrix of a part by `wide` is small."""
    step = max(1, BLOCK // max(1, wide))
    for start in range(first, last, step):
        yield np.arange(start, min(start + step, last))
