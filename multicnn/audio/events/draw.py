"""Draw recordings with their events."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from multicnn.audio.frontend import Spectra
from multicnn.insight.plots import plain, save

TRUTH, ANSWER = "tab:green", "tab:red"
Span = tuple[str, float, float]  # class, onset, offset
Drawing = tuple[str, np.ndarray, int, Sequence[Span], Sequence[Span]]  # name, t, Hz, truth, answer


def draw_events(path: Path, drawings: Sequence[Drawing], classes: Sequence[str]) -> None:
    """Write a PNG: of each recording the mel spectrum, below it a line a class, truth green over answers red."""
    from matplotlib.figure import Figure

    rows = max(1, len(drawings))
    bars = 0.18 * len(classes)
    figure = Figure(figsize=(9, rows * (1.8 + bars)), layout="constrained")
    axes = figure.subplots(2 * rows, 1, squeeze=False, height_ratios=[1.6, 0.2 + bars] * rows)[:, 0]
    for (name, sound, rate, truth, answer), above, below in zip(drawings, axes[::2], axes[1::2], strict=False):
        spectrum(above, sound, rate, name)
        lines(below, truth, answer, classes, len(sound) / rate)
    save(figure, path)


def spectrum(axes: Any, sound: np.ndarray, rate: int, name: str) -> None:
    """64 mel bands in dB over seconds."""
    spectra = Spectra(rate, mels=64, window=0.032, hop=0.01, fmin=0.0, fmax=None, top=80.0)
    levels = spectra(torch.from_numpy(np.array(sound))[None])[0].numpy()
    axes.imshow(levels, origin="lower", aspect="auto", extent=(0, len(sound) / rate, 0, len(levels)))
    axes.set(xticks=[], ylabel="mel band")
    axes.set_title(plain(name), fontsize=8)


def lines(axes: Any, truth: Sequence[Span], answer: Sequence[Span], classes: Sequence[str], seconds: float) -> None:
    """A line a class."""
    for spans, colour, height in ((truth, TRUTH, 0.2), (answer, ANSWER, -0.2)):
        for c, onset, offset in spans:
            axes.barh(classes.index(c) + height, offset - onset, 0.36, left=onset, color=colour)
    axes.set(xlim=(0, seconds), ylim=(len(classes) - 0.4, -0.6), yticks=range(len(classes)), xlabel="s")
    axes.set_yticklabels(map(plain, classes), fontsize=7)
