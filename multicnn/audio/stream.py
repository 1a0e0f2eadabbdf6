"""A sound of any length, piece by piece, in memory that does not grow with it."""

import os
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from multicnn.audio.decode import BLOCK, mono, opened
from multicnn.audio.reader import SoundReader, refuse_values
from multicnn.audio.wave import sixteen
from multicnn.errors import DataError, UsageError


class Piece(NamedTuple):
    """Some of a sound with what lies around it.

    samples: t, int16, the piece with its context on both sides, less at the sound's ends.  start: number of the piece's
    first sample in the sound.  before: samples of context before it.  length: samples of the piece itself.
    """

    samples: np.ndarray
    start: int
    before: int
    length: int


def stream(item: str | os.PathLike[str] | np.ndarray, *, rate: int, chunk: int, context: int) -> Iterator[Piece]:
    """A sound at `rate` (Hz) as pieces of `chunk` samples, end to end, each with up to `context` samples on both sides.

    item: as SoundReader takes it, and to the bit what it reads.
    A net whose answers reach no further than `context` says of the pieces what it says of the whole; what it says of
    the context is to be left out. Raises DataError as `decode` does, for damage where it is reached.
    """
    if chunk < 1 or context < 0:
        raise UsageError(f"pieces of {chunk} samples with {context} around them; take 1 at least, and 0")
    kept, first, start = np.zeros(0, np.int16), 0, 0  # kept[0] is sample `first` of the sound
    for block in _sixteen(item, rate):
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
    if start == 0:
        raise DataError(f"{item}: too short for a sample at {rate} Hz; leave it out with --on-bad skip")


def _sixteen(item: str | os.PathLike[str] | np.ndarray, rate: int) -> Iterator[np.ndarray]:
    """Its samples, channels averaged, at `rate`.  -> t, int16"""
    if isinstance(item, np.ndarray):
        yield SoundReader(rate=rate, seconds=1.0)(item)
        return
    with opened(item) as file:
        blocks = _checked(item, mono(item, file))
        if file.samplerate != rate:
            blocks = _resampled(blocks, file.samplerate, rate)
        for block in blocks:
            yield sixteen(block)


def _checked(path: str | os.PathLike[str], blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """The same blocks. Raises DataError where they are no waveform."""
    first = 0
    for block in blocks:
        refuse_values(path, block, first=first)
        first += len(block)
        yield block


def _resampled(blocks: Iterator[np.ndarray], rate: int, to: int) -> Iterator[np.ndarray]:
    """The same sound at another rate, a block's worth of it at a time.  t -> t, float32"""
    from soxr import ResampleStream

    change = ResampleStream(rate, to, 1, dtype="float32", quality="HQ")
    most = max(1, BLOCK * rate // max(rate, to))
    for block in blocks:
        for start in range(0, len(block), most):
            yield change.resample_chunk(block[start : start + most])
    yield change.resample_chunk(np.zeros(0, np.float32), last=True)
