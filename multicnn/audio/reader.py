"""One sound, from a file or from memory, as 16-bit samples of one channel at one rate."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from multicnn.audio.decode import Header
from multicnn.audio.segment import decode_item, item_header, segment
from multicnn.audio.wave import sixteen
from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError

USUAL = 16_000  # Hz, unless the user asks for more: speech, music and noises are told apart by what lies below 8 kHz
LONGEST = 5.0  # s of a window, unless the user asks for more
COVERED = 95  # per cent of the training sounds that fit into the window
LOUDEST = 2.0  # a peak of lossy or hot recordings; above it, the numbers are no waveform of -1 to 1
LOOKED_AT = 200  # training sounds whose headers decide


@dataclass(frozen=True, kw_only=True)
class SoundReader:
    """Reads a sound at `rate` (Hz), its channels averaged; a net hears windows of `seconds` of it.

    Training takes a window at a random place, evaluation averages the answers of windows that cover the sound; a
    shorter sound is followed by zeros. One resampler everywhere: soxr's HQ. Peaks up to twice the full scale are
    clipped, as by any player. said: what planning found out, for the user.
    -> t, int16
    """

    rate: int
    seconds: float
    said: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not 100 <= self.rate <= 1_000_000:
            raise UsageError(f"sample rate is {self.rate} Hz; it must be from 100 to 1,000,000")
        if not (0 < self.seconds < float("inf") and self.window >= 1):
            raise UsageError(f"seconds is {self.seconds}; a window must hold a sample at least")

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.int16)

    @property
    def shape(self) -> None:
        return None

    @property
    def window(self) -> int:
        """Samples that the net hears at once."""
        return round(self.seconds * self.rate)

    @property
    def quantum(self) -> int:
        return 1

    def files(self, item: Any) -> Sequence[str]:
        return () if isinstance(item, np.ndarray) else (segment(item).path,)

    def settings(self) -> dict[str, Any]:
        return {"rate": self.rate, "seconds": self.seconds}

    def __call__(self, item: str | os.PathLike[str] | np.ndarray) -> np.ndarray:
        """A path, a piece `path#t=1.5,3`, or an array `t` or `t c` of the reader's rate, whole or -1 to 1.  -> t"""
        if isinstance(item, np.ndarray):
            name, (sound, rate) = f"array of shape {item.shape}", (_mono(item), self.rate)
        else:
            name, (sound, rate) = item, decode_item(item)
        refuse_values(name, sound)
        if rate != self.rate:
            from soxr import resample

            sound = resample(sound, rate, self.rate, quality="HQ")
        if not len(sound):
            raise DataError(f"{name}: too short for a sample at {self.rate} Hz; leave it out with --on-bad skip")
        return sixteen(sound)


def _mono(array: np.ndarray) -> np.ndarray:
    """The mean of an array's channels, -1 to 1.  t or t c -> t, float32"""
    if array.ndim not in (1, 2) or array.dtype.kind not in "iuf":
        raise DataError(f"array of shape {array.shape}, {array.dtype}: not a sound; give numbers of shape t or t c")
    sound = array.astype(np.float64)
    if array.dtype.kind != "f":
        zero = 128 if array.dtype == np.uint8 else 0
        full = max(128, -float(np.iinfo(array.dtype).min))
        sound = (sound - zero) / full
    return (sound if array.ndim == 1 else sound.mean(axis=1)).astype(np.float32)


def refuse_values(name: Any, sound: np.ndarray) -> None:
    """Raises DataError for samples that are no waveform."""
    peak = float(np.abs(sound).max(initial=0))
    if np.isfinite(peak) and peak <= LOUDEST:
        return
    if np.isfinite(peak):
        raise DataError(f"{name}: peaks at {peak:.4g} times full scale; divide its samples to lie within -1 to 1")
    bad = int(np.argmin(np.isfinite(sound)))
    raise DataError(f"{name}: sample {bad} is {sound[bad]}, not a number; replace the file, or leave it out")


def plan_reader(
    table: Table, rows: np.ndarray, *, sample_rate: int | None = None, seconds: float | None = None
) -> SoundReader:
    """A reader for a set of sounds, what the user left open decided by the headers of up to 200 of its training rows.

    sample_rate: Hz; left open the most frequent one, at most 16,000. seconds: of a window; left open the 95th
    percentile of their lengths, rounded up to 0.1 s, at most 5. Raises DataError where none of them can be read.
    """
    looked = _headers(table, rows, sample_rate or USUAL)
    if sample_rate is None:
        sample_rate = min(USUAL, Counter(h.rate for h in looked).most_common(1)[0][0])
    length = float(np.percentile([h.seconds for h in looked], COVERED))
    if seconds is None:
        seconds = max(0.1, min(LONGEST, np.ceil(length * 10 - 1e-6) / 10))
    said = (_rates_said(looked, sample_rate), _lengths_said(looked, float(seconds)))
    return SoundReader(rate=int(sample_rate), seconds=float(seconds), said=said)


def _headers(table: Table, rows: np.ndarray, rate: int) -> list[Header]:
    """Of rows spread evenly over the training rows; a bad file is left for the store to name."""
    looked: list[Header] = []
    reason = DataError(f"{table.name}: no training sounds; give a set with at least one")
    for row in rows[:: -(-len(rows) // LOOKED_AT)] if len(rows) else rows:
        item = table.items[row]
        try:
            looked.append(Header(rate, len(item) / rate) if isinstance(item, np.ndarray) else item_header(item))
        except DataError as error:
            reason = error
    if not looked:
        raise reason
    return looked


def _rates_said(looked: list[Header], rate: int) -> str:
    """What becomes of the sounds' rates; that a higher one than theirs adds nothing."""
    rates = sorted({h.rate for h in looked})
    given = f"{rates[0]} Hz" if len(rates) == 1 else f"{rates[0]} to {rates[-1]} Hz"
    if rates == [rate]:
        return f"sounds of {given}, as they are"
    fewer = sum(h.rate < rate for h in looked)
    lacking = f"; {fewer} of {len(looked)} looked at hold nothing above {rates[0] // 2} Hz or so" if fewer else ""
    return f"sounds of {given} become {rate} Hz{lacking}; set another with --sample-rate"


def _lengths_said(looked: list[Header], seconds: float) -> str:
    low, high = min(h.seconds for h in looked), max(h.seconds for h in looked)
    given = f"{low:.3g} s" if high - low < 0.005 else f"{low:.3g} to {high:.3g} s"
    return f"sounds of {given} are heard in windows of {seconds:.3g} s; set another with --seconds"
