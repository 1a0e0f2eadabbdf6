"""The polyphonic sound detection score, exact: over all thresholds that change anything.

Bilen, Ferroni, Tuveri, Azcarreta, Krstulovic 2020, arXiv 1910.08440; exact: Ebbers, Haeb-Umbach, Serizel 2022,
arXiv 2201.13148. A detection that truth covers by a share `dtc` is right, a true event that right detections cover by
`gtc` is found, a wrong one that another class's truth covers by `cttc` is a cross trigger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from multicnn.tasks.spans import overlaps

DECIMALS = 6  # of shared lengths: a share that is met exactly is met
HOUR = 3600.0
AT_ONCE = 1 << 24  # cells times thresholds


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Shares, the weights of cross triggers (ct) and of the classes' deviation (st), and the most errors an hour."""

    dtc: float
    gtc: float
    cttc: float | None
    ct: float
    st: float
    most: float = 100.0


PSDS1 = Scenario(dtc=0.7, gtc=0.7, cttc=None, ct=0.0, st=1.0)  # DCASE's: react fast, place precisely
PSDS2 = Scenario(dtc=0.1, gtc=0.1, cttc=0.3, ct=0.5, st=1.0)  # DCASE's: confuse no classes


@dataclass(frozen=True, eq=False)
class Changes:
    """What lowering the threshold below a score changes in one class: found, wrong, cross triggers of each class.

    score: n.  sound: n, its number.  found, wrong: n.  crossed: n k.
    """

    score: np.ndarray
    sound: np.ndarray
    found: np.ndarray
    wrong: np.ndarray
    crossed: np.ndarray


def changes(
    scores: np.ndarray, edges: np.ndarray, true: Sequence[np.ndarray], own: int, sound: int, scenario: Scenario
) -> Changes:
    """Of one class `own` in one sound.

    scores: t, of its cells, whose borders are edges: t + 1 seconds.  true: the spans of each class, without overlap.
    """
    levels = np.unique(scores)
    step = max(1, AT_ONCE // max(1, len(scores)))
    parts = [
        _counts(scores, edges, true, own, levels[i : i + step], scenario) for i in range(0, len(levels), step)
    ] or [np.zeros((0, 2 + len(true)))]
    counts = np.concatenate(parts)
    delta = counts - np.concatenate([counts[1:], np.zeros_like(counts[:1])])
    kept = delta.any(1)
    delta = delta[kept]
    return Changes(levels[kept], np.full(len(delta), sound), delta[:, 0], delta[:, 1], delta[:, 2:])


def _counts(
    scores: np.ndarray,
    edges: np.ndarray,
    true: Sequence[np.ndarray],
    own: int,
    levels: np.ndarray,
    scenario: Scenario,
) -> np.ndarray:
    """Found, wrong and cross triggers of each class, where what reaches a level is detected.  -> levels 2 + k"""
    row, said = detections(scores, edges, levels)
    return count(row, said, true, own, len(levels), scenario)


def detections(scores: np.ndarray, edges: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All runs of cells that reach each level: the level's number, and begin and end.  t, t + 1, l -> n, n 2"""
    active = np.zeros((len(levels), len(scores) + 2), dtype=np.int8)
    active[:, 1:-1] = scores >= levels[:, None]
    change = np.diff(active, axis=1)
    row, first = np.nonzero(change == 1)
    behind = np.nonzero(change == -1)[1]
    return row, np.column_stack([edges[first], edges[behind]])


def count(
    row: np.ndarray, said: np.ndarray, true: Sequence[np.ndarray], own: int, levels: int, scenario: Scenario
) -> np.ndarray:
    """The counts of detections `said`, each at its level `row`.  n, n 2 -> levels 2 + k"""
    length = said[:, 1] - said[:, 0]
    shared = overlaps(said, true[own])
    right = shared.sum(1).round(DECIMALS) >= (scenario.dtc * length).round(DECIMALS)
    wanted = (scenario.gtc * (true[own][:, 1] - true[own][:, 0])).round(DECIMALS)
    found = np.zeros(levels)
    for part, need in zip(shared.T, wanted, strict=True):
        found += np.bincount(row, part * right, levels).round(DECIMALS) >= need
    wrong = np.bincount(row, ~right, levels)
    crossed = np.zeros((levels, len(true)))
    for other, spans in enumerate(true):
        if scenario.cttc is not None and other != own and len(spans):
            other_shared = (overlaps(said, spans).sum(1) * ~right).round(DECIMALS)
            crosses = other_shared >= (scenario.cttc * length).round(DECIMALS)
            crossed[:, other] = np.bincount(row, crosses, levels)
    return np.column_stack([found, wrong, crossed])


def joined(several: Sequence[Changes]) -> Changes:
    """The changes of all sounds in one class, from the highest score to the lowest."""
    names = ("score", "sound", "found", "wrong", "crossed")
    columns = [np.concatenate([getattr(c, name) for c in several]) for name in names]
    order = np.argsort(-columns[0], kind="stable")
    return Changes(*[column[order] for column in columns])


def curve(
    own: int, all_changes: Changes, weight: np.ndarray, events: np.ndarray, lengths: np.ndarray, hours: float,
    scenario: Scenario,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Errors an hour, ascending, and the share of found events of one class.

    Classes without true events cross nothing.  weight: how often each sound counts.  events, lengths: number and
    seconds of each class's truth, so weighted.  hours: of all sounds.
    """
    times = weight[all_changes.sound]
    last = np.concatenate([np.diff(all_changes.score) != 0, [True]]) if len(times) else np.zeros(0, bool)

    def total(delta: np.ndarray) -> np.ndarray:
        return np.concatenate([[0.0], np.cumsum(delta * times)[last]])

    found = total(all_changes.found) / max(events[own], 1)
    errors = total(all_changes.wrong) / hours
    others = [o for o in range(len(events)) if o != own and events[o]]
    if scenario.ct and others:
        rates = [total(all_changes.crossed[:, o]) / lengths[o] for o in others]
        errors = errors + scenario.ct * HOUR * np.mean(rates, axis=0)
    order = np.lexsort((found, errors))
    found, errors = np.maximum.accumulate(found[order]), errors[order]
    kept = np.concatenate([np.diff(errors) > 0, [True]]) & (errors <= scenario.most)
    return errors[kept], found[kept]


def score(curves: Sequence[tuple[np.ndarray, np.ndarray]], scenario: Scenario) -> float:
    """The area under the curves' mean less `st` deviations, as a share of the whole; at least 0 everywhere."""
    errors = np.unique(np.concatenate([e for e, _ in curves]))
    found = np.stack([f[np.searchsorted(e, errors, side="right") - 1] for e, f in curves])
    height = np.maximum(found.mean(0) - scenario.st * found.std(0), 0)
    return float(height @ np.diff(np.concatenate([errors, [scenario.most]])) / scenario.most)
