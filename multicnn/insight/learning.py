"""A learning curve: how the error falls with more training samples, and how far that may be trusted.

error(n) = limit + scale n^-exponent, as Hestness et al. 2017, arXiv 1712.00409, and Mahmood et al. 2022, arXiv
2207.01725, who find that few points predict little: hence the ranges, and no forecast under four points or of points
that do not follow such a law.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

LEAST = 4  # numbers of samples that a curve is fitted to
DRAWS = 1_000
EXPONENTS = np.geomspace(0.05, 2.0, 120)
EDGES = (0.025, 0.975)
SMALLEST = 1e-6  # deviation of a score
PARAMETERS = 3  # of the law
Z95 = 1.959964


class Point(NamedTuple):
    """A run: how many samples it learnt from, its score, and the 95 % interval of that by its validation part."""

    n: int
    score: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Curve:
    """Fits to the points, and to draws from what they might have been.

    sign: 1 where a lower score is better, else -1.  top: the score without error.  limit, scale, exponent: of the
    points themselves first, then of the draws, with n in units of `unit`.  reached: the mean score with the most
    samples, measured first, then of the draws.
    """

    sign: int
    top: float
    unit: float
    limit: np.ndarray
    scale: np.ndarray
    exponent: np.ndarray
    reached: np.ndarray

    def at(self, n: float) -> np.ndarray:
        """The scores with so many samples, of every fit.  -> (1 + draws,)"""
        return self.top + self.sign * (self.limit + self.scale * (n / self.unit) ** -self.exponent)

    def score(self, n: float) -> tuple[float, float, float]:
        """The fitted score and its 95 % range."""
        return spread(self.at(n))

    def gain(self, more: float) -> tuple[float, float, float]:
        """What the score changes from the one measured with the most samples to that of `more`, and the 95 % range."""
        return spread(self.at(more) - self.reached)


def spread(values: np.ndarray) -> tuple[float, float, float]:
    """The first, and the 95 % range of the others around it."""
    low, high = np.quantile(values[1:], EDGES)
    return float(values[0]), float(min(low, values[0])), float(max(high, values[0]))


def fit(points: Sequence[Point], *, lower_is_better: bool, bounded: bool, seed: int = 0) -> Curve | None:
    """The power law of least weighted squares, and as many of drawn scores; None under four numbers of samples.

    bounded: whether no score is better than 1, or than 0 where lower is better. Each draw takes the runs of each number
    of samples with replacement, and moves each mean by the deviation that its validation part leaves, all
    independently: parts in common make that too wide rather than too narrow. Where the points lie farther from the law
    than that, the deviations grow by as much (Birge 1932, doi.org/10.1103/PhysRev.40.207).
    """
    sizes = np.unique([p.n for p in points])
    if len(sizes) < LEAST:
        return None
    sign, top = (1, 0.0) if lower_is_better else (-1, 1.0 if bounded else max(p.score for p in points))
    runs = [np.array([sign * (p.score - top) for p in points if p.n == n]) for n in sizes]
    widths = np.array([np.mean([p.high - p.low for p in points if p.n == n]) for n in sizes])
    deviation = np.maximum(widths / (2 * Z95), max(SMALLEST, widths.max() / 40))
    x, y = sizes / sizes.max(), np.array([[r.mean() for r in runs]])
    first = power_laws(x, y, deviation**-2, free=not bounded)
    missed = (y - first[0] - first[1] * x ** -first[2])[0] / deviation
    deviation = deviation * max(1.0, float(missed @ missed) / (len(sizes) - PARAMETERS)) ** 0.5
    random = np.random.default_rng(seed)
    drawn = np.stack([r[random.integers(0, len(r), (DRAWS, len(r)))].mean(axis=1) for r in runs], axis=1)
    drawn += random.normal(size=drawn.shape) * deviation
    drawn = drawn.clip(0) if bounded else drawn
    others = power_laws(x, drawn, deviation**-2, free=not bounded)
    laws = (np.concatenate(pair) for pair in zip(first, others, strict=True))
    reached = top + sign * np.concatenate([y[:, -1], drawn[:, -1]])
    return Curve(sign, top, float(sizes.max()), *laws, reached=reached)


def trendless(points: Sequence[Point], curve: Curve) -> str:
    """Why a curve is not to be continued: scores that do not get better, or a law that misses the last; else empty."""
    least, most = min(p.n for p in points), max(p.n for p in points)
    (first, before), (last, after) = (mean(points, n) for n in (least, most))
    if curve.scale[0] <= 0 or curve.sign * (first - last) <= np.hypot(before, after):
        return f"{first:.4f} from {least:,} samples and {last:.4f} from {most:,} differ no more than by chance"
    if abs((told := curve.score(most)[0]) - last) > after:
        return f"a power law gives {told:.4f} for {most:,} samples, and {last:.4f} +- {after:.4f} is measured"
    return ""


def mean(points: Sequence[Point], n: int) -> tuple[float, float]:
    """Of the runs on n samples, the mean score and half the mean interval."""
    chosen = [p for p in points if p.n == n]
    return float(np.mean([p.score for p in chosen])), float(np.mean([p.high - p.low for p in chosen])) / 2


def power_laws(x: np.ndarray, y: np.ndarray, weight: np.ndarray, *, free: bool) -> tuple[np.ndarray, ...]:
    """limit, scale >= 0 and exponent of the least weighted squares for each row of y; limit >= 0 unless `free`.

    For a given exponent the other two are a straight line's; of a fine grid of exponents the best is taken.
    (p,), d p, (p,) -> (d,), (d,), (d,)
    """
    best = [np.full(len(y), np.inf), *(np.zeros(len(y)) for _ in range(3))]
    total = weight.sum()
    for exponent in EXPONENTS:
        z = x**-exponent
        mean_z, mean_y = weight @ z / total, y @ weight / total
        slope = ((y - mean_y[:, None]) * (z - mean_z)) @ weight / ((z - mean_z) ** 2 @ weight)
        limit = mean_y - slope * mean_z
        if not free:  # the corner of the two bounds that is best
            through = np.maximum(y @ (weight * z) / (weight @ z**2), 0.0)
            slope, limit = np.where(limit < 0, through, slope), np.maximum(limit, 0.0)
        flat = slope < 0
        slope, limit = np.where(flat, 0.0, slope), np.where(flat, mean_y, limit)
        cost = ((y - limit[:, None] - slope[:, None] * z) ** 2) @ weight
        better = cost < best[0]
        for column, value in zip(best, (cost, limit, slope, np.full(len(y), exponent)), strict=True):
            column[better] = value[better]
    return tuple(best[1:])
