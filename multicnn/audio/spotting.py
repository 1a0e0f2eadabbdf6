"""What occurs when in a sound much longer than a net's window: keywords in a recording, calls in a night.

The window moves on by small steps, its answers are smoothed, and what stays above a threshold is a span. Chen, Parada
and Heigold 2014, doi.org/10.1109/ICASSP.2014.6854370, who smooth and threshold the posteriors of a network in this way.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import numpy as np

from multicnn.audio.reader import SoundReader
from multicnn.audio.segment import item_header, segment
from multicnn.audio.stream import stream
from multicnn.errors import DataError, UsageError
from multicnn.train.task import Task
from multicnn.verbs.labels import Labelled, Span
from multicnn.verbs.modality import Ask

MUCH_LONGER = 10  # windows of sound, from which spans are looked for unless the user asks
STEPS = 8  # of a window, by which it moves on unless the user says how far
SURE = 0.5  # probability from which something occurs, unless the user says another
SMOOTHED = 0.125  # of a window, to both sides of the moment that an answer is smoothed for
APART = 0.5  # of a window, between the peaks of two spans; the lesser of two nearer ones is left out
AHEAD = 16  # windows of sound read at once
# Classes for what is none of the others
BACKGROUND = frozenset(
    ("_silence_", "silence", "background", "_background_", "_background_noise_", "_unknown_", "unknown")
)


class Window(NamedTuple):
    """start: its first sample.  step: whether it is one of the small steps.  whole: of those that cover the sound."""

    start: int
    step: bool
    whole: bool


class Run(NamedTuple):
    """A class that is above the threshold from step `first` to step `last`, and how high at its peak."""

    k: int
    first: int
    last: int
    peak: int
    probability: float


@dataclass(frozen=True)
class Spotting:
    """Spots classes in long sounds.

    every: s between looks; None: an eighth of the window, and only sounds of ten windows and more are looked through,
    else all that are longer than a window. threshold: of the smoothed probability. Raises UsageError out of range.
    """

    reader: SoundReader
    _: KW_ONLY
    every: float | None = None
    threshold: float | None = None

    def __post_init__(self) -> None:
        if self.every is not None and not 1 <= self.every * self.reader.rate <= self.reader.window:
            raise UsageError(
                f"--every {self.every}: seconds between looks; give more than 0 and at most {self.reader.seconds:g}, "
                "the window that the net hears at once"
            )
        if self.threshold is not None and not 0 < self.threshold < 1:
            raise UsageError(f"--threshold {self.threshold}: a probability lies between 0 and 1")

    @property
    def step(self) -> int:
        """Samples between looks."""
        return round(self.every * self.reader.rate) if self.every else max(1, self.reader.window // STEPS)

    def long(self, item: Any) -> bool:
        """Whether a sound is so long that it is looked through; one that cannot be read is left to the reader."""
        least = self.reader.seconds * (MUCH_LONGER if self.every is None else 1)
        if isinstance(item, np.ndarray):
            return len(item) > least * self.reader.rate
        try:
            return item_header(item).seconds > least
        except DataError:
            return False

    def spot(self, name: str, item: Any, task: Task, ask: Ask) -> Labelled:
        """The mean answer of the windows that cover the sound, as for short ones, and the spans."""
        placed: deque[Window] = deque()
        whole = Mean()
        steps = self._steps(ask(self._windows(item, placed)), placed, whole)
        smooth = smoothed(steps, round(SMOOTHED * self.reader.window / self.step))
        several = getattr(task, "several", False)
        heard = [k for k, c in enumerate(task.classes) if c.casefold() not in BACKGROUND]
        found = [r for r in runs(smooth, self.threshold or SURE, several=several) if r.k in heard]
        apart = APART * self.reader.window / self.step
        kept = [r for group in (by_class(found) if several else [found]) for r in strongest(group, apart)]
        spans = tuple(self._span(r, task.classes) for r in sorted(kept, key=lambda r: (r.first, r.k)))
        answer = whole.value()
        probabilities = dict(zip(task.classes, map(float, answer), strict=True))
        return Labelled(name, task.decode(answer[None])[0], probabilities, spans)

    def _span(self, run: Run, classes: Sequence[str]) -> Span:
        """In seconds: the middles of the first and the last window, and half a step around them."""
        middle = (self.reader.window - self.step) / 2
        onset, offset = ((step * self.step + middle) / self.reader.rate for step in (run.first, run.last + 1))
        return Span(onset, offset, classes[run.k], run.probability)

    def _windows(self, item: Any, placed: deque[Window]) -> Iterator[np.ndarray]:
        """Windows of a sound in the order of time, and in `placed` what each is for.  -> window, int16"""
        window = self.reader.window
        kept, first = np.zeros(0, np.int16), 0  # kept[0] is sample `first` of the sound
        places = starts(self.step, window)
        place = next(places)
        for block in self._blocks(item):
            kept = np.concatenate([kept, block])
            while place.start + window <= first + len(kept):
                yield self._cut(kept, first, place, placed)
                place = next(places)
            gone = max(0, min(place.start, first + len(kept) - window) - first)
            kept, first = kept[gone:], first + gone
        last = max(0, first + len(kept) - window)
        if last % window or place.start == 0:
            yield self._cut(kept, first, Window(last, place.start == 0, True), placed)

    def _cut(self, kept: np.ndarray, first: int, place: Window, placed: deque[Window]) -> np.ndarray:
        placed.append(place)
        sound = kept[place.start - first : place.start - first + self.reader.window]
        return np.pad(sound, (0, self.reader.window - len(sound)))

    def _blocks(self, item: Any) -> Iterator[np.ndarray]:
        """A sound end to end; arrays and pieces of files lie in memory.  -> t, int16"""
        if isinstance(item, np.ndarray) or segment(item).start is not None:
            yield self.reader(item)
            return
        chunk = AHEAD * self.reader.window
        for piece in stream(item, rate=self.reader.rate, chunk=chunk, context=0):
            yield piece.samples

    def _steps(self, answers: Iterable[np.ndarray], placed: deque[Window], whole: "Mean") -> Iterator[np.ndarray]:
        """The answers to the small steps; those that cover the sound go into `whole`."""
        for answer in answers:
            place = placed.popleft()
            if place.whole:
                whole.add(answer)
            if place.step:
                yield answer


@dataclass(eq=False)
class Mean:
    """A mean that grows."""

    total: np.ndarray | float = 0.0
    count: int = 0

    def add(self, value: np.ndarray) -> None:
        """One more."""
        self.total, self.count = self.total + value, self.count + 1

    def value(self) -> np.ndarray:
        """Of all so far."""
        return np.asarray(self.total / self.count)


def starts(step: int, window: int) -> Iterator[Window]:
    """Where windows begin, without end: every `step` samples, and end to end."""
    small = whole = 0
    while True:
        start = min(small, whole)
        yield Window(start, start == small, start == whole)
        small, whole = small + step * (start == small), whole + window * (start == whole)


def smoothed(answers: Iterable[np.ndarray], half: int) -> Iterator[np.ndarray]:
    """The mean of each answer with up to `half` on both sides, fewer at the ends."""
    near: deque[np.ndarray] = deque()
    behind = 0  # answers in `near` before the one that is due
    for answer in answers:
        near.append(answer)
        if len(near) > behind + half:
            yield np.mean(near, axis=0)
            behind += 1
            if behind > half:
                near.popleft()
                behind -= 1
    while behind < len(near):
        yield np.mean(near, axis=0)
        behind += 1
        if behind > half:
            near.popleft()
            behind -= 1


def runs(answers: Iterable[np.ndarray], threshold: float, *, several: bool) -> Iterator[Run]:
    """Where a class stays at `threshold` or above; of one label a moment only the likeliest class counts."""
    opened: dict[int, Run] = {}
    for step, answer in enumerate(answers):
        high = np.flatnonzero(answer >= threshold) if several else [int(answer.argmax())]
        now = {int(k) for k in high if answer[k] >= threshold}
        yield from (opened.pop(k) for k in sorted(opened.keys() - now))
        for k in now:
            run, p = opened.get(k, Run(k, step, step, step, 0.0)), float(answer[k])
            best = (step, p) if p > run.probability else (run.peak, run.probability)
            opened[k] = Run(k, run.first, step, *best)
    yield from (opened[k] for k in sorted(opened))


def by_class(found: Sequence[Run]) -> list[list[Run]]:
    """The runs of each class."""
    return [[r for r in found if r.k == k] for k in sorted({r.k for r in found})]


def strongest(found: Sequence[Run], apart: float) -> list[Run]:
    """Those without a stronger one whose peak is nearer than `apart` steps."""
    kept: list[Run] = []
    peaks: list[int] = []
    for run in sorted(found, key=lambda r: -r.probability):
        at = bisect_left(peaks, run.peak)
        if all(abs(run.peak - peak) >= apart for peak in peaks[max(0, at - 1) : at + 1]):
            insort(peaks, run.peak)
            kept.append(run)
    return kept
