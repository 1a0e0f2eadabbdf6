"""Mixtures to be heard, with each source as it is and as it was answered."""

from typing import Any

import numpy as np

from multicnn.audio.media import clip
from multicnn.audio.wave import FULL
from multicnn.data.table import Table
from multicnn.insight.page import Html, text
from multicnn.tasks import sdr
from multicnn.verbs.modality import Look

SECONDS = 4.0  # of each sound that are played


def sketch(task: Any, reader: Any, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look) -> list[Html]:
    """The mixture, the true sources, and the answers, a sample."""
    ratios = sdr.ratios(task.unpack(judged), permute=task.permute)["si_sdr_improvement"]
    found = zip(*look(np.arange(len(rows))), ratios, strict=True)
    return [_drawn(task, reader.rate, *one) for one in found]


def _drawn(
    task: Any, rate: int, mixture: np.ndarray, truth: np.ndarray, answer: np.ndarray, ratios: np.ndarray
) -> Html:
    sounds = [("the mixture", mixture)]
    for k, name in enumerate(task.classes):
        wave = (answer[k, : len(mixture)] * FULL).clip(-FULL, FULL - 1).astype(np.int16)
        sounds += [(f"{name}, true", truth[k]), (f"{name}, answer ({ratios[k]:+.1f} dB)", wave)]
    cells = [f"<div><span>{text(name)}</span>{clip(sound, rate, seconds=SECONDS)}</div>" for name, sound in sounds]
    return Html(f'<div class="strip">{"".join(cells)}</div>')
