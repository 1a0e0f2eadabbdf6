"""Whether a classifier is as often right as it is sure."""

from typing import Any, NamedTuple

import numpy as np

from multicnn.tasks.metrics import log_loss
from multicnn.tasks.temperature import fit_temperature as fit_temperature  # which tasks need, below this layer

BINS = 15
SAID = 0.5  # probability from which one of several labels is said
CERTAIN = 0.95


class Bin(NamedTuple):
    """Answers that are about equally sure.

    low, high: of their confidence, low itself belongs to the bin below.  confidence, accuracy: means; NaN where n is 0.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def sureness(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How sure each answer is, and whether it is right: of one label the highest probability.

    Of several labels each known one is an answer: its probability, and whether the sample has it.
    n k, (n,) | n k -> m, m
    """
    if y.ndim == 2:
        return p[y >= 0], y[y >= 0] > 0
    return p.max(axis=1), p.argmax(axis=1) == y


def reliability(p: np.ndarray, y: np.ndarray, *, bins: int = BINS) -> list[Bin]:
    """The answers in bins of equal width by how sure they are, see `sureness`.  n k, (n,) | n k"""
    sure, right = sureness(p, y)
    return binned(sure, right, bins)


def binned(sure: np.ndarray, right: np.ndarray, bins: int) -> list[Bin]:
    """m, m -> the bins"""
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, bins - 1)
    n = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(place, v, minlength=bins) / n for v in (sure, right)]
    columns = (edges[:-1], edges[1:], n, *means)
    return [Bin(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def gap(bins: list[Bin]) -> float:
    """Mean distance of confidence and accuracy, each bin by its answers; 0 without any."""
    total = sum(b.n for b in bins)
    return sum(b.n * abs(b.confidence - b.accuracy) for b in bins if b.n) / max(total, 1)


def expected_calibration_error(p: np.ndarray, y: np.ndarray, *, bins: int = BINS) -> float:
    """Mean distance between how sure and how often right the answers are, over bins of equal width.

    Naeini, Cooper, Hauskrecht 2015, AAAI; of one label by the highest probability, as Guo et al. 2017, arXiv
    1706.04599.  n k, (n,) | n k -> 0 to 1
    """
    return gap(reliability(p, y, bins=bins))


def classwise_calibration_error(p: np.ndarray, y: np.ndarray, *, bins: int = BINS) -> float:
    """The same of each class's probability against how often it is the true one, and their mean.

    Kull et al. 2019, arXiv 1910.12656.  n k, (n,) | n k -> 0 to 1
    """
    known = y >= 0 if y.ndim == 2 else np.ones(p.shape, dtype=bool)
    true = y > 0 if y.ndim == 2 else y[:, None] == np.arange(p.shape[1])
    return float(np.mean([gap(binned(p[known[:, k], k], true[known[:, k], k], bins)) for k in range(p.shape[1])]))


def calibration(before: np.ndarray, after: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """What a temperature does to some answers: errors, losses, and the bins that a diagram shows.  n k, n k, ...

    changed: samples that are answered otherwise, as the mean over windows may be.
    """
    said = [p >= SAID if y.ndim == 2 else p.argmax(axis=1)[:, None] for p in (before, after)]
    found: dict[str, Any] = {"n": len(y), "changed": int((said[0] != said[1]).any(axis=1).sum())}
    for name, p in (("before", before), ("after", after)):
        found[f"ece_{name}"] = expected_calibration_error(p, y)
        found[f"ece_classwise_{name}"] = classwise_calibration_error(p, y)
        found[f"loss_{name}"] = float(log_loss(p, y).mean())
        found[f"reliability_{name}"] = [b._asdict() for b in reliability(p, y) if b.n]
    return found


class Coverage(NamedTuple):
    """What is answered, and how rightly, where only answers at least as sure as a threshold are given.

    An entry a threshold, the highest first.  answered: how many answers.  coverage: their share.  precision: share of
    them that is right.  floor: what the precision is at least, with 95 % certainty: Clopper and Pearson 1934,
    doi.org/10.1093/biomet/26.4.404, one-sided.
    """

    threshold: np.ndarray
    answered: np.ndarray
    coverage: np.ndarray
    precision: np.ndarray
    floor: np.ndarray


def coverage(p: np.ndarray, y: np.ndarray) -> Coverage:
    """Of several labels those count that are said, with a probability of at least 0.5.  n k, (n,) | n k"""
    sure, right = sureness(p, y)
    said = sure >= SAID if y.ndim == 2 else np.ones(len(sure), dtype=bool)
    return covered(sure[said], right[said])


def covered(sure: np.ndarray, right: np.ndarray) -> Coverage:
    """Of answers alike sure all are given, or none.  m, m"""
    order = np.argsort(-sure, kind="stable")
    sure, hits = sure[order], np.cumsum(right[order])
    last = np.flatnonzero(np.r_[sure[1:] != sure[:-1], True][: len(sure)])
    n, k = last + 1, hits[last]
    return Coverage(sure[last], n, n / max(len(sure), 1), k / n, at_least(k, n))


def at_least(k: np.ndarray, n: np.ndarray) -> np.ndarray:
    """The share that k of n prove with 95 % certainty, see `Coverage`."""
    from scipy.special import betaincinv

    return np.where(k > 0, betaincinv(np.maximum(k, 1), n - k + 1, 1 - CERTAIN), 0.0)


class Choice(NamedTuple):
    """A threshold, and what it means on the samples that it was chosen by, see `Coverage`."""

    threshold: float
    answered: int
    coverage: float
    precision: float
    floor: float


def choose(curve: Coverage, wanted: float) -> Choice | None:
    """The lowest threshold whose precision is `wanted` at least, with 95 % certainty; None where there is none.

    A threshold whose mere precision on these samples is `wanted` misses it on others about every second time.
    """
    good = np.flatnonzero(curve.floor >= wanted)
    return _entry(curve, int(good[-1])) if len(good) else None


def best(curve: Coverage) -> Choice | None:
    """The threshold that proves most; None without any answer."""
    return _entry(curve, int(curve.floor.argmax())) if len(curve.floor) else None


def _entry(curve: Coverage, at: int) -> Choice:
    t, n, c, p, f = (column[at] for column in curve)
    return Choice(float(t), int(n), float(c), float(p), float(f))
