"""Speech as it is learnt: sounds in their own length, transcripts as numbers of units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from multicnn.audio.reader import SoundReader
from multicnn.audio.segment import segment
from multicnn.audio.speech.text import check_rules, plain
from multicnn.audio.speech.units import segmenter
from multicnn.audio.stream import stream
from multicnn.data.table import Table
from multicnn.errors import UsageError
from multicnn.tasks.ctc import PAD

SHORTEST, LONGEST = 0.2, 600.0  # s, between which sounds are filled up by a share of their length


@dataclass(frozen=True, kw_only=True)
class SpeechReader:
    """Reads a sound at `rate` (Hz), in its own length, and knows how transcripts are written.

    units: what transcripts are made of, characters or pieces of words, and `scores` of these pieces (see `units`).
    case, punctuation, yo: see `text.plain`. fill: share of its length by which a sound may be filled up with zeros, so
    that those of a batch have one length. chunk, context: seconds of the pieces in which sounds are transcribed, and
    of what is heard around each. An item is a file, a piece of one (see
    `multicnn.audio.segment`), or an array at the reader's rate.
    -> t, int16
    """

    rate: int
    units: Sequence[str]
    scores: Sequence[float] = ()
    case: str = "lower"
    punctuation: str = "drop"
    yo: str = "keep"
    fill: float = 0.05
    chunk: float = 20.0
    context: float = 4.0
    said: tuple[str, ...] = field(default=(), compare=False)

    window = None
    shape = None
    dtype = np.dtype(np.int16)

    def __post_init__(self) -> None:
        check_rules(self.case, self.punctuation, self.yo)
        if not 0.001 <= self.fill <= 1:
            raise UsageError(f"reader.fill is {self.fill}; give a share of a sound from 0.001 to 1")
        for name in ("chunk", "context"):
            if not 0 <= getattr(self, name) < float("inf") or (name == "chunk" and self.samples(name) < 1):
                raise UsageError(f"reader.{name} is {getattr(self, name)} s; give a longer time")

    def samples(self, name: str) -> int:
        """A time of this reader in samples."""
        return int(np.rint(getattr(self, name) * self.rate))

    @property
    def seconds(self) -> float:
        """What front-ends and front-end defaults take for the length of what is heard at once."""
        return self.chunk

    @property
    def quantum(self) -> Sequence[int]:
        return self.lengths

    @cached_property
    def lengths(self) -> Sequence[int]:
        """To which sounds are filled up, in samples."""
        found = [self.rate * SHORTEST]
        while found[-1] < self.rate * LONGEST:
            found.append(max(found[-1] * (1 + self.fill), found[-1] + self.rate / 100))
        return tuple(int(np.ceil(n)) for n in found)

    @cached_property
    def sound(self) -> SoundReader:
        """What reads whole files and arrays."""
        return SoundReader(rate=self.rate, seconds=self.chunk)

    def files(self, item: Any) -> Sequence[str]:
        if isinstance(item, np.ndarray):
            return ()
        return (segment(item).path,)

    def settings(self) -> dict[str, Any]:
        names = ("rate", "units", "scores", "case", "punctuation", "yo", "fill", "chunk", "context")
        found = {name: getattr(self, name) for name in names}
        return found | {"units": list(self.units), "scores": list(self.scores)}

    def __call__(self, item: Any) -> np.ndarray:
        return self.sound(item)

    def pieces(self, item: Any) -> Iterator[np.ndarray]:
        """A sound piece by piece, each with its context, so that memory does not grow with its length."""
        chunk, context = self.samples("chunk"), self.samples("context")
        if not isinstance(item, np.ndarray) and segment(item).start is None:
            for piece in stream(item, rate=self.rate, chunk=chunk, context=context):
                yield piece.samples
            return
        sound = self(item)
        for start in range(0, len(sound), chunk):
            yield sound[max(0, start - context) : start + chunk + context]

    def plain(self, text: str) -> str:
        """A transcript in the form that is learnt."""
        return plain(text, self.case, self.punctuation, self.yo)


@dataclass(frozen=True, kw_only=True)
class TranscriptReader:
    """Reads transcripts as numbers of `units`, padded with -1 to `most`. item: sound and text, parted by NUL.

    Raises DataError for a text without a letter that is known, see `segment`.  -> most, int32
    """

    units: Sequence[str]
    scores: Sequence[float]
    most: int

    window = None
    quantum = 1
    said: tuple[str, ...] = field(default=(), init=False, compare=False)
    dtype = np.dtype(np.int32)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.most,)

    def files(self, item: str) -> Sequence[str]:
        return ()

    def settings(self) -> dict[str, Any]:
        return {"units": list(self.units), "scores": list(self.scores), "most": self.most}

    @cached_property
    def segment(self):
        """Text -> numbers."""
        return segmenter(self.units, self.scores)

    def __call__(self, item: str) -> np.ndarray:
        name, _, text = item.rpartition("\0")
        numbers = self.segment(text, name)
        out = np.full(self.shape, PAD, dtype=np.int32)
        out[: len(numbers)] = numbers
        return out


def plan_transcripts(table: Table, reader: Any) -> TranscriptReader:
    """What reads the transcripts of a table that `written` has made."""
    assert table.answer is not None
    longest = max((len(text) for text in table.answer), default=0)  # units are a character at least, or a gap
    return TranscriptReader(units=reader.units, scores=reader.scores, most=1 + longest)
