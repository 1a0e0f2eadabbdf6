"""What in a series speaks for an answer: over its channels where the method tells them apart, else over time alone."""

from pathlib import Path
from typing import Any

import numpy as np

from multicnn.audio.series.reader import SeriesReader
from multicnn.audio.series.show import MOST
from multicnn.insight.explain.seen import COLOURS, Seen, bar
from multicnn.insight.plots import save


def draw_series(seen: Seen, reader: SeriesReader, path: Path) -> None:
    """Write a PNG of a part of a series, a line a channel, those with the most heat where there are many."""
    from matplotlib.figure import Figure

    each = by_channel(seen, reader.channels)
    rows = np.sort(np.argsort(-np.abs(each).sum(1), kind="stable")[:MOST])
    at = (seen.start + np.arange(len(seen.raw))) * reader.step
    figure = Figure(figsize=(7.5, 1 + 0.8 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), sharex=True, squeeze=False)[:, 0]
    shown = [channel(axis, seen, at, row, each) for axis, row in zip(axes, rows, strict=True)]
    for axis, row in zip(axes, rows, strict=True):
        axis.set_ylabel(reader.labels[row], rotation=0, ha="right", parse_math=False)
    axes[-1].set_xlabel("steps" if reader.rate is None else "s")
    axes[0].set_title(seen.title, parse_math=False)
    bar(figure, shown[0], list(axes), seen)
    save(figure, path)


def by_channel(seen: Seen, channels: int) -> np.ndarray:
    """The heat of each channel, that of the moment where the method does not tell them apart.  -> c t"""
    if seen.channels is not None:
        return seen.channels[:channels]
    return np.repeat(seen.heat[None], channels, 0)


def channel(axis: Any, seen: Seen, at: np.ndarray, row: int, each: np.ndarray) -> Any:
    """One line over its heat."""
    line = seen.raw[:, row]
    known = line[np.isfinite(line)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    room = 0.08 * (high - low) or 1.0
    top = float(np.abs(each).max(initial=0)) or 1.0
    step = at[1] - at[0] if len(at) > 1 else 1.0
    shown = axis.imshow(
        each[row][None], aspect="auto", extent=(at[0] - step / 2, at[-1] + step / 2, low - room, high + room),
        cmap=COLOURS[seen.signed], vmin=-top if seen.signed else 0, vmax=top, alpha=0.8 * np.abs(each[row][None]) / top,
        zorder=0, interpolation="nearest",
    )  # fmt: skip
    axis.plot(at, line, linewidth=0.8, color="black")
    axis.set(xlim=(at[0] - step / 2, at[-1] + step / 2), ylim=(low - room, high + room))
    return shown
