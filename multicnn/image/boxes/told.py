"""What a bundle tells of pictures with boxes, with numpy and Pillow alone.

Every function is `(name, item, reader, ask, facts) -> lines`, see `multicnn.verbs.modality.Told`.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from multicnn.image.boxes.outcome import Found
from multicnn.image.boxes.outcome import boxes as boxes_of
from multicnn.insight.export.feeding import batches
from multicnn.insight.export.labelled import Ask
from multicnn.tasks.detect import MOST
from multicnn.tasks.suppress import chosen

Facts = Mapping[str, Any]


def located(name: str, item: Any, reader: Any, ask: Ask, facts: Facts) -> list[list[str]]:
    """The one box."""
    (answer,) = (ask(raw)[0] for raw in batches(reader, item))
    return _boxed(name, item, reader, answer, facts)


def boxes(name: str, item: Any, reader: Any, ask: Ask, facts: Facts) -> list[list[str]]:
    """The boxes that reach the threshold, overlapping ones struck out."""
    (out,) = (ask(raw)[0] for raw in batches(reader, item))
    return _boxed(name, item, reader, chosen(out, len(facts["classes"]), facts["overlap"], MOST)[:, :6], facts)


def _boxed(name: str, item: Any, reader: Any, answer: np.ndarray, facts: Facts) -> list[list[str]]:
    return Found(name, item, reader, boxes_of(answer, item, reader, SimpleNamespace(**facts))).cells()


def facts_of(task: Any) -> dict[str, Any]:
    """What `located` and `boxes` know of the task."""
    return {"classes": [*task.classes], "threshold": task.threshold, "overlap": getattr(task, "overlap", 1.0)}
