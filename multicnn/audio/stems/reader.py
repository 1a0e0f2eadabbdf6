"""Mixtures and stems as 16-bit samples at one rate, long ones in windows; and, to separate, in overlapping pieces."""

import json
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from multicnn.audio import reader as sounds
from multicnn.audio.reader import SoundReader
from multicnn.audio.stems import track as read
from multicnn.audio.stream import stream
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError

WINDOW = 4.0  # s, unless the user asks for more
AROUND = 0.25  # of the window, on each side of a piece, that a net hears beside it
WHOLE = 4096  # samples: pieces begin at multiples where they can, as the cells of nets and transforms do


@dataclass(frozen=True, kw_only=True)
class MixtureReader:
    """Reads a mixture as `SoundReader` reads a sound; a net hears windows of `seconds` of it.

    item: a file, or a track whose stems are summed, see `track`. context: seconds heard on both sides of each piece
    when it is separated, and left out of the answer; 0: a quarter of the window.
    -> t, int16
    """

    rate: int
    seconds: float
    context: float = 0.0
    said: tuple[str, ...] = field(default=(), compare=False)

    quantum = 1
    shape = None
    dtype = np.dtype(np.int16)

    def __post_init__(self) -> None:
        SoundReader(rate=self.rate, seconds=self.seconds)  # which refuses what is no rate and no length
        if not 0 <= self.context < self.seconds / 2:
            raise UsageError(f"reader.context is {self.context} s of a window of {self.seconds} s; give less than half")

    @property
    def window(self) -> int:
        """Samples that the net hears at once."""
        return round(self.seconds * self.rate)

    @property
    def around(self) -> int:
        """Samples on each side of a piece."""
        return self._cut[0]

    @property
    def piece(self) -> int:
        """Samples that are separated at once, without what is heard around them."""
        return self._cut[1]

    @property
    def _cut(self) -> tuple[int, int]:
        """Both as multiples of as large a power of two as leaves half of the piece that was asked for."""
        wanted = (self.context or AROUND * self.seconds) * self.rate
        whole = WHOLE
        while whole > 1:
            around = math.ceil(wanted / whole) * whole
            piece = (self.window - 2 * around) // whole * whole
            if 2 * piece >= self.window - 2 * wanted:
                return around, piece
            whole //= 2
        around = min(round(wanted), (self.window - 1) // 2)
        return around, self.window - 2 * around

    def files(self, item: Any) -> Sequence[str]:
        if read.is_told(item):
            return read.files(json.loads(item))
        return () if isinstance(item, np.ndarray) else (os.fspath(item),)

    def settings(self) -> dict[str, Any]:
        return {"rate": self.rate, "seconds": self.seconds, "context": self.context}

    def __call__(self, item: Any) -> np.ndarray:
        if read.is_told(item):
            return read.mixture(json.loads(item), self.rate)
        return SoundReader(rate=self.rate, seconds=self.seconds)(item)

    def pieces(self, item: Any) -> Iterator[np.ndarray]:
        """Pieces end to end, each with what lies around it; of a file in memory that does not grow with it.  -> t"""
        if isinstance(item, np.ndarray) or read.is_told(item):
            sound = self(item)
            for start in range(0, len(sound), self.piece):
                yield sound[max(0, start - self.around) : start + self.piece + self.around]
            return
        for part in stream(item, rate=self.rate, chunk=self.piece, context=self.around):
            yield part.samples

    def inside(self, answers: Iterator[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Of the answers to pieces what lies around each before it, and the piece itself.  s t each -> s b, s t"""
        for number, answer in enumerate(answers):
            before = min(self.around, number * self.piece)
            yield answer[:, :before], answer[:, before : before + self.piece]


@dataclass(frozen=True, kw_only=True)
class StemReader:
    """Reads the stems of a track, and what its mixture's file holds beside them, step by step.

    classes: names of the stems. rest: whether there are files of mixtures at all. The stems and the rest add up to the
    mixture, but for clipping.  -> t (s + rest), int16
    """

    classes: Sequence[str]
    rate: int
    rest: bool

    window = None
    quantum = 1
    shape = None
    dtype = np.dtype(np.int16)
    said: tuple[str, ...] = field(default=(), init=False, compare=False)

    @property
    def width(self) -> int:
        return len(self.classes) + self.rest

    def files(self, item: str) -> Sequence[str]:
        return read.files(json.loads(str(item).rpartition("\0")[2]))

    def settings(self) -> dict[str, Any]:
        return {"classes": list(self.classes), "rate": self.rate, "rest": self.rest}

    def __call__(self, item: str) -> np.ndarray:
        track = json.loads(str(item).rpartition("\0")[2])
        found = read.stems(track, self.classes, self.rate)
        if not found.shape[1]:
            name = next(iter(read.files(track)), "stems without sounds")
            raise DataError(f"{name}: a track without a sample; leave it out with --on-bad skip")
        if self.rest:
            whole = read.mixture(track, self.rate).astype(np.int32)
            beside = (whole - found.sum(0, dtype=np.int32)).clip(-32768, 32767).astype(np.int16)
            found = np.concatenate([found, beside[None]])
        return np.ascontiguousarray(found.T).ravel()


def plan_reader(
    table: Table,
    rows: np.ndarray,
    *,
    sample_rate: int | None = None,
    seconds: float | None = None,
    context: float = 0.0,
) -> MixtureReader:
    """A reader for a set of mixtures; rate and window left open as in `multicnn.audio.reader.plan_reader`, but 4 s.

    Raises DataError where none of the training mixtures can be read.
    """
    found = [*read.tracks([str(text) for text in _answers(table)])]
    named = replace(table, items=strings((read.files(t) or [""])[0] for t in found))
    planned = sounds.plan_reader(named, rows, sample_rate=sample_rate, seconds=seconds)
    lengths = [found[row]["seconds"] for row in rows if found[row]["seconds"]]
    if seconds is None:
        seconds = min(WINDOW, min(lengths) if lengths else planned.seconds)
    heard = f"mixtures are heard in windows of {seconds:.3g} s; set another with --seconds"
    said = (planned.said[0], heard)
    return MixtureReader(rate=planned.rate, seconds=float(seconds), context=float(context), said=said)


def plan_answer(table: Table, reader: Any) -> StemReader:
    """The stems of a table's mixtures, at the rate that `reader` reads those."""
    rest = any(track["mixture"] for track in read.tracks([str(text) for text in _answers(table)]))
    return StemReader(classes=table.classes, rate=reader.rate, rest=rest)


def _answers(table: Table) -> np.ndarray:
    assert table.answer is not None
    return table.answer
