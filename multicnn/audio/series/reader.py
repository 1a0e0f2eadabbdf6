"""One series, from a file or from memory, as steps of numbers."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from multicnn.audio.series.files import load, parted
from multicnn.audio.series.signal import Signal
from multicnn.audio.series.steps import even, filled, resampled
from multicnn.errors import DataError, UsageError

AXES = {"tc": "steps x channels", "ct": "channels x steps"}
SHOWN = 6  # names of channels in an error


@dataclass(frozen=True, kw_only=True)
class SeriesReader:
    """Reads a series of `channels` numbers a step; a net hears windows of `steps` of it.

    Training takes a window at a random place, evaluation averages the answers of windows that cover the series; behind
    the end of a shorter one stands NaN, which front-end and augments tell from a zero. Gaps are filled on straight
    lines. names: of the channels, by which those of a file are found; none where the files have no names. rate: Hz, to
    which files that know their times are brought; None where nobody knows it, and time is in steps. axes: of arrays,
    "tc" or "ct". said: what planning found out, for the user.
    -> t c, float32
    """

    channels: int
    steps: int
    names: Sequence[str] = ()
    rate: float | None = None
    axes: str = "tc"
    said: tuple[str, ...] = field(default=(), compare=False)

    dtype = np.dtype(np.float32)
    shape = None
    quantum = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))  # a list, where the settings come from JSON or TOML
        if self.steps < 1:
            raise UsageError(f"a window of {self.steps} steps; it must hold one at least")
        if self.rate is not None and not 0 < self.rate < float("inf"):
            raise UsageError(f"sample rate is {self.rate} Hz; it must be above 0")
        if self.axes not in AXES:
            raise UsageError(f"axes of the reader is {self.axes!r}; write tc (steps x channels) or ct")

    @property
    def cell(self) -> tuple[int, ...]:
        return (self.channels,)

    @property
    def window(self) -> int:
        return self.steps

    @property
    def step(self) -> float:
        """Seconds of a step; 1 where the rate is not known."""
        return 1.0 if self.rate is None else 1.0 / self.rate

    @property
    def labels(self) -> list[str]:
        """What the channels are called."""
        return list(self.names) or [f"channel {i}" for i in range(self.channels)]

    def files(self, item: Any) -> Sequence[str]:
        return () if isinstance(item, np.ndarray) else (parted(item)[0],)

    def settings(self) -> dict[str, Any]:
        return {
            "channels": self.channels,
            "steps": self.steps,
            "names": list(self.names),
            "rate": self.rate,
            "axes": self.axes,
        }

    def __call__(self, item: str | os.PathLike[str] | np.ndarray) -> np.ndarray:
        """A path, `FILE#n` of a file that holds many, or an array `t c` (`c t` by `axes`) or `t`.  -> t c"""
        name = f"array of shape {item.shape}" if isinstance(item, np.ndarray) else os.fspath(item)
        found = turned(load(item), self.axes)
        values = self._chosen(name, found)
        at = np.arange(len(values), dtype=np.float64) if found.times is None else found.times
        values = filled(name, values, at, self.labels)
        if found.times is not None and self.rate is not None and not even(found.times, self.rate):
            values = resampled(values, found.times, self.rate)
        return _narrowed(name, values, self.labels)

    def _chosen(self, name: str, found: Signal) -> np.ndarray:
        """The channels that the net knows. Raises DataError for others, with both counts.  -> t channels"""
        c = found.values.shape[1]
        if self.names and found.names:
            missing = [n for n in self.names if n not in found.names]
            if not missing:
                return found.values[:, [found.names.index(n) for n in self.names]]
        elif c == self.channels:
            return found.values
        theirs, own = _listed(found.names), _listed(self.names)
        raise DataError(
            f"{name} has {c} channel{'s' * (c != 1)}{theirs}, the model reads {self.channels}{own}; "
            "bring it to them, or leave it out with --on-bad skip"
        )


def turned(found: Signal, axes: str) -> Signal:
    """An array whose file does not say which axis is time, as `t c`."""
    if not found.turnable or axes == "tc":
        return found
    return Signal(found.values.T, found.names, found.times)


def _listed(names: Sequence[str]) -> str:
    """` (a, b, ...)`"""
    if not names:
        return ""
    return f" ({', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''})"


def _narrowed(name: str, values: np.ndarray, labels: list[str]) -> np.ndarray:
    """As float32. Raises DataError for a number beyond its range.  t c -> t c"""
    large = np.argwhere(np.abs(values) > np.finfo(np.float32).max)
    if len(large):
        t, c = large[0]
        raise DataError(
            f"{name}: step {t} of {labels[c]} is {values[t, c]:.3g}, too large for float32; change its unit"
        )
    return values.astype(np.float32)
