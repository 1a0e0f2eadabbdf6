"""What reads the series of a set, decided by its training part where the user does not."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from multicnn.audio.series.files import load
from multicnn.audio.series.reader import AXES, SeriesReader, turned
from multicnn.audio.series.signal import Signal
from multicnn.audio.series.steps import even
from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError

LOOKED_AT = 200  # training series that decide
LONGEST = 2_000  # steps of a window, unless the user asks for more
ROOM = 1.25  # times the longest training series, where they differ: one that is a little longer is heard at once


def plan_series(
    table: Table,
    rows: np.ndarray,
    *,
    sample_rate: float | None = None,
    seconds: float | None = None,
    steps: int | None = None,
    axes: str | None = None,
    channels: Sequence[str] | None = None,
) -> SeriesReader:
    """A reader for a set of series, what the user left open decided by up to 200 of its training rows.

    sample_rate: Hz, to which files with times are brought, and which the steps of files without have; left open, the
    commonest of the files. seconds or steps: of a window; left open, those of the longest series and a quarter
    more where they differ, at most 2,000 steps.
    axes: of arrays, "tc" or "ct"; left open, the axis of which all have the same length holds the channels, and where
    that does not tell, the shorter one. channels: names of the columns to read; left open, all.
    Raises DataError where none can be read, UsageError for a length in seconds where no rate is known, or for names
    that the files do not have.
    """
    looked = _looked(table, rows)
    axes, axes_said = (axes, []) if axes is not None else _axes(looked)
    if axes not in AXES:
        raise UsageError(f"axes of the reader is {axes!r}; write tc (steps x channels) or ct (channels x steps)")
    looked = [turned(s, axes) for s in looked]
    names, count = _channels(looked, channels)
    rate = sample_rate if sample_rate is not None else _rate(looked)
    lengths = [_length(s, rate) for s in looked]
    window = _window(lengths, rate, seconds, steps)
    said = [_sizes_said(count, lengths, rate), *axes_said, *_gaps_said(looked), *_times_said(looked, rate)]
    said += _window_said(lengths, window)
    return SeriesReader(channels=count, steps=window, names=names, rate=rate, axes=axes, said=tuple(said))


def _looked(table: Table, rows: np.ndarray) -> list[Signal]:
    """Series of rows spread evenly over the training rows; a bad file is left for the store to name."""
    looked: list[Signal] = []
    reason = DataError(f"{table.name}: no training series; give a set with at least one")
    for row in rows[:: -(-len(rows) // LOOKED_AT)] if len(rows) else rows:
        try:
            looked.append(load(table.items[row]))
        except DataError as error:
            reason = error
    if not looked:
        raise reason
    return looked


def _axes(looked: list[Signal]) -> tuple[str, list[str]]:
    """Which axis of the arrays is time, and why."""
    shapes = [s.values.shape for s in looked if s.turnable]
    if not shapes:
        return "tc", []
    rows, columns = {a for a, _ in shapes}, {b for _, b in shapes}
    if len(rows) != len(columns) and 1 in (len(rows), len(columns)):
        axes = "tc" if len(columns) == 1 else "ct"
        why = f"all have {min(columns if axes == 'tc' else rows)} {'columns' if axes == 'tc' else 'rows'}"
    else:
        axes = "tc" if sum(a for a, _ in shapes) >= sum(b for _, b in shapes) else "ct"
        why = "the longer axis is time"
    other = "ct" if axes == "tc" else "tc"
    return axes, [f"arrays are read as {AXES[axes]} ({why}); for {AXES[other]} add --set reader.axes={other}"]


def _channels(looked: list[Signal], asked: Sequence[str] | None) -> tuple[Sequence[str], int]:
    """Names, if the files have some, and their number: the commonest, or what the user asked for."""
    common = Counter((s.names, s.values.shape[1]) for s in looked).most_common(1)[0][0]
    if asked is None:
        return common
    missing = [name for name in asked if name not in common[0]]
    if missing or not asked:
        known = f"they have {', '.join(common[0])}" if common[0] else "their channels have no names"
        raise UsageError(f"reader.channels: the files have no channel {(missing or [''])[0]!r}; {known}")
    return tuple(asked), len(asked)


def _rate(looked: list[Signal]) -> float | None:
    """The median of the commonest rates, to four digits; None where no file knows its times."""
    rates = [s.rate for s in looked if s.rate is not None]
    if not rates:
        return None
    common = Counter(f"{r:.1e}" for r in rates).most_common(1)[0][0]
    return float(f"{np.median([r for r in rates if f'{r:.1e}' == common]):.4g}")


def _length(found: Signal, rate: float | None) -> int:
    """Steps at the reader's rate."""
    if found.times is None or rate is None or even(found.times, rate):
        return len(found.values)
    return int((found.times[-1] - found.times[0]) * rate) + 1


def _window(lengths: list[int], rate: float | None, seconds: float | None, steps: int | None) -> int:
    if seconds is not None and steps is not None:
        raise UsageError(f"seconds is {seconds} and reader.steps {steps}, both the length of a window; leave one out")
    if steps is not None:
        return steps
    if seconds is None:
        room = ROOM if min(lengths) < max(lengths) else 1.0
        return min(LONGEST, math.ceil(room * max(lengths)))
    if rate is None:
        raise UsageError("--seconds: these series do not tell their rate; add --sample-rate, or set reader.steps")
    if not (0 < seconds < float("inf") and round(seconds * rate) >= 1):
        raise UsageError(f"seconds is {seconds}; a window must hold a step at least, of 1/{rate:g} s")
    return round(seconds * rate)


def _sizes_said(count: int, lengths: list[int], rate: float | None) -> str:
    low, high = min(lengths), max(lengths)
    size = f"{high:,} step{'s' * (high > 1)}" if low == high else f"{low:,} to {high:,} steps"
    when = "of unknown rate, so time is in steps (--sample-rate HZ tells it)" if rate is None else f"at {rate:g} Hz"
    return f"series of {count} channel{'s' * (count > 1)}, {size} {when}"


def _gaps_said(looked: list[Signal]) -> list[str]:
    lacking = [int(np.isnan(s.values).sum()) for s in looked]
    share = 100 * sum(lacking) / sum(s.values.size for s in looked)
    n = sum(map(bool, lacking))
    said = (
        f"{n} of {len(looked)} series looked at lack {sum(lacking):,} numbers ({share:.2g} %), filled on straight lines"
    )
    return [said] if n else []


def _times_said(looked: list[Signal], rate: float | None) -> list[str]:
    uneven = sum(s.times is not None and rate is not None and not even(s.times, rate) for s in looked)
    left = sorted({name for s in looked for name in s.left_out})
    said = (
        [f"{uneven} of {len(looked)} series have uneven times or another rate and become {rate:g} Hz"] if uneven else []
    )
    return said + ([f"column {', '.join(left)} is no channel and left out"] if left else [])


def _window_said(lengths: list[int], window: int) -> list[str]:
    if max(lengths) <= window:
        return []
    return [f"longer series are heard in windows of {window:,} steps; set another with reader.steps or --seconds"]
