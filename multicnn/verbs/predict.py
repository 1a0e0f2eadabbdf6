"""Predict: answers for files, folders, tables or lines of text that carry no labels."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from multicnn.data.store import pack
from multicnn.errors import DataError
from multicnn.train.voice import Voice
from multicnn.verbs.trained import Trained

BLOCK = 512  # samples decoded and answered at once, so that memory stays flat


@dataclass(frozen=True)
class Prediction:
    """What the model says about one sample; `error` instead where it could not be read."""

    id: str
    label: str | None
    probabilities: dict[str, float]
    error: str | None = None


def predict(trained: Trained, items: Sequence[tuple[str, Any]], voice: Voice) -> list[Prediction]:
    """Answers in the order of `items`, pairs of a name and what the reader takes; unreadable ones say why."""
    found: list[Prediction] = []
    for start in range(0, len(items), BLOCK):
        found += _block(trained, items[start : start + BLOCK], voice)
    return found


def _block(trained: Trained, items: Sequence[tuple[str, Any]], voice: Voice) -> list[Prediction]:
    samples, errors = {}, {}
    for place, (_, item) in enumerate(items):
        try:
            samples[place] = trained.reader(item)
        except DataError as error:
            errors[place] = str(error)
    answer = np.zeros((0, len(trained.classes)))
    if samples:
        store = pack(list(samples.values()), trained.reader)
        answer = trained.answer(store, np.arange(len(samples)), voice)
    labels = iter(zip(trained.task.decode(answer), answer, strict=True))
    found = []
    for place, (name, _) in enumerate(items):
        if place in errors:
            found.append(Prediction(name, None, {}, errors[place]))
            continue
        label, p = next(labels)
        found.append(Prediction(name, label, dict(zip(trained.classes, map(float, p), strict=True))))
    return found


def as_csv(predictions: Iterable[Prediction], classes: Sequence[str]) -> str:
    """id, prediction, confidence, a probability a class, and the error of what could not be read."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["id", "prediction", "confidence", *(f"p_{c}" for c in classes), "error"])
    for p in predictions:
        numbers = [f"{p.probabilities[c]:.6g}" if p.probabilities else "" for c in classes]
        sure = f"{max(p.probabilities.values()):.6g}" if p.probabilities else ""
        write([p.id, p.label or "", sure, *numbers, p.error or ""])
    return out.getvalue()


def as_jsonl(predictions: Iterable[Prediction]) -> str:
    """One object a sample."""
    return "".join(json.dumps(record(p), ensure_ascii=False) + "\n" for p in predictions)


def record(p: Prediction) -> dict[str, Any]:
    """A prediction as JSON says it."""
    if p.error:
        return {"id": p.id, "error": p.error}
    return {
        "id": p.id,
        "prediction": p.label,
        "confidence": max(p.probabilities.values()),
        "probabilities": p.probabilities,
    }
