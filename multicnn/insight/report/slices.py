"""How good it is on parts of what was measured, told apart by any column."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from multicnn.insight.bootstrap import LEVEL, Measured, resamples
from multicnn.insight.page import Html, paragraph, section, span, table, tag
from multicnn.names import find

SMALL = 30  # samples below which a slice tells little
MOST = 20  # slices of one column; the rarest are taken together
BINS = 4  # that numbers are cut into
DRAWS = 200  # resamples of a slice
USUAL = 5  # columns that are told apart unasked
FEW = 12  # values that such a column has at most

Score = Callable[[np.ndarray], tuple[float, float, float]]
"""Places of samples -> how good the answers to them are, and its 95 % interval."""


class Slice(NamedTuple):
    """Samples that have a value in common, how good the answers to them are, and its interval."""

    value: str
    n: int
    score: float
    low: float
    high: float

    @property
    def small(self) -> bool:
        return self.n < SMALL


def sliced(values: np.ndarray, score: Score) -> list[Slice]:
    """A slice a value, or of many numbers a slice a quarter of the samples, in their order.  n strings"""
    return [Slice(name, len(rows), *score(rows)) for name, rows in parted(values)]


def parted(values: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Values and the places of the samples that have them.  n strings"""
    names, place, counts = np.unique(_plain(values), return_inverse=True, return_counts=True)
    numbers = _numbers(names) if len(names) > FEW else None
    if numbers is not None:
        return _by_range(numbers[place])
    order = np.argsort(-counts, kind="stable")
    kept, rest = (order, order[:0]) if len(order) <= MOST else (order[: MOST - 1], order[MOST - 1 :])
    found = [(str(names[k]) or "(empty)", np.flatnonzero(place == k)) for k in kept]
    return [*found, *([(f"{len(rest):,} other values", np.flatnonzero(np.isin(place, rest)))] if len(rest) else [])]


def _numbers(names: np.ndarray) -> np.ndarray | None:
    """The values as numbers, NaN for none; None where another is no number."""
    try:
        found = np.array([float(name) if name else np.nan for name in names])
    except ValueError:
        return None
    return None if np.isinf(found).any() or np.isnan(found).all() else found


def _by_range(numbers: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Cut at the quarters; a slice of those that are no number.  n"""
    edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, BINS + 1)))
    place = np.clip(np.searchsorted(edges, numbers, side="left") - 1, 0, len(edges) - 2)
    found = []
    for k in range(len(edges) - 1):
        rows = np.flatnonzero((place == k) & ~np.isnan(numbers))
        found.append((f"{'above ' if k else ''}{edges[k]:g} to {edges[k + 1]:g}", rows))
    none = np.flatnonzero(np.isnan(numbers))
    return [(name, rows) for name, rows in [*found, ("(empty)", none)] if len(rows)]


def of_shares(right: np.ndarray) -> Score:
    """The share of right answers, with Wilson's interval, which holds for few samples too. Wilson 1927, JASA 22.  n"""

    def score(rows: np.ndarray) -> tuple[float, float, float]:
        return float(right[rows].mean()), *wilson(int(right[rows].sum()), len(rows))

    return score


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    z = 1.959963984540054  # of the normal distribution, at LEVEL
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def of_metric(task: Measured, judged: np.ndarray, y: np.ndarray, key: str) -> Score:
    """One of a task's metrics, with its interval by the bootstrap.  n ..., n ..."""

    def score(rows: np.ndarray) -> tuple[float, float, float]:
        own, true = judged[rows], y[rows]
        found = [task.metrics(own, true, weight)[key] for weight in resamples(len(rows), DRAWS, 0)]
        low, high = np.nanquantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
        return task.metrics(own, true)[key], low, high

    return score


def usual(columns: Mapping[str, np.ndarray], labels: np.ndarray) -> list[str]:
    """Columns that tell samples apart by two to twelve values, and are not the labels themselves."""
    plain = {name: _plain(values) for name, values in columns.items()}
    found = [name for name, v in plain.items() if 2 <= len(np.unique(v)) <= FEW]
    return [name for name in found if not np.array_equal(plain[name], _plain(labels))][:USUAL]


def _plain(values: np.ndarray) -> np.ndarray:
    """As strings of one width, which can be sorted by all of NumPy."""
    return np.array([str(v) for v in values.tolist()], dtype=str)


def chosen(columns: Mapping[str, np.ndarray], names: Sequence[str]) -> dict[str, np.ndarray]:
    """The columns of these names. Raises UsageError with near names."""
    return {name: find("column to slice by", columns, name) for name in dict.fromkeys(names)}


def shown(found: Mapping[str, Sequence[Slice]], key: str, why: str = "") -> Html:
    """A table a column. why: there are none."""
    parts: list[Html] = []
    for name, slices in found.items():
        rows = [[one.value, one.n, one.score, span(one.low, one.high), "small" if one.small else ""] for one in slices]
        parts += [tag("h3", name), table([name, "samples", key, "95 % interval", ""], rows)]
    note = f"small: fewer than {SMALL} samples, of which little can be said." if parts else why
    return section("Slices", *parts, paragraph(note, kind="note"))
