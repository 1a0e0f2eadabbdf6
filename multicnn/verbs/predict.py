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
from multicnn.verbs.modality import Prediction
from multicnn.verbs.trained import Trained

BLOCK = 512  # samples decoded and answered at once, so that memory stays flat


@dataclass(frozen=True)
class Unread:
    """A sample that could not be read, and why."""

    id: str
    error: str

    def record(self) -> dict[str, Any]:
        return {"id": self.id, "error": self.error}

    def cells(self) -> list[list[str]]:
        return [[self.id]]


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
    answers = iter(answer)
    return [
        Unread(name, errors[place])
        if place in errors
        else trained.kind.outcome.tell(name, item, trained.reader, trained.task, next(answers))
        for place, (name, item) in enumerate(items)
    ]


def as_csv(predictions: Iterable[Prediction], columns: Sequence[str]) -> str:
    """The columns of the task's outcome, and the error of what could not be read."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write([*columns, "error"])
    for p in predictions:
        for cells in p.cells():
            write([*cells, *[""] * (len(columns) - len(cells)), p.error or ""])
    return out.getvalue()


def as_jsonl(predictions: Iterable[Prediction]) -> str:
    """One object a sample."""
    return "".join(json.dumps(p.record(), ensure_ascii=False) + "\n" for p in predictions)
