"""Draw a sound, or a series, and its answer."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from multicnn.audio.reader import SoundReader
from multicnn.audio.series.reader import SeriesReader
from multicnn.audio.series.show import draw_series
from multicnn.audio.spectra import Spectra
from multicnn.audio.wave import FULL


def draw(item: Any, reader: SoundReader | SeriesReader, path: Path, *, answer: str = "") -> None:
    """Write a PNG of a sound's waveform over its mel spectrum, or of a series' channels, with `answer` above them."""
    if isinstance(reader, SeriesReader):
        draw_series(item, reader, path, answer=answer)
        return
    from matplotlib.figure import Figure

    sound = reader(item)
    spectra = Spectra(reader.rate, mels=64, window=0.032, hop=0.01, fmin=0.0, fmax=None, top=80.0)
    levels = spectra(torch.from_numpy(sound)[None])[0].numpy()
    seconds = len(sound) / reader.rate
    figure = Figure(figsize=(7, 4), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    above.plot(np.arange(len(sound)) / reader.rate, sound / FULL, linewidth=0.5)
    above.set(xlim=(0, seconds), ylim=(-1, 1), ylabel="amplitude")
    above.set_title(answer, parse_math=False)
    below.imshow(levels, origin="lower", aspect="auto", extent=(0, seconds, 0, len(levels)))
    below.set(xlabel="s", ylabel="mel band")
    figure.savefig(path, format="png", dpi=100)
