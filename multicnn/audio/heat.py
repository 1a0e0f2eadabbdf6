"""What in a sound speaks for an answer, over seconds and hertz; in a series, over time and channels."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from multicnn.audio.events.reader import PieceReader
from multicnn.audio.series.heat import draw_series
from multicnn.audio.series.reader import SeriesReader
from multicnn.audio.show import TICKS, spectrum
from multicnn.audio.spectra import Bins, Spectra
from multicnn.audio.wave import FULL
from multicnn.data.reader import Reader
from multicnn.insight.explain.sample import Absence, average, silent
from multicnn.insight.explain.seen import COLOURS, Seen, bar, opacity
from multicnn.insight.page import Html, picture
from multicnn.insight.plots import save

APART = 0.06  # of the axis, that labels are from each other at least


def absent(reader: Reader) -> Absence:
    """What stands for nothing: silence in sounds, in a series its own mean."""
    return average if isinstance(reader, SeriesReader) else silent


def draw(seen: Seen, reader: Any, path: Path) -> None:
    """Write a PNG of a sound's waveform over its spectrum, or of a series' channels, with the heat over them."""
    if isinstance(reader, SeriesReader):
        draw_series(seen, reader, path)
        return
    from matplotlib.figure import Figure

    begin, end = seconds(seen, reader)
    above, below = Figure(figsize=(7.5, 4.2), layout="constrained").subplots(2, sharex=True, height_ratios=(1, 2.2))
    waveform(above, seen, begin, end)
    over = spectral if seen.heat.ndim == 2 else timely
    shown = over(below, seen, reader.rate, begin, end)
    below.set(xlabel="s", ylabel="Hz")
    above.set_title(seen.title, parse_math=False)
    bar(above.figure, shown, [above, below], seen)
    save(above.figure, path)


def mark(seen: Seen, reader: Any, png: bytes) -> Html:
    """The same for a page."""
    return picture(png, f"the heat of {seen.title} over time")


def spell(seen: Seen, reader: Any) -> dict[str, Any]:
    """The hottest moment in seconds; of a series in steps, where nobody knows its rate."""
    begin, end = seconds(seen, reader)
    line = seen.heat.sum(0) if seen.heat.ndim == 2 else seen.heat
    return {"hottest": round(begin + (end - begin) * (int(line.argmax()) + 0.5) / len(line), 4)}


def seconds(seen: Seen, reader: Any) -> tuple[float, float]:
    """When the part begins and ends."""
    step = reader.step if isinstance(reader, SeriesReader) else 1 / reader.rate
    before = seen.start * step + (seen.number * reader.hop if isinstance(reader, PieceReader) else 0.0)
    return before, before + len(seen.raw) * step


def waveform(axes: Any, seen: Seen, begin: float, end: float) -> None:
    """The samples; behind them the heat of each moment, and what is explained between lines."""
    at = np.linspace(begin, end, len(seen.raw), endpoint=False)
    axes.plot(at, seen.raw / FULL, linewidth=0.5, color="0.25")
    top = float(np.abs(seen.raw / FULL).max(initial=0)) * 1.05 or 1.0
    axes.set(xlim=(begin, end), ylim=(-top, top), ylabel="amplitude")
    line = seen.heat.sum(0) if seen.heat.ndim == 2 else seen.heat
    strongest = float(np.abs(line).max(initial=0)) or 1.0
    axes.imshow(
        line[None], aspect="auto", extent=(begin, end, -top, top), cmap=COLOURS[seen.signed], zorder=0,
        vmin=-strongest if seen.signed else 0, vmax=strongest, alpha=0.5 * np.abs(line[None]) / strongest,
    )  # fmt: skip
    for a, b in stretches(seen.where, begin, end):
        axes.axvspan(a, b, fill=False, edgecolor="teal", linewidth=1.5)


def stretches(where: np.ndarray | None, begin: float, end: float) -> list[tuple[float, float]]:
    """The moments that are explained.  t -> begin and end in seconds"""
    if where is None:
        return []
    edges = np.flatnonzero(np.diff(np.r_[0, where.astype(int), 0]))
    cell = (end - begin) / len(where)
    return [(begin + a * cell, begin + b * cell) for a, b in edges.reshape(-1, 2).tolist()]


def spectral(axes: Any, seen: Seen, rate: int, begin: float, end: float) -> Any:
    """The heat over the front-end's own picture of the sound."""
    with torch.no_grad():
        place = next((t.device for t in seen.frontend.state_dict().values()), torch.device("cpu"))
        levels = seen.frontend(torch.from_numpy(seen.raw)[None].to(place))[0].float().mean(0).cpu().numpy()
    extent = (begin, end, 0, len(levels))
    axes.imshow(levels, origin="lower", aspect="auto", extent=extent, cmap="gray")
    low, high = seen.range
    label_hertz(axes, seen.frontend, rate, len(levels))
    return axes.imshow(
        seen.heat, origin="lower", aspect="auto", extent=extent, cmap=COLOURS[seen.signed], vmin=low, vmax=high,
        alpha=opacity(seen, seen.heat), interpolation="nearest",
    )  # fmt: skip


def label_hertz(axes: Any, frontend: Any, rate: int, rows: int) -> None:
    """Frequencies beside the rows of a spectrum; of front-ends that keep no order of theirs none."""
    spectra = getattr(frontend, "spectra", None)
    if isinstance(spectra, Spectra):
        middles = np.asarray(spectra.middles)
    elif isinstance(spectra, Bins):
        middles = np.linspace(0, rate / 2, rows)
    else:
        axes.set_yticks([])
        return
    ticks: list[tuple[float, int]] = []
    for hz in reversed(TICKS):
        at = float(np.interp(hz, middles, np.arange(len(middles)) + 0.5))
        if middles[0] <= hz <= middles[-1] and (not ticks or ticks[-1][0] - at > APART * rows):
            ticks.append((at, hz))
    axes.set_yticks([at for at, _ in ticks], [f"{hz:,}" for _, hz in ticks])


def timely(axes: Any, seen: Seen, rate: int, begin: float, end: float) -> Any:
    """The heat of each moment over a mel spectrum, for front-ends that keep only time."""
    spectrum(axes, seen.raw, rate)
    for image in axes.images:
        image.set(cmap="gray")
        image.set_extent((begin, end, 0, axes.get_ylim()[1]))
    bands = axes.get_ylim()[1]
    low, high = seen.range
    heat = np.repeat(seen.heat[None], 2, 0)
    return axes.imshow(
        heat, aspect="auto", extent=(begin, end, 0, bands), cmap=COLOURS[seen.signed], vmin=low, vmax=high,
        alpha=opacity(seen, heat), interpolation="nearest",
    )  # fmt: skip
