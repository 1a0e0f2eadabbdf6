"""Small drawings of instances: masks in colour, boxes round them; the truth beside the answer."""

from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.image.instances.draw import Named, tinted
from multicnn.image.instances.outcome import said, true
from multicnn.image.media import encoded
from multicnn.insight.overlay import Box, boxed
from multicnn.insight.page import Html
from multicnn.verbs.modality import Look


def sketch(task: Any, reader: Any, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look) -> list[Html]:
    """A drawing a sample."""
    raw, truth, answer = look(np.arange(len(rows)))
    size: tuple[int, int] = reader.size
    return [
        Html(
            f'<div class="strip"><div>{_drawn(pixels, true(own, task.classes), "true")}<span>truth</span></div>'
            f"<div>{_drawn(pixels, said(task, line, size), 'said')}<span>answer</span></div></div>"
        )
        for pixels, own, line in zip(raw, truth, answer, strict=True)
    ]


def _drawn(pixels: np.ndarray, found: Named, whose: str) -> Html:
    owner, names, boxes = found
    height, width = owner.shape
    edges = (boxes * [width, height, width, height]).tolist()
    drawn = [Box(edge, name, whose) for edge, name in zip(edges, names, strict=True)]
    return boxed(encoded(tinted(pixels, owner).transpose(2, 0, 1)), (width, height), reversed(drawn))
