"""Measuring on a split: metrics with intervals, per class, and simple learners to beat."""

from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.insight.bootstrap import intervals, measure
from multicnn.train.run import RunFolder
from multicnn.train.task import Task
from multicnn.verbs.modality import Kind, Look


def report(
    folder: RunFolder, part: str, kind: Kind, task: Task, table: Table, rows: np.ndarray, judged: np.ndarray,
    look: Look,
) -> dict[str, Any]:  # fmt: skip
    """Measure the judgements on `rows`; write evaluation/PART.json and what the task shows beside it."""
    truth = table.truth[rows]
    found = {
        "split": part,
        "n": len(rows),
        "loss": float(task.losses(judged, truth).mean()),
        "metrics": task.metrics(judged, truth),
        "per_class": task.per_class(judged, truth),
        "intervals": intervals(task, judged, truth),
    }
    folder.write_json(folder.evaluation / f"{part}.json", found)
    kind.outcome.write(folder, part, task, table, rows, judged, look)
    return found


def baselines(
    kind: Kind, task: Task, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
) -> dict[str, dict[str, float]]:
    """What learners that need no network reach on the test part."""
    found = kind.outcome.baselines(task, reader, table, splits, store, judged)
    return {name: measure(task, theirs, table.truth[splits.test]) for name, theirs in found.items()}


def lines(found: dict[str, Any]) -> list[str]:
    """The metrics with their intervals, one a line."""
    edges = found["intervals"]
    return [
        f"  {name:<18} {value:.4f}   95 % interval {edges[name][0]:.4f} to {edges[name][1]:.4f}"
        for name, value in [*found["metrics"].items(), ("loss", found["loss"])]
    ]
