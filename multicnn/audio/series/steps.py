"""Series as nets need them: without gaps, in steps of one length."""

import os

import numpy as np

from multicnn.errors import DataError

STRAY = 0.25  # of a step, by which its time may differ from an even one, as clocks round
DRIFT = 0.01  # by which a rate may differ, and still be the same


def filled(name: str | os.PathLike[str], values: np.ndarray, at: np.ndarray, channels: list[str]) -> np.ndarray:
    """Missing numbers replaced on the straight line between their neighbours, at the ends by the nearest one.

    at: (t,) when each step is.  Raises DataError for a channel without any number, and for an infinite one.
    t c -> t c
    """
    infinite = np.argwhere(np.isinf(values))
    if len(infinite):
        t, c = infinite[0]
        raise DataError(f"{name}: step {t} of {channels[c]} is infinite; correct it, or leave it empty")
    gaps = np.isnan(values)
    if not gaps.any():
        return values
    if gaps.all(0).any():
        empty = channels[int(gaps.all(0).argmax())]
        raise DataError(f"{name}: {empty} holds no number; mend it, or leave the file out with --on-bad skip")
    out = values.copy()
    for c in np.flatnonzero(gaps.any(0)):
        known = ~gaps[:, c]
        out[~known, c] = np.interp(at[~known], at[known], values[known, c])
    return out


def even(times: np.ndarray, rate: float) -> bool:
    """Whether steps lie a `rate`th of a second apart already."""
    step = mean_step(times)
    return step is None or (abs(step * rate - 1) <= DRIFT and straight(times, step))


def usual_rate(times: np.ndarray) -> float | None:
    """Steps a second: by their mean distance, or the median one where they are uneven; None for one step."""
    step = mean_step(times)
    if step is None:
        return None
    return 1.0 / (step if straight(times, step) else float(np.median(np.diff(times))))


def mean_step(times: np.ndarray) -> float | None:
    """Seconds from one step to the next; None for one step."""
    return float(times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else None


def straight(times: np.ndarray, step: float) -> bool:
    """Whether all steps are about where their number says."""
    return bool(np.abs(times - times[0] - np.arange(len(times)) * step).max() <= STRAY * step)


def resampled(values: np.ndarray, times: np.ndarray, rate: float) -> np.ndarray:
    """The series in steps of 1 / rate s from its first time on, straight lines between its own.

    Where that makes steps at least half longer, each is the mean of the line over its length, so that what is
    faster than the new steps does not come back as something slow.  t c, t -> ceil(seconds rate) c
    """
    start, length = times[0], times[-1] - times[0]
    n = int(np.floor(length * rate + DRIFT)) + 1
    at = start + np.arange(n) / rate
    longer = len(times) > 1 and float(np.median(np.diff(times))) * rate * 1.5 <= 1
    read = _means if longer else _lines
    return np.stack([read(at, times, column, rate) for column in values.T], axis=1)


def _lines(at: np.ndarray, times: np.ndarray, column: np.ndarray, rate: float) -> np.ndarray:
    return np.interp(at, times, column)


def _means(at: np.ndarray, times: np.ndarray, column: np.ndarray, rate: float) -> np.ndarray:
    """Differences of the line's integral half a step before and behind each place, within the series."""
    low, high = np.maximum(at - 0.5 / rate, times[0]), np.minimum(at + 0.5 / rate, times[-1])
    area = np.concatenate([[0.0], np.cumsum(np.diff(times) * (column[1:] + column[:-1]) / 2)])
    return (_area(high, times, column, area) - _area(low, times, column, area)) / (high - low)


def _area(at: np.ndarray, times: np.ndarray, column: np.ndarray, area: np.ndarray) -> np.ndarray:
    """The integral of the line through `column` from its start to each of some places."""
    i = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 2)
    width = at - times[i]
    slope = (column[i + 1] - column[i]) / (times[i + 1] - times[i])
    return area[i] + width * (column[i] + slope * width / 2)
