"""How well events are found in recordings: counts of each recording first, so that any resample is quickly measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from multicnn.tasks import psds
from multicnn.tasks.metrics import curves, ratio
from multicnn.tasks.psds import PSDS1, PSDS2, Changes, Scenario
from multicnn.tasks.spans import matched, median, runs, segments
from multicnn.tasks.tracks import NOTHING, TIMES, Track

COLLAR = 0.2  # seconds that an onset may be off; an offset, too, or SHARE of the event's length where that is more
SHARE = 0.2
SEGMENT = 1.0  # seconds
HALF = Scenario(dtc=0.5, gtc=0.5, cttc=None, ct=0.0, st=0.0)  # of the F1 by intersection
CANDIDATES = np.linspace(0.02, 0.98, 49)  # thresholds
NEIGHBOURS = 15  # candidates whose mean F1 counts for the middle one; 0.04 better than 1 on halves of validation parts
MEDIANS = (0.0, 0.25, 0.4, 0.55, 0.8, 1.2)  # seconds
USUAL = (0.5, 0.3)  # threshold and median of which nothing is known
LEAST = 1e-12  # that F1 rises by where it does


@dataclass(frozen=True, eq=False)
class Counts:
    """Of n recordings and k classes; three numbers a class are what is right, what is said and what is true.

    first: n, the row of each one's first piece.  timed, tagged: n, whether times, or at least tags, are known.
    seconds: n.  events, segments, halves: n k 3, by collar, by segment, by half of their length.  errors: n 3,
    substituted, deleted and inserted segments.  lengths: n k, seconds of truth.  changes: of PSDS1 and PSDS2, a class
    each.  tags: n k scores.  present: n k.
    """

    first: np.ndarray
    timed: np.ndarray
    tagged: np.ndarray
    seconds: np.ndarray
    events: np.ndarray
    segments: np.ndarray
    halves: np.ndarray
    errors: np.ndarray
    lengths: np.ndarray
    changes: tuple[list[Changes], list[Changes]]
    tags: np.ndarray
    present: np.ndarray


def counted(tracks: Sequence[Track], thresholds: np.ndarray, medians: np.ndarray) -> Counts:
    """The counts of recordings whose scores are smoothed by `medians` seconds, then compared with `thresholds`.

    Where times are not known, all counts of times are 0.
    """
    k = len(thresholds)
    smooth = [smoothed(t, medians) for t in tracks]
    said = [[spans_of(s[c], t.edges, thresholds[c]) for c in range(k)] for s, t in zip(smooth, tracks, strict=True)]
    timed = np.array([t.known == TIMES for t in tracks], dtype=bool)

    def of(count: Callable[[Track, Sequence[np.ndarray]], np.ndarray], *shape: int) -> np.ndarray:
        each = [count(t, spans) if t.known == TIMES else np.zeros(shape) for t, spans in zip(tracks, said, strict=True)]
        return np.array(each).reshape(-1, *shape)

    return Counts(
        first=np.array([t.rows[0] for t in tracks], dtype=np.int64),
        timed=timed,
        tagged=np.array([t.known != NOTHING for t in tracks], dtype=bool),
        seconds=np.array([t.length for t in tracks]),
        events=of(by_collar, k, 3),
        segments=of(by_segments, k, 3),
        halves=of(by_half, k, 3),
        errors=of(segment_errors, 3),
        lengths=np.array([[(s[:, 1] - s[:, 0]).sum() for s in t.true] for t in tracks]).reshape(-1, k),
        changes=(score_changes(tracks, smooth, PSDS1), score_changes(tracks, smooth, PSDS2)),
        tags=np.array([t.tags for t in tracks]).reshape(-1, k),
        present=np.array([t.present for t in tracks], dtype=bool).reshape(-1, k),
    )


def smoothed(track: Track, medians: np.ndarray) -> np.ndarray:
    """The scores after a median filter of each class's own length in seconds.  -> k t"""
    return np.stack([median(own, odd(m / cell_of(track))) for own, m in zip(track.scores, medians, strict=True)])


def odd(cells: float) -> int:
    """The nearest odd number, at least 1."""
    return 2 * max(0, round((cells - 1) / 2)) + 1


def spans_of(scores: np.ndarray, edges: np.ndarray, threshold: float) -> np.ndarray:
    """The stretches whose score reaches the threshold, in seconds.  t, t + 1 -> n 2"""
    return edges[runs(scores >= threshold)]


