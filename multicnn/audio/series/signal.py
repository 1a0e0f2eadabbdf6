"""What a file of series holds: numbers in steps and channels, before anything is decided of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from multicnn.audio.series.steps import usual_rate


@dataclass(frozen=True, eq=False)
class Signal:
    """One series as its file has it.

    values: (t, c) float64, NaN where a number is missing.  names: of the channels, none where the file has no names.
    times: (t,) seconds, ascending; None where the file knows no time.  turnable: an array whose file does not say which
    of its axes is time, so that values may be (c, t).  left_out: columns that are no channels.
    """

    values: np.ndarray
    names: tuple[str, ...] = ()
    times: np.ndarray | None = None
    turnable: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def rate(self) -> float | None:
        """Steps a second; None where it is not known."""
        return None if self.times is None else usual_rate(self.times)


@dataclass(frozen=True, eq=False)
class Collection:
    """The series of one file that holds many, and their labels, where it has them.

    split: the part of each series, "" for none.  classes: names in the file's own order, where it lists them.
    """

    series: Sequence[Signal]
    labels: Sequence[str] | None
    split: Sequence[str] | None = None
    classes: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.series)
