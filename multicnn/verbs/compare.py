"""Compare: two runs on the same test samples, by a paired bootstrap."""

import csv
from typing import Any

import numpy as np

from multicnn.errors import DataError, UsageError
from multicnn.insight.bootstrap import paired
from multicnn.tasks.classify import Classify, Tag
from multicnn.train.run import RunFolder, read_model

Lines = dict[str, dict[str, str]]


def compare(first: RunFolder, second: RunFolder, part: str = "test") -> dict[str, Any]:
    """Every metric of both runs, the difference with its 95 % interval, and p. Raises UsageError on other samples."""
    model = read_model(first)
    classes = model["classes"]
    if model["task"] != "classify":
        raise UsageError(f"{first.path} answers {model['task']}; compare reads runs of classify only")
    if classes != read_model(second)["classes"]:
        raise UsageError(
            f"{first.path} and {second.path} know other classes; only runs on the same data can be compared"
        )
    a, b = _predictions(first, part, classes), _predictions(second, part, classes)
    if not same_samples(a, b):
        common = len(a.keys() & b.keys())
        raise UsageError(
            f"{first.path} and {second.path} were measured on other {part} samples "
            f"({len(a):,} and {len(b):,}, {common:,} in common); train both with the same data and --seed"
        )
    several = model["several_labels"]
    task = (Tag if several else Classify)(classes)
    names = list(a)
    truth = _truth([a[n] for n in names], classes, several)
    found = paired(task, _answers(a, names, classes), _answers(b, names, classes), truth)
    return {"first": str(first.path), "second": str(second.path), "split": part, "n": len(names), "metrics": found}


def same_samples(a: Lines, b: Lines) -> bool:
    """Whether both hold the same samples with the same labels."""
    return a.keys() == b.keys() and all(a[n]["label"] == b[n]["label"] for n in a)


def lines(found: dict[str, Any]) -> list[str]:
    """The comparison in words."""
    told = [f"first:  {found['first']}", f"second: {found['second']}", f"{found['n']:,} {found['split']} samples"]
    for name, m in found["metrics"].items():
        low, high = m["interval"]
        verdict = "differ" if low > 0 or high < 0 else "no clear difference"
        told.append(
            f"  {name:<18} {m['first']:.4f}  {m['second']:.4f}  difference {m['difference']:+.4f} "
            f"({low:+.4f} to {high:+.4f}, p = {m['p']:.3f}): {verdict}"
        )
    return told


def _predictions(folder: RunFolder, part: str, classes: list[str]) -> Lines:
    path = folder.evaluation / f"predictions_{part}.csv"
    if not path.exists():
        raise DataError(f"{path} does not exist; finish the run with `multicnn resume {folder.quoted}` or evaluate it")
    needed = ["id", "label", *(f"p_{c}" for c in classes)]
    with open(path, encoding="utf-8", newline="") as f:
        found = list(csv.DictReader(f))
    for number, line in enumerate(found, start=1):
        if lacking := [name for name in needed if line.get(name) is None]:
            raise DataError(
                f"{path}: sample {number} has no {lacking[0]!r}; measure again with `multicnn evaluate {folder.quoted}`"
            )
    return {line["id"]: line for line in found}


def read_answers(folder: RunFolder, part: str, classes: list[str], several: bool) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and truth of a measured part.  -> n k, (n,) | n k"""
    found = _predictions(folder, part, classes)
    return _answers(found, list(found), classes), _truth(list(found.values()), classes, several)


def _answers(lines: Lines, names: list[str], classes: list[str]) -> np.ndarray:
    return np.array([[float(lines[n][f"p_{c}"]) for c in classes] for n in names])


def _truth(lines: list[dict[str, str]], classes: list[str], several: bool) -> np.ndarray:
    """Class numbers, or 1, 0 and -1 for what is not known of each class."""
    if not several:
        return np.array([classes.index(line["label"]) for line in lines])
    has, unknown = (
        np.array([[c in (line.get(column) or "").split("|") for c in classes] for line in lines])
        for column in ("label", "unknown")
    )
    return np.where(unknown, -1, has)
