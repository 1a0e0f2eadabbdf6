"""Draw a sound, or a series, and its answer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from multicnn.audio.reader import SoundReader
from multicnn.audio.series.reader import SeriesReader
from multicnn.audio.series.show import draw_series
from multicnn.audio.spectra import Spectra
from multicnn.audio.wave import FULL

TICKS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)  # Hz


class Span(NamedTuple):
    """Something between two moments, in seconds. colour: as matplotlib takes it; row: 0 at the bottom, upwards."""

    start: float
    stop: float
    name: str
    colour: str = "tab:red"
    row: int = 0


def draw(
    item: Any, reader: SoundReader | SeriesReader, path: Path, *, answer: str = "", spans: Sequence[Span] = ()
) -> None:
    """Write a PNG of a sound's waveform over its mel spectrum, or of a series' channels.

    `answer` stands above them, of a sound `spans` in rows below.
    """
    if isinstance(reader, SeriesReader):
        draw_series(item, reader, path, answer=answer)
        return
    from matplotlib.figure import Figure

    sound = reader(item)
    seconds = len(sound) / reader.rate
    figure = Figure(figsize=(7, 4), layout="constrained")
    if spans:
        rows = 1 + max(span.row for span in spans)
        above, below, bars = figure.subplots(3, sharex=True, height_ratios=(1, 1, 0.06 + 0.12 * rows))
        lines(bars, spans)
        bars.set(xlabel="s")
    else:
        above, below = figure.subplots(2, sharex=True)
        below.set(xlabel="s")
    above.plot(np.arange(len(sound)) / reader.rate, sound / FULL, linewidth=0.5)
    above.set(xlim=(0, seconds), ylim=(-1, 1), ylabel="amplitude")
    above.set_title(answer, parse_math=False)
    spectrum(below, sound, reader.rate)
    for span in spans:
        for axes in (above, below):
            axes.axvspan(span.start, span.stop, color=span.colour, alpha=0.15, linewidth=0)
    figure.savefig(path, format="png", dpi=100)


def spectrum(axes: Any, sound: np.ndarray, rate: int) -> None:
    """Mel bands in dB over time, with their frequencies.  t, int16"""
    spectra = Spectra(rate, mels=64, window=0.032, hop=0.01, fmin=0.0, fmax=None, top=80.0)
    levels = spectra(torch.from_numpy(sound)[None])[0].numpy()
    axes.imshow(levels, origin="lower", aspect="auto", extent=(0, len(sound) / rate, 0, len(levels)))
    middles = spectra.middles
    shown = [hz for hz in TICKS if middles[0] <= hz <= middles[-1]]
    axes.set_yticks(np.interp(shown, middles, np.arange(len(middles)) + 0.5), [f"{hz:,}" for hz in shown])
    axes.set(ylabel="Hz")


def lines(axes: Any, spans: Sequence[Span]) -> None:
    """Each span as a bar in its row, and the rows' names."""
    for span in spans:
        axes.barh(span.row, span.stop - span.start, 0.8, span.start, color=span.colour)
    names = {span.row: span.name for span in spans}
    axes.set_yticks(list(names))
    for label in axes.set_yticklabels(list(names.values())):
        label.set_parse_math(False)
    axes.set_ylim(-0.5, max(names) + 0.5)
