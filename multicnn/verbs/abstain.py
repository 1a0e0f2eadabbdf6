"""Abstain: answers that are not sure enough for a wanted precision are held back."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from multicnn.errors import DataError, UsageError
from multicnn.insight.calibration import SAID, Choice, Coverage, at_least, best, choose, coverage, covered
from multicnn.train.run import RunFolder, read_json
from multicnn.verbs.compare import read_answers
from multicnn.verbs.labels import Labelled
from multicnn.verbs.modality import Prediction


@dataclass(frozen=True)
class Held:
    """An answer, and what of it is not sure enough to be given: labels, `a|b` for several, or nothing."""

    of: Labelled
    label: str
    abstained: str
    error = None

    @property
    def id(self) -> str:
        return self.of.id

    @property
    def probabilities(self) -> dict[str, float]:
        return self.of.probabilities

    def record(self) -> dict[str, Any]:
        found = self.of.record()
        return {"id": found.pop("id"), **found, "prediction": self.label, "abstained": self.abstained}

    def cells(self) -> list[list[str]]:
        first, *others = self.of.cells()
        told = [first[0], self.label, self.abstained, *first[2:]]
        return [told, *([line[0], line[1], "", *line[2:]] for line in others)]


@dataclass(frozen=True)
class Abstention:
    """A threshold for each label, chosen on the validation part.

    wanted: precision.  thresholds: of the probability; of one label a sample all alike, of several infinite where none
    is good enough.  val, test: what the thresholds mean there, test None where it was not measured.
    """

    wanted: float
    several: bool
    thresholds: Mapping[str, float]
    val: Mapping[str, Any]
    test: Mapping[str, Any] | None
    lacking: Mapping[str, Choice | None]  # labels without a threshold, and the best that they have

    def hold(self, prediction: Prediction) -> Prediction:
        """The same answer without what is not sure enough."""
        if not isinstance(prediction, Labelled):
            return prediction
        chances = prediction.probabilities
        said = [c for c, p in chances.items() if p >= SAID] if self.several else [prediction.label]
        given = [c for c in said if chances[c] >= self.thresholds[c]]
        return Held(prediction, "|".join(given), "|".join(c for c in said if c not in given))

    def record(self) -> dict[str, Any]:
        """As JSON says it."""
        each = {c: t if math.isfinite(t) else None for c, t in self.thresholds.items()}
        threshold = each if self.several else next(iter(each.values()))
        return {"wanted": self.wanted, "threshold": threshold, "val": dict(self.val), "test": self.test}

    def lines(self) -> list[str]:
        """For a person."""
        if self.several:
            each = [f"{c} {t:.4f}" for c, t in self.thresholds.items() if math.isfinite(t)]
            told = [f"abstain: labels are given from these probabilities on: {', '.join(each)}"]
            told += [f"  {c} is never given: {proven(b)}" for c, b in self.lacking.items()]
        else:
            told = [f"abstain: answers are given from confidence {next(iter(self.thresholds.values())):.4f} on"]
        for part, found in (("val", self.val), ("test", self.test)):
            if found:
                share = f"{found['answered']:,} of {found['n']:,} ({found['coverage']:.1%})"
                right = f"{found['precision']:.4f}, at least {found['floor']:.4f} with 95 % certainty"
                told.append(f"  on {part} {share} are given, precision {right}")
        return told


def columns(names: Sequence[str]) -> list[str]:
    """Of a table of answers, some held back."""
    return [*names[:2], "abstained", *names[2:]]


def abstention(folder: RunFolder, facts: Mapping[str, Any], wanted: float, views: Sequence[str]) -> Abstention:
    """Choose thresholds for a wanted precision, by the answers to the validation part.

    facts: the content of model.json.  views: of test-time augmentation, whose own answers are read.
    Raises UsageError where no threshold is good enough, and for a run that does not classify or has no such answers.
    """
    if not 0 < wanted < 1:
        raise UsageError(f"--abstain {wanted:g}: a precision lies between 0 and 1, such as 0.95")
    if facts["task"] != "classify":
        raise UsageError(
            f"--abstain is for runs that classify, not for {facts['modality']} {facts['task']}; leave it out"
        )
    classes, several = facts["classes"], facts["several_labels"]
    p, y = _measured(folder, "val", classes, several, views)
    curves = {c: _class_curve(p, y, k) for k, c in enumerate(classes)} if several else {"": coverage(p, y)}
    chosen = {name: choose(curve, wanted) for name, curve in curves.items()}
    bests = {name: best(curve) for name, curve in curves.items()}
    if not any(chosen.values()):
        top = max((b for b in bests.values() if b), key=lambda b: b.floor, default=None)
        raise UsageError(
            f"--abstain {wanted:g}: no threshold reaches that precision on the validation part with 95 % certainty; "
            f"{proven(top)}; ask for less, or train with more validation samples"
        )
    found = {c: chosen[c if several else ""] for c in classes}
    thresholds = {c: one.threshold if one else math.inf for c, one in found.items()}
    lacking = {c: bests[c] for c, one in chosen.items() if one is None}
    test = None
    if (folder.evaluation / f"predictions_{named('test', views)}.csv").exists():
        test = _given(*_measured(folder, "test", classes, several, views), thresholds, several)
    return Abstention(wanted, several, thresholds, _given(p, y, thresholds, several), test, lacking)


def proven(choice: Choice | None) -> str:
    """What the best threshold is good for."""
    if choice is None:
        return "there is no answer to choose by"
    return (
        f"the best is {choice.floor:.4f}, from {choice.threshold:.4f} on, where {choice.answered:,} are given and "
        f"{choice.precision:.4f} of them are right"
    )


def named(part: str, views: Sequence[str]) -> str:
    """The name of an evaluation, as `evaluate` writes it."""
    return part + "-tta" * bool(views)


def _measured(
    folder: RunFolder, part: str, classes: list[str], several: bool, views: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and truth of a part.  -> n k, (n,) | n k"""
    path = folder.evaluation / f"predictions_{named(part, views)}.csv"
    facts = folder.evaluation / f"{named(part, views)}.json"
    same = not views or (facts.exists() and read_json(facts).get("tta") == [*views])
    if not path.exists() and not read_json(folder.data)["parts"][part]["n"]:
        raise UsageError(f"--abstain: {folder.path} has no {part} part to choose a threshold on; train with --{part}")
    if not path.exists() or not same:
        way = f"multicnn evaluate {folder.quoted} --split {part}{' --tta' * bool(views)}"
        raise DataError(f"{path}: not measured yet{' with these views' * bool(views)}; measure it with: {way}")
    return read_answers(folder, named(part, views), classes, several)


def _class_curve(p: np.ndarray, y: np.ndarray, k: int) -> Coverage:
    """Of what is said of one class."""
    asked = (y[:, k] >= 0) & (p[:, k] >= SAID)
    return covered(p[asked, k], y[asked, k] > 0)


def _given(p: np.ndarray, y: np.ndarray, thresholds: Mapping[str, float], several: bool) -> dict[str, Any]:
    """How many of the answers reach their thresholds, and how many of these are right."""
    limit = np.array([*thresholds.values()])
    if several:
        said = (p >= SAID) & (y >= 0)
        given, right = said & (p >= limit), y > 0
    else:
        said = np.eye(p.shape[1], dtype=bool)[p.argmax(axis=1)]
        given, right = said & (p >= limit), y[:, None] == np.arange(p.shape[1])
    n, answered, hits = int(said.sum()), int(given.sum()), int((given & right).sum())
    floor = float(at_least(np.array(hits), np.array(max(answered, 1))))
    share = {"coverage": answered / max(n, 1), "precision": hits / max(answered, 1), "floor": floor}
    return {"n": n, "answered": answered, **share}
