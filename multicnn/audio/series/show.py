"""Draw a series and its answer."""

from pathlib import Path
from typing import Any

import numpy as np

from multicnn.audio.series.reader import SeriesReader

MOST = 12  # channels drawn


def draw_series(item: Any, reader: SeriesReader, path: Path, *, answer: str = "") -> None:
    """Write a PNG of a series, a line a channel, each in its own range, with `answer` above them."""
    from matplotlib.figure import Figure

    series = reader(item)
    rows = min(series.shape[1], MOST)
    figure = Figure(figsize=(7, 1 + 0.7 * rows), layout="constrained")
    axes = figure.subplots(rows, sharex=True, squeeze=False)[:, 0]
    at = np.arange(len(series)) * reader.step
    for axis, name, line in zip(axes, reader.labels, series.T, strict=False):
        axis.plot(at, line, linewidth=0.7, marker="." if len(series) == 1 else "")
        axis.set_ylabel(name, rotation=0, ha="right", parse_math=False)
    axes[-1].set_xlabel("steps" if reader.rate is None else "s")
    more = f" ({series.shape[1] - rows} more channels)" if series.shape[1] > rows else ""
    axes[0].set_title(answer + more, parse_math=False)
    figure.savefig(path, format="png", dpi=100)
