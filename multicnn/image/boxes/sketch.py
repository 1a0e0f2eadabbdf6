"""Small drawings of boxes: the truth dashed and green, the answer red."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.table import Table
from multicnn.image.boxes.outcome import shown
from multicnn.image.media import encoded
from multicnn.insight.overlay import Box, boxed
from multicnn.insight.page import Html
from multicnn.verbs.modality import Look


def sketch(task: Any, reader: Reader, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look) -> list[Html]:
    """A drawing a sample."""
    found, _, true, _ = task.unpack(judged)
    raw = look(np.arange(len(rows)))[0]
    return [
        drawn(pixels, task.classes, answer[shown(answer, task)], truth[truth[:, 0] >= 0])
        for pixels, answer, truth in zip(raw, found, true, strict=True)
    ]


def drawn(pixels: np.ndarray, classes: Sequence[str], answer: np.ndarray, truth: np.ndarray) -> Html:
    """Boxes in shares of the picture.  c h w, n 6 (class, score, box), m 5 (class, box)"""
    height, width = pixels.shape[1:]
    scale = np.array([width, height, width, height])
    boxes = [Box((line[1:] * scale).tolist(), "", "true") for line in truth]
    boxes += [Box((line[2:] * scale).tolist(), f"{classes[int(line[0])]} {line[1]:.2f}", "said") for line in answer]
    return boxed(encoded(pixels), (width, height), boxes)
