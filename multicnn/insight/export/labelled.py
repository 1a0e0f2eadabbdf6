"""Answers that are labels, as `multicnn predict` writes them; goes into bundles."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from multicnn.tasks.classify import Tag

ENOUGH = 0.5  # probability of a label, where there may be several


def rows(
    name: str, item: Any, reader: Any, answers: Iterator[np.ndarray], facts: Mapping[str, Any]
) -> list[list[str]]:
    """id, label, confidence, probabilities: the mean over a sample's windows.  each b k"""
    answer = np.concatenate([*answers]).astype(np.float64).mean(axis=0)
    classes = facts["classes"]
    several = "|".join(c for c, p in zip(classes, answer, strict=True) if p >= ENOUGH)
    label = several if facts["several"] else classes[int(answer.argmax())]
    return [[name, label, *(f"{p:.6g}" for p in (answer.max(), *answer))]]


def facts(task: Any) -> dict[str, Any]:
    """What `rows` needs to know of the task."""
    return {"classes": [*task.classes], "several": isinstance(task, Tag)}
