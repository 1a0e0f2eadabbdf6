"""What a bundle tells of texts with entities, with numpy alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from multicnn.insight.export.feeding import batches
from multicnn.insight.export.labelled import Ask
from multicnn.tasks import entity_scores
from multicnn.tasks.crf_plain import best_path, probabilities
from multicnn.tasks.entities import Span, joined
from multicnn.text.entities.outcome import Read, entity
from multicnn.text.entities.reader import whole, worded


def rows(name: str, item: Any, reader: Any, ask: Ask, facts: Mapping[str, Any]) -> list[list[str]]:
    """A line an entity."""
    text = whole(item)
    _, places = worded(text)
    if not places:
        return Read(name, text, []).cells()
    answers = [ask(raw)[0] for raw in batches(reader, item)]
    shares = [(p.begin - p.first, p.end - p.first) for p in reader.cut(text, places)]
    found = spans(joined(answers, shares), facts["classes"])
    return Read(name, text, [entity(text, places[s.begin][0], places[s.end - 1][1], s) for s in found]).cells()


def spans(answer: np.ndarray, classes: list[str]) -> list[Span]:
    """See `Entities.spans`.  tags t+tags+2"""
    found = entity_scores.spans(best_path(answer)[None])[:, 1:]
    inside = np.arange(1 + 2 * len(classes))
    inside[1::2] += 1
    sure = probabilities(answer, np.c_[found[:, :2], 2 * found[:, 2] + 1], inside)
    return [Span(b, e, classes[c], float(p)) for (b, e, c), p in zip(found.tolist(), sure, strict=True)]


def facts_of(task: Any) -> dict[str, Any]:
    """What `rows` knows of the task."""
    return {"classes": [*task.classes]}