def spoken(scores: np.ndarray, edges: np.ndarray, thresholds: np.ndarray, medians: np.ndarray) -> list[np.ndarray]:
    """The stretches that each class is said to sound.  k t, t + 1, k, k -> k times n 2"""
    cell = edges[1] if len(edges) > 1 else 1.0
    return [
        spans_of(median(own, odd(m / cell)), edges, threshold)
        for own, threshold, m in zip(scores, thresholds, medians, strict=True)
    ]


def by_collar(track: Track, said: Sequence[np.ndarray]) -> np.ndarray:
    """Events found within COLLAR; see `spans.near`.  -> k 3"""
    return np.array([
        (matched(t, s, COLLAR, SHARE), len(s), len(t)) for t, s in zip(track.true, said, strict=True)
    ])  # fmt: skip


def rolls(track: Track, said: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Active segments of truth and answer.  -> k n, k n"""
    true, answer = ([segments(s, track.length, SEGMENT) for s in spans] for spans in (track.true, said))
    return np.array(true), np.array(answer)


def by_segments(track: Track, said: Sequence[np.ndarray]) -> np.ndarray:
    """-> k 3"""
    true, answer = rolls(track, said)
    return np.stack([(true & answer).sum(1), answer.sum(1), true.sum(1)], axis=1)


def segment_errors(track: Track, said: Sequence[np.ndarray]) -> np.ndarray:
    """Substitutions, deletions and insertions, segment by segment over all classes.  -> 3"""
    true, answer = rolls(track, said)
    n_true, n_said, right = true.sum(0), answer.sum(0), (true & answer).sum(0)
    swapped = np.minimum(n_true, n_said) - right
    return np.array([swapped.sum(), (n_true - n_said).clip(0).sum(), (n_said - n_true).clip(0).sum()])


def by_half(track: Track, said: Sequence[np.ndarray]) -> np.ndarray:
    """True events that are half covered by answers that truth half covers; said: those, and other answers.  -> k 3"""
    found = [psds.count(np.zeros(len(s), int), s, track.true, c, 1, HALF)[0] for c, s in enumerate(said)]
    return np.array([(f[0], f[0] + f[1], len(t)) for f, t in zip(found, track.true, strict=True)])


def score_changes(tracks: Sequence[Track], smooth: Sequence[np.ndarray], scenario: Scenario) -> list[Changes]:
    """What the thresholds change in each class, over the recordings whose times are known."""
    k = len(smooth[0]) if smooth else 0
    each = [(i, t, s) for i, (t, s) in enumerate(zip(tracks, smooth, strict=True)) if t.known == TIMES]
    return [
        psds.joined([psds.changes(s[c], t.edges, t.true, c, i, scenario) for i, t, s in each]) if each else NO_CHANGES
        for c in range(k)
    ]


NO_CHANGES = Changes(np.zeros(0), np.zeros(0, int), np.zeros(0), np.zeros(0), np.zeros((0, 1)))


def measured(counts: Counts, weight: np.ndarray) -> dict[str, float]:
    """All metrics; `weight` is how often each recording counts.

    f1_event_200ms, f1_segment_1s and f1_intersection_50 are means over the classes that occur in truth or answer, the
    first also over all events (_micro); error_rate_segment_1s; psds1 and psds2 as DCASE sets them; map_recording: mean
    average precision of which classes occur.
    """
    once = weight * counts.timed
    events, halves, by_segment = (weighted(c, once) for c in (counts.events, counts.halves, counts.segments))
    wrong = (once[:, None] * counts.errors).sum()
    tagged = np.flatnonzero(counts.tagged & (weight > 0))
    precision, _ = curves(counts.tags[tagged], counts.present[tagged], weight[tagged])
    occurs = counts.present[tagged].any(0)
    return {
        "f1_event_200ms": macro(events),
        "f1_event_200ms_micro": float(f1(events.sum(0))),
        "f1_segment_1s": macro(by_segment),
        "error_rate_segment_1s": float(wrong / max(1.0, by_segment[:, 2].sum())),
        "f1_intersection_50": macro(halves),
        "psds1": detection_score(counts, 0, PSDS1, once),
        "psds2": detection_score(counts, 1, PSDS2, once),
        "map_recording": float(precision[occurs].mean()) if occurs.any() else 0.0,
    }


def weighted(counts: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """n k 3, n -> k 3"""
    return np.tensordot(weight, counts, axes=1)


def f1(counts: np.ndarray) -> np.ndarray:
    """2 right / (said + true), 0 where there is neither.  ... 3 -> ..."""
    return ratio(2 * counts[..., 0], counts[..., 1] + counts[..., 2])


def macro(counts: np.ndarray) -> float:
    """The mean over the classes that occur.  k 3 -> the number"""
    occurs = counts[:, 1:].any(1)
    return float(f1(counts)[occurs].mean()) if occurs.any() else 0.0


def detection_score(counts: Counts, which: int, scenario: Scenario, weight: np.ndarray) -> float:
    """See `psds`, of the classes that occur; 0 without a recording whose times are known."""
    hours = float(weight @ counts.seconds) / psds.HOUR
    if not hours:
        return 0.0
    events, lengths = weight @ counts.events[:, :, 2], weight @ counts.lengths
    occurs = np.flatnonzero(events)
    of = counts.changes[which]
    curves = [psds.curve(c, of[c], weight, events, lengths, hours, scenario) for c in occurs.tolist()]
    return psds.score(curves, scenario) if curves else 0.0


def by_class(counts: Counts) -> list[dict[str, float]]:
    """F1, precision and recall of events by the collar, F1 of segments, and true events, of each class."""
    once = counts.timed.astype(float)
    events, by_segment = weighted(counts.events, once), weighted(counts.segments, once)
    columns = zip(
        f1(events), ratio(events[:, 0], events[:, 1]), ratio(events[:, 0], events[:, 2]), f1(by_segment), events[:, 2],
        strict=True,
    )  # fmt: skip
    names = ("f1_event_200ms", "precision", "recall", "f1_segment_1s", "events")
    return [{name: float(v) for name, v in zip(names, row, strict=True)} for row in columns]


def best(tracks: Sequence[Track], thresholds: np.ndarray, medians: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Thresholds and medians, those that are NaN chosen for each class by itself.

    Of CANDIDATES and MEDIANS those with the highest F1 of events, see `around`; of equal ones the middle threshold and
    the shortest median. USUAL for a class without true events.
    k, k -> k, k
    """
    known = [t for t in tracks if t.known == TIMES]
    pairs = [best_of_class(known, c, thresholds[c], medians[c]) for c in range(len(thresholds))]
    return np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])


