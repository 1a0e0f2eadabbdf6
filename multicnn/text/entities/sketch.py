"""Texts with their entities marked: right ones green, wrong ones red, missed ones dashed."""

from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.table import Table
from multicnn.insight.page import Html
from multicnn.text.entities.draw import marked
from multicnn.text.entities.errors import samples
from multicnn.text.entities.outcome import shown
from multicnn.verbs.modality import Look


def sketch(task: Any, reader: Reader, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look) -> list[Html]:
    """A text a piece."""
    found = (shown(sample) for sample in samples(task, table, rows, judged))
    return [Html(f'<p class="passage" dir="auto">{marked(text, marks)}</p>') for _, text, marks in found]
