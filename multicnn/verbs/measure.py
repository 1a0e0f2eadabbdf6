"""Measuring on a split: metrics with intervals, per class, predictions, pictures, and simple learners to beat."""

import csv
import io
from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.insight.bootstrap import intervals, measure
from multicnn.insight.plots import confusion_matrix
from multicnn.train.run import RunFolder, write_text
from multicnn.train.task import Task
from multicnn.verbs.modality import Modality


def report(
    folder: RunFolder, part: str, task: Task, table: Table, rows: np.ndarray, answer: np.ndarray
) -> dict[str, Any]:
    """Measure the answers for `rows` and write evaluation/PART.json, predictions_PART.csv and confusion_PART.png."""
    truth = table.target[rows]
    found = {
        "split": part,
        "n": len(rows),
        "loss": float(task.losses(answer, truth).mean()),
        "metrics": task.metrics(answer, truth),
        "per_class": task.per_class(answer, truth),
        "intervals": intervals(task, answer, truth),
    }
    folder.write_json(folder.evaluation / f"{part}.json", found)
    write_text(folder.evaluation / f"predictions_{part}.csv", predictions(task, table, rows, answer))
    if not table.several:
        confusion_matrix(folder.evaluation / f"confusion_{part}.png", table.classes, truth, answer.argmax(axis=1))
    return found


def predictions(task: Task, table: Table, rows: np.ndarray, answer: np.ndarray) -> str:
    """One line a sample: its id, the truth, the answer, whether they agree, the loss, every probability."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["id", "label", "prediction", "correct", "loss", *(f"p_{c}" for c in table.classes)])
    truth = table.target[rows]
    names = task.decode(truth.astype(float)) if table.several else [table.classes[k] for k in truth]
    said, loss = task.decode(answer), task.losses(answer, truth)
    for row, name, what, cost, p in zip(rows, names, said, loss, answer, strict=True):
        write([table.ids[row], name, what, int(name == what), f"{cost:.6g}", *(f"{v:.9g}" for v in p)])
    return out.getvalue()


def baselines(
    modality: Modality, task: Task, reader: Reader, table: Table, splits: Splits, store: Store
) -> dict[str, dict[str, float]]:
    """What learners that need no network reach on the test part: the commonest class, and the modality's own."""
    truth = table.target[splits.test]
    found = {"majority class": measure(task, commonest(table, splits), truth)}
    if modality.baseline is not None:
        name, answer = modality.baseline(reader, table, splits.train, splits.test, store.__getitem__)
        found[name] = measure(task, answer, truth)
    return found


def commonest(table: Table, splits: Splits) -> np.ndarray:
    """The classes' shares of the training part, as everybody's probabilities.  -> n k"""
    target = table.target[splits.train]
    k = len(table.classes)
    share = target.mean(axis=0) if table.several else np.bincount(target, minlength=k) / len(target)
    return np.tile(share, (len(splits.test), 1))


def lines(found: dict[str, Any]) -> list[str]:
    """The metrics with their intervals, one a line."""
    edges = found["intervals"]
    return [
        f"  {name:<18} {value:.4f}   95 % interval {edges[name][0]:.4f} to {edges[name][1]:.4f}"
        for name, value in [*found["metrics"].items(), ("loss", found["loss"])]
    ]
