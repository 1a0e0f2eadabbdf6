"""Recordings of any length in pieces that a net hears at once, and what is known of each piece."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from multicnn.audio.reader import SoundReader
from multicnn.audio.stream import stream
from multicnn.data.store import stamp
from multicnn.data.table import Table
from multicnn.errors import UsageError
from multicnn.tasks.tracks import HEAD

RECENT = 2  # recordings kept decoded, for their pieces are read one after the other


@dataclass(frozen=True, kw_only=True)
class PieceReader:
    """Reads `seconds` of a recording at `rate` (Hz), followed by zeros where it ends.

    Pieces overlap by twice `context`, seconds that a piece hears and another answers for. item: a path and the number
    of the piece, `path NUL number`, or an array that has the rate already, of which the first piece is read.
    -> t, int16
    """

    rate: int
    seconds: float
    context: float = 0.0
    said: tuple[str, ...] = field(default=(), compare=False)

    window = None
    quantum = 1
    dtype = np.dtype(np.int16)

    def __post_init__(self) -> None:
        if not 0 <= 4 * self.context <= self.seconds:
            raise UsageError(f"context is {self.context} s of pieces of {self.seconds} s; give a quarter at most")
        if not round(self.seconds, 3) == self.seconds or not round(self.context, 3) == self.context:
            raise UsageError(f"pieces of {self.seconds} s, context {self.context} s; give whole milliseconds")
        self.whole()  # which refuses other values

    @property
    def shape(self) -> tuple[int]:
        return (round(self.seconds * self.rate),)

    @property
    def hop(self) -> float:
        """Seconds from a piece's begin to the next one's."""
        return round(self.seconds - 2 * self.context, 3)

    def whole(self) -> SoundReader:
        """What reads all of a sound."""
        return SoundReader(rate=self.rate, seconds=self.seconds)

    def files(self, item: Any) -> Sequence[str]:
        return () if isinstance(item, np.ndarray) else (os.fspath(item).partition("\0")[0],)

    def settings(self) -> dict[str, Any]:
        return {"rate": self.rate, "seconds": self.seconds, "context": self.context}

    def __call__(self, item: Any) -> np.ndarray:
        if isinstance(item, np.ndarray):
            return self._filled(self.whole()(item)[: self.shape[0]])
        path, _, number = os.fspath(item).partition("\0")
        start = self.start(int(number or 0))
        return self._filled(_recent(self.whole(), path, stamp([path]))[start : start + self.shape[0]])

    def start(self, number: int) -> int:
        """The first sample of a piece."""
        return number * round(self.hop * self.rate)

    def count(self, samples: int) -> int:
        """How many pieces hold a recording of so many samples, one at least."""
        return 1 + max(0, -(-(samples - self.shape[0]) // self.start(1)))

    def pieces(self, item: Any) -> Iterator[np.ndarray]:
        """The pieces of a file, which is never in memory as a whole, or of an array."""
        yield from (self._filled(samples) for samples in self.heard(item))

    def heard(self, item: Any) -> Iterator[np.ndarray]:
        """The same without the zeros behind the end."""
        if isinstance(item, np.ndarray):
            sound = self.whole()(item)
            for number in range(self.count(len(sound))):
                yield sound[self.start(number) : self.start(number) + self.shape[0]]
            return
        twice = self.shape[0] - self.start(1)
        for piece in stream(item, rate=self.rate, chunk=self.start(1), context=twice):
            if piece.start and len(piece.samples) - piece.before <= twice:
                return  # the piece before has it all
            yield piece.samples[piece.before :]

    def _filled(self, sound: np.ndarray) -> np.ndarray:
        out = np.zeros(self.shape, dtype=np.int16)
        out[: len(sound)] = sound
        return out

    def share(self, number: int, held: float, *, last: bool) -> tuple[float, float]:
        """From where to where a piece answers, in its own seconds; `held`: that it holds."""
        return (self.context if number else 0.0), (held if last else round(self.seconds - self.context, 3))


@lru_cache(maxsize=RECENT)
def _recent(reader: SoundReader, path: str, version: str) -> np.ndarray:
    return reader(path)


@dataclass(frozen=True, kw_only=True)
class EventReader:
    """Reads what is known of pieces, as `multicnn.tasks.tracks` describes it; item: see `cut`.

    most: events of a piece.  -> HEAD + most 3, float32
    """

    classes: Sequence[str]
    most: int

    window = None
    quantum = 1
    said: tuple[str, ...] = field(default=(), init=False, compare=False)
    dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        return (HEAD + self.most, 3)

    def files(self, item: str) -> Sequence[str]:
        return ()

    def settings(self) -> dict[str, Any]:
        return {"classes": list(self.classes), "most": self.most}

    def __call__(self, item: str) -> np.ndarray:
        answer = json.loads(item.rpartition("\0")[2])
        out = np.full(self.shape, np.nan, dtype=np.float32)
        out[HEAD:, 0] = -1
        out[:HEAD] = answer["head"]
        for line, (c, *times) in zip(out[HEAD:], answer["events"], strict=False):
            line[0] = self.classes.index(c)
            line[1:] = [np.nan if t is None else t for t in times]
        return out


def plan_events(table: Table, reader: Any) -> EventReader:
    """What is known of a table's pieces."""
    assert table.answer is not None
    most = max(1, *(len(json.loads(str(line))["events"]) for line in table.answer))
    return EventReader(classes=table.classes, most=most)
