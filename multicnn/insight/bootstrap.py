"""How far a metric may be trusted: bootstrap intervals, and paired comparison of two models on the same samples.

Efron 1979, doi.org/10.1214/aos/1176344552. A resample is told by how often it draws each sample.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

DRAWS = 1_000
LEVEL = 0.95
COST = 2e9  # numbers touched at most; larger splits take fewer draws


class Measured(Protocol):
    """A task, as far as measuring goes."""

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]: ...

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray: ...


def measure(task: Measured, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """All metrics and the mean loss, each sample counted `weight` times."""
    return {**task.metrics(judged, y, weight), "loss": float(np.average(task.losses(judged, y), weights=weight))}


def intervals(task: Measured, judged: np.ndarray, y: np.ndarray, *, seed: int = 0) -> dict[str, list[float]]:
    """The 95 % percentile interval of every metric."""
    found = [measure(task, judged, y, weight) for weight in resamples(len(y), draws(judged), seed)]
    edges = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    return {name: np.quantile([f[name] for f in found], edges).tolist() for name in found[0]}


def paired(
    task: Measured, first: np.ndarray, second: np.ndarray, y: np.ndarray, *, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """For every metric both values, their difference (second - first) with its interval, and a two-sided p-value."""
    found = []
    for weight in resamples(len(y), draws(first) // 2, seed):
        a, b = measure(task, first, y, weight), measure(task, second, y, weight)
        found.append({name: b[name] - a[name] for name in a})
    a, b = measure(task, first, y), measure(task, second, y)
    return {name: _compared(a[name], b[name], np.array([f[name] for f in found])) for name in a}


def _compared(first: float, second: float, differences: np.ndarray) -> dict[str, Any]:
    below, above = (differences <= 0).mean(), (differences >= 0).mean()
    interval = np.quantile(differences, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    p = float(min(1.0, 2 * min(below, above)))
    return {"first": first, "second": second, "difference": second - first, "interval": interval, "p": p}


def draws(answer: np.ndarray) -> int:
    """How many resamples a split of this size can pay for."""
    return int(np.clip(COST / max(1, answer.size * 10), 200, DRAWS))


def resamples(n: int, times: int, seed: int) -> Iterator[np.ndarray]:
    """How often each of `n` samples is drawn when `n` are drawn with replacement."""
    random = np.random.default_rng(seed)
    for _ in range(times):
        yield np.bincount(random.integers(0, n, n), minlength=n).astype(np.float64)
