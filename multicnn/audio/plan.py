"""What reads the samples of a set, sounds or series, as its files say; and what follows from it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from multicnn.audio.baseline import baseline as sounds_baseline
from multicnn.audio.defaults import defaults as sounds_defaults
from multicnn.audio.reader import SoundReader
from multicnn.audio.reader import plan_reader as plan_sounds
from multicnn.audio.series.baseline import baseline as series_baseline
from multicnn.audio.series.defaults import defaults as series_defaults
from multicnn.audio.series.layouts import is_series
from multicnn.audio.series.plan import plan_series
from multicnn.audio.series.reader import SeriesReader
from multicnn.audio.spotting import Spotting
from multicnn.data.table import Table
from multicnn.names import check

Readers = SoundReader | SeriesReader


def plan_reader(
    table: Table,
    rows: np.ndarray,
    *,
    sample_rate: float | None = None,
    seconds: float | None = None,
    steps: int | None = None,
    axes: str | None = None,
    channels: Sequence[str] | None = None,
) -> Readers:
    """A reader for a set of sounds or of series, what the user left open decided by its training rows.

    Settings are those of `reader.plan_reader` and `series.plan.plan_series`. Raises UsageError for one that does not
    apply, DataError where nothing can be read.
    """
    several = len(table) > 0 and is_series(table.items[0])
    plan: Callable[..., Readers] = plan_series if several else plan_sounds
    asked = {"sample_rate": sample_rate, "seconds": seconds, "steps": steps, "axes": axes, "channels": channels}
    given: dict[str, Any] = {k: v for k, v in asked.items() if v is not None}
    check("reader of series" if several else "reader of sounds", plan, given)
    return plan(table, rows, **given)


def defaults(table: Table, reader: Readers, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, front-end, training and augmentation for `n_train` samples as `reader` makes them."""
    if isinstance(reader, SeriesReader):
        return series_defaults(table, reader, n_train)
    return sounds_defaults(table, reader, n_train)


def spotting(reader: Readers, *, every: float | None = None, threshold: float | None = None) -> Spotting | None:
    """What goes through long sounds, see `Spotting`; of series nothing is said by time."""
    return None if isinstance(reader, SeriesReader) else Spotting(reader, every=every, threshold=threshold)


def baseline(
    reader: Readers, table: Table, train: np.ndarray, test: np.ndarray, get: Callable[[int], np.ndarray]
) -> tuple[str, np.ndarray]:
    """A linear model on summaries of the samples.  -> name, (test, k) probabilities"""
    if isinstance(reader, SeriesReader):
        return series_baseline(reader, table, train, test, get)
    return sounds_baseline(reader, table, train, test, get)
