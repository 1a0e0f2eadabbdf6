"""Small drawings of masks: the picture, the truth over it, the answer over it."""

from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.table import Table
from multicnn.image.media import encoded
from multicnn.image.overlay import blended, palette
from multicnn.image.solids import middle
from multicnn.insight.page import Html, picture, text
from multicnn.verbs.modality import Look

MOST = 12  # classes that are named


def sketch(task: Any, reader: Reader, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look) -> list[Html]:
    """A drawing a sample; of volumes the middle slices."""
    raw, truth, answer = look(np.arange(len(rows)))
    shown = middle(raw, 2), middle(truth, 1), middle(answer, 2).argmax(axis=1).astype(np.uint8)
    return [_drawn(task.classes, *one) for one in zip(*shown, strict=True)]


def _drawn(classes: tuple[str, ...], pixels: np.ndarray, truth: np.ndarray, answer: np.ndarray) -> Html:
    masks = (np.zeros_like(truth), truth, answer)
    cells = [
        f"<div>{picture(encoded(blended(pixels, mask).transpose(2, 0, 1)), name)}<span>{name}</span></div>"
        for mask, name in zip(masks, ("picture", "truth", "answer"), strict=True)
    ]
    colours = palette()
    seen = [k for k in np.union1d(truth, answer).astype(int).tolist() if 0 < k < len(classes)][:MOST]
    key = "".join(
        f'<span><i style="background:rgb({",".join(map(str, colours[k]))})"></i>{text(classes[k].lstrip("_"))}</span>'
        for k in seen
    )
    return Html(f'<div class="strip">{"".join(cells)}</div><p class="key">{key}</p>')
