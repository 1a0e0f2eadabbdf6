"""Labels that were answered, sample by sample: which are wrong, and how sure."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multicnn.data.table import strings
from multicnn.train.run import damaged

HEAD = ("id", "label", "prediction", "correct", "loss")  # columns of predictions_PART.csv before the probabilities


@dataclass(frozen=True, eq=False)
class Answers:
    """A part's samples.

    ids, truth, said: (n,) strings.  right: (n,) bool.  loss: (n,).  sure: (n,) the highest probability.
    wrong: (n,) the highest probability of anything that is not so.
    """

    ids: np.ndarray
    truth: np.ndarray
    said: np.ndarray
    right: np.ndarray
    loss: np.ndarray
    sure: np.ndarray
    wrong: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    def worst(self, most: int) -> np.ndarray:
        """Places of the samples with the highest loss, that first."""
        return np.argsort(-self.loss, kind="stable")[:most]

    def confident(self, most: int) -> np.ndarray:
        """Places of the wrong samples, the surest first."""
        places = np.flatnonzero(~self.right)
        return places[np.argsort(-self.wrong[places], kind="stable")][:most]


def read(path: Path, classes: Sequence[str], *, several: bool) -> Answers:
    """From predictions_PART.csv. Raises DataError where it is damaged."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            head = next(lines, [])
            wanted = [*HEAD, *(f"p_{c}" for c in classes)]
            if head[: len(wanted)] != wanted:
                raise damaged(path, "it has other columns")
            last = head.index("unknown") if "unknown" in head else None
            return _gathered([_record(line, classes, several, last) for line in lines])
    except (OSError, csv.Error, ValueError, IndexError) as error:
        raise damaged(path, error) from error


Line = tuple[str, str, str, bool, float, float, float]


def _record(line: list[str], classes: Sequence[str], several: bool, last: int | None) -> Line:
    name, truth, said, correct, loss = line[: len(HEAD)]
    p = np.array(line[len(HEAD) : len(HEAD) + len(classes)], dtype=float)
    labels = set(truth.split("|")) if several else {truth}
    unknown = set(line[last].split("|")) if last is not None else set()
    true = np.array([c in labels for c in classes])
    against = np.where(true, 1 - p, p) if several else np.where(true, 0, p)
    against[[c in unknown for c in classes]] = 0
    return name, truth, said, correct == "1", float(loss), float(p.max(initial=0)), float(against.max(initial=0))


def _gathered(lines: list[Line]) -> Answers:
    columns = [[line[k] for line in lines] for k in range(7)]
    ids, truth, said = (strings(column) for column in columns[:3])
    loss, sure, wrong = (np.array(column, dtype=float) for column in columns[4:])
    return Answers(ids, truth, said, np.array(columns[3], dtype=bool), loss, sure, wrong)
