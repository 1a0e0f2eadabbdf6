"""What a bundle tells of recordings with events, with numpy alone."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from multicnn.audio.events.files import free_stem, write_labels, write_scores
from multicnn.audio.events.outcome import Sounded, events, whole
from multicnn.insight.export.feeding import batches
from multicnn.insight.export.labelled import Ask


def rows(name: str, item: Any, reader: Any, ask: Ask, facts: Mapping[str, Any]) -> list[list[str]]:
    """A line an event; labels/NAME.txt for Audacity and scores/NAME.npz."""
    classes = tuple(facts["classes"])
    used = (np.array(facts["threshold"]), np.array(facts["median"]))
    task: Any = SimpleNamespace(classes=classes, cell=facts["cell"], used=used)
    scores, edges = whole(item, reader, task, (ask(raw)[0] for raw in batches(reader, item)))
    found = events(scores, edges, task)
    if facts["out"]:
        folder = Path(facts["out"])
        stem = free_stem(folder / "scores", name)
        write_labels(folder / "labels" / f"{stem}.txt", found)
        write_scores(folder / "scores" / f"{stem}.npz", name, classes, scores, edges)
    return Sounded(name, item, reader, classes, found, scores, edges).cells()


def facts_of(task: Any) -> dict[str, Any]:
    """What `rows` knows of the task."""
    threshold, median = (values.tolist() for values in task.used)
    return {"classes": [*task.classes], "cell": task.cell, "threshold": threshold, "median": median}