def best_of_class(tracks: Sequence[Track], c: int, threshold: float, seconds: float) -> tuple[float, float]:
    """Threshold and median of class c, as `best` chooses them."""
    open_threshold, open_median = bool(np.isnan(threshold)), bool(np.isnan(seconds))
    if not any(len(t.true[c]) for t in tracks):
        return (USUAL[0] if open_threshold else threshold), (USUAL[1] if open_median else seconds)
    top, chosen = -1.0, USUAL
    for length in MEDIANS if open_median else (seconds,):
        smooth = [median(t.scores[c], odd(length / cell_of(t))) for t in tracks]
        asked = CANDIDATES if open_threshold else np.array([threshold])
        scores = [f1(np.sum([one(t, s, c, x) for t, s in zip(tracks, smooth, strict=True)], axis=0)) for x in asked]
        scores = around(np.array(scores))
        if scores.max() > top + LEAST:
            top, good = scores.max(), asked[scores >= scores.max() - LEAST]
            chosen = (float(good[len(good) // 2]), float(length))
    return chosen


def around(scores: np.ndarray) -> np.ndarray:
    """The mean over NEIGHBOURS, the outermost repeated at the ends: a peak of one candidate is chance.  n -> n"""
    if len(scores) == 1:
        return scores
    wide = np.pad(scores, NEIGHBOURS // 2, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(wide, NEIGHBOURS).mean(1)


def cell_of(track: Track) -> float:
    """Seconds of its first cell."""
    return float(track.edges[1]) if len(track.edges) > 1 else 1.0


def one(track: Track, scores: np.ndarray, c: int, threshold: float) -> tuple[int, int, int]:
    """Right, said and true events of one class of one recording."""
    said = spans_of(scores, track.edges, threshold)
    return matched(track.true[c], said, COLLAR, SHARE), len(said), len(track.true[c])
