"""Who judges the labels: learners that had not learnt the label in question."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from multicnn.data.stratify import deal
from multicnn.insight.audit.outoffold import folded, linear
from multicnn.train.voice import Silent, Voice
from multicnn.verbs.audit_known import Known
from multicnn.verbs.labels import Labels, Learner
from multicnn.verbs.layers import read_saved
from multicnn.verbs.sources import DataSettings
from multicnn.verbs.train import train

FOLDS = 10  # of the cheap learners: more learn from more, and on reviews and MR found more than 5
NEAR = 0.03  # of the metric, by which a simple learner may be worse than the net and yet judge the labels


def judge(known: Known, data: DataSettings, folds: int, voice: Voice) -> tuple[np.ndarray, str]:
    """The classes' probabilities by learners that had not learnt the sample's label, and who they are.  -> n k

    With `folds` the run's own settings, trained anew in each; else the modality's simple learners, where on samples
    that the net did not learn from they are about as good as the net; else a linear model on the net's features, which
    has itself not learnt the label, but the net may have: it then finds fewer errors in the training part.
    """
    k, x, y = len(known.table.classes), known.features, known.table.truth
    fold = deal(known.table, [1 / FOLDS] * FOLDS, 0)
    given = {f"{name} in {FOLDS} folds": folded(learn, fold, k) for name, learn in competitive(known)}
    if folds:
        given[f"{known.trained.facts['model']} trained anew in {folds} folds"] = retrained(known, data, folds, voice)
    if not given:
        name = f"logistic regression on the run's features in {FOLDS} folds"
        given[name] = folded(lambda rows, new: linear(x[rows], y[rows], x[new], k), fold, k)
    return np.mean([*given.values()], axis=0), " and ".join(given)


def competitive(known: Known) -> Iterator[tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]]]:
    """The modality's simple learners that are about as good as the net on what it did not learn from."""
    outcome = known.trained.kind.outcome
    new, old = np.flatnonzero(known.part != "train"), np.flatnonzero(known.part == "train")
    if not isinstance(outcome, Labels) or not len(new) or not len(old):
        return
    wanted = _measured(known, known.p[new], new) - NEAR
    for learner in outcome.learners:
        name, judged = _learn(learner, known, old, new)
        if _measured(known, judged, new) >= wanted:
            yield name, lambda rows, others, learner=learner: _learn(learner, known, rows, others)[1]


def _learn(learner: Learner, known: Known, rows: np.ndarray, new: np.ndarray) -> tuple[str, np.ndarray]:
    return learner(known.trained.reader, known.table, rows, new, lambda row: known.store[known.rows[row]])


def _measured(known: Known, p: np.ndarray, rows: np.ndarray) -> float:
    """The task's own metric, by the given labels."""
    task = known.trained.task
    return task.metrics(p, known.table.truth[rows])[task.monitor]


def retrained(known: Known, data: DataSettings, folds: int, voice: Voice) -> np.ndarray:
    """What the run's settings, trained anew without a fold, say of its samples.  -> n k

    Raises UsageError or DataError where the data cannot be dealt into so many folds.
    """
    trained, place = known.trained, {str(name): row for row, name in enumerate(known.table.ids)}
    named = {key: value for key, value in asdict(data).items() if value is not None} | {
        "on_bad": "skip",
        "folds": folds,
    }
    config = read_saved(trained.folder.config, trained.modality.name) | {"data": named}
    found = np.zeros((len(place), len(known.table.classes)))
    with TemporaryDirectory(prefix="multicnn-audit-") as work:
        for fold in range(1, folds + 1):
            voice.say(f"training fold {fold} of {folds}")
            folder, _ = train(
                trained.modality, config=config, flags={"data": {"fold": fold}}, sets={},
                out=Path(work) / f"fold-{fold}", overwrite=False, require=None, voice=Silent(),
            )  # fmt: skip
            for name, p in tested(folder.evaluation / "predictions_test.csv", known.table.classes):
                if name in place:
                    found[place[name]] = p
    return found


def tested(path: Path, classes: Sequence[str]) -> Iterator[tuple[str, list[float]]]:
    """Each tested sample and the probabilities of the classes."""
    with open(path, encoding="utf-8", newline="") as f:
        for line in csv.DictReader(f):
            yield line["id"], [float(line.get(f"p_{name}", 0.0)) for name in classes]
