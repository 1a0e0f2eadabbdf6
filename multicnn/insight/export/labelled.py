"""Answers that are labels, as `multicnn predict` writes them; goes into bundles."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from multicnn.insight.export.feeding import batches
from multicnn.tasks.classify import Tag

Ask = Callable[[np.ndarray], np.ndarray]
ENOUGH = 0.5  # probability of a label, where there may be several


def rows(name: str, item: Any, reader: Any, ask: Ask, facts: Mapping[str, Any]) -> list[list[str]]:
    """id, label, confidence, probabilities: the mean over a sample's windows.  each b k"""
    answer = np.concatenate([*map(ask, batches(reader, item))]).astype(np.float64).mean(axis=0)
    numbers = [f"{p:.6g}" for p in (answer.max(), *answer)]
    return [[name, label(answer, facts["classes"], several=facts["several"]), *numbers]]


def label(answer: np.ndarray, classes: Sequence[str], *, several: bool) -> str:
    """The likeliest class, or all that are likely enough.  k"""
    if several:
        return "|".join(c for c, p in zip(classes, answer, strict=True) if p >= ENOUGH)
    return classes[int(answer.argmax())]


def facts(task: Any) -> dict[str, Any]:
    """What `rows` needs to know of the task."""
    return {"classes": [*task.classes], "several": isinstance(task, Tag)}
