"""A sound of any length, piece by piece, in memory that does not grow with it."""

import os
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from multicnn.audio.decode import mono, opened
from multicnn.audio.reader import refuse_values
from multicnn.audio.wave import sixteen


class Piece(NamedTuple):
    """Some of a sound with what lies around it.

    samples: t, int16, the piece with its context on both sides, less at the sound's ends.  start: number of the piece's
    first sample in the sound.  before: samples of context before it.  length: samples of the piece itself.
    """

    samples: np.ndarray
    start: int
    before: int
    length: int


def stream(path: str | os.PathLike[str], *, rate: int, chunk: int, context: int) -> Iterator[Piece]:
    """A sound at `rate` (Hz) as pieces of `chunk` samples, end to end, each with up to `context` samples on both sides.

    A net whose answers reach no further than `context` says of the pieces what it says of the whole; what it says of
    the context is to be left out. Raises DataError as `decode` does, for damage where it is reached.
    """
    kept, first, start = np.zeros(0, np.int16), 0, 0  # kept[0] is sample `first` of the sound
    for block in _sixteen(path, rate):
        kept = np.concatenate([kept, block])
        while start + chunk + context <= first + len(kept):
            yield Piece(kept[: start - first + chunk + context], start, start - first, chunk)
            start += chunk
            gone = max(0, start - context - first)
            kept, first = kept[gone:], first + gone
    while start < first + len(kept):
        before, length = min(context, start), min(chunk, first + len(kept) - start)
        piece = kept[start - first - before : start - first + length + context]
        yield Piece(piece, start, before, length)
        start += chunk


def _sixteen(path: str | os.PathLike[str], rate: int) -> Iterator[np.ndarray]:
    """Its samples, channels averaged, at `rate`.  -> t, int16"""
    from soxr import ResampleStream

    with opened(path) as file:
        change = ResampleStream(file.samplerate, rate, 1, dtype="float32", quality="HQ")
        for block in mono(path, file):
            refuse_values(path, block)
            yield sixteen(block if file.samplerate == rate else change.resample_chunk(block))
        if file.samplerate != rate:
            yield sixteen(change.resample_chunk(np.zeros(0, np.float32), last=True))
