"""Answers that are labels: one of several classes, or any number of them."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.insight.plots import confusion_matrix
from multicnn.train.run import RunFolder, write_text
from multicnn.train.task import Task
from multicnn.verbs.modality import Look

Learner = Callable[[Any, Table, np.ndarray, np.ndarray, Callable[[int], np.ndarray]], tuple[str, np.ndarray]]


class Span(NamedTuple):
    """A class that occurs within a sample.  onset, offset: s.  probability: the highest in between."""

    onset: float
    offset: float
    label: str
    probability: float


@dataclass(frozen=True)
class Labelled:
    """A sample's label (`a|b` for several), and every class's probability.

    spans: what occurs when in a long sample, None where that was not looked for.
    """

    id: str
    label: str
    probabilities: dict[str, float]
    spans: tuple[Span, ...] | None = None
    error = None

    @property
    def confidence(self) -> float:
        """The highest probability."""
        return max(self.probabilities.values())

    def record(self) -> dict[str, Any]:
        found = {
            "id": self.id,
            "prediction": self.label,
            "confidence": self.confidence,
            "probabilities": self.probabilities,
        }
        return found if self.spans is None else found | {"spans": [span._asdict() for span in self.spans]}

    def cells(self) -> list[list[str]]:
        numbers = [f"{p:.6g}" for p in (self.confidence, *self.probabilities.values())]
        blank = [""] * len(self.probabilities)
        spans = [
            [self.id, s.label, f"{s.probability:.6g}", *blank, f"{s.onset:.3f}", f"{s.offset:.3f}"]
            for s in self.spans or ()
        ]
        return [[self.id, self.label, *numbers], *spans]


@dataclass(frozen=True)
class Labels:
    """Shows labels.

    learners: `(reader, table, train_rows, test_rows, get) -> (name, answers)`, simple learners to beat besides the
    commonest class; `get(row)` gives the decoded sample.
    more: columns after the probabilities, of lines that tell of a part of a sample.
    """

    learners: Sequence[Learner] = ()
    more: tuple[str, ...] = ()
    files = False

    def columns(self, classes: Sequence[str]) -> list[str]:
        """id, prediction, confidence, a probability a class, and what is known of parts."""
        return ["id", "prediction", "confidence", *(f"p_{c}" for c in classes), *self.more]

    def tell(self, name: str, item: Any, reader: Reader, task: Task, answer: np.ndarray) -> Labelled:
        """k probabilities -> the label"""
        return Labelled(name, task.decode(answer[None])[0], dict(zip(task.classes, map(float, answer), strict=True)))

    def keep(self, prediction: Labelled, folder: Path | None) -> Labelled:
        """A label is all there is."""
        return prediction

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """Nothing: the table tells all."""

    def write(
        self, folder: RunFolder, part: str, task: Task, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """predictions_PART.csv and confusion_PART.png."""
        write_text(folder.evaluation / f"predictions_{part}.csv", predictions(task, table, rows, judged))
        if not table.several:
            truth, said = table.target[rows], judged.argmax(axis=1)
            confusion_matrix(folder.evaluation / f"confusion_{part}.png", table.classes, truth, said)

    def baselines(
        self, task: Task, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """The commonest class, and the modality's own learners."""
        learnt = [learn(reader, table, splits.train, splits.test, store.__getitem__) for learn in self.learners]
        return {"majority class": commonest(table, splits), **dict(learnt)}


def predictions(task: Task, table: Table, rows: np.ndarray, answer: np.ndarray) -> str:
    """One line a sample: its id, the truth, the answer, whether they agree, the loss, every probability.

    Where some labels are not known, those of each sample too; they do not count in whether the two agree.
    """
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    last = ["unknown"] if table.known is not None else []
    write(["id", "label", "prediction", "correct", "loss", *(f"p_{c}" for c in table.classes), *last])
    truth = table.truth[rows]
    names = task.decode(truth.astype(float)) if table.several else [table.classes[k] for k in truth]
    said, loss = task.decode(answer), task.losses(answer, truth)
    asked = task.decode(np.where(truth < 0, 0, answer)) if last else said
    unknown = [[line] for line in task.decode((truth < 0).astype(float))] if last else [[]] * len(rows)
    for row, name, what, counted, cost, p, more in zip(rows, names, said, asked, loss, answer, unknown, strict=True):
        numbers = [f"{cost:.6g}", *(f"{v:.9g}" for v in p)]
        write([table.ids[row], name, what, int(name == counted), *numbers, *more])
    return out.getvalue()


def commonest(table: Table, splits: Splits) -> np.ndarray:
    """The classes' shares of the training part, as everybody's probabilities.  -> n k"""
    target = table.truth[splits.train]
    k = len(table.classes)
    several = (target > 0).sum(axis=0) / np.maximum((target >= 0).sum(axis=0), 1) if table.several else None
    share = np.bincount(target, minlength=k) / len(target) if several is None else several
    return np.tile(share, (len(splits.test), 1))
