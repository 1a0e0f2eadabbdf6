"""Class weights and balanced sampling: one flag, one meaning, in every task."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from multicnn.errors import UsageError
from multicnn.names import hint


def class_weights(kind: str, classes: Sequence[str], target: np.ndarray) -> Tensor | None:
    """A weight a class from the training targets: none, balanced (1 / share), sqrt (its root), or a JSON file.

    target: class numbers, or of several labels 1, 0, and -1 for what is not known.

    Scaled so that the mean weight over the training labels is 1: a loss keeps its size, whatever the classes.
    """
    if kind == "none":
        return None
    if target.ndim == 2:
        share = (target > 0).sum(axis=0) / np.maximum((target >= 0).sum(axis=0), 1)
    else:
        share = np.bincount(target, minlength=len(classes)) / len(target)
    share = share.clip(1e-12)
    if kind == "balanced":
        raw = 1 / share
    elif kind == "sqrt":
        raw = 1 / np.sqrt(share)
    else:
        raw = from_file(Path(kind), classes)
    return torch.tensor(raw / (raw * share).sum() * share.sum(), dtype=torch.float32)


def from_file(path: Path, classes: Sequence[str]) -> np.ndarray:
    """Weights by class name. Raises UsageError on a name or a number that is none."""
    if not path.is_file():
        raise UsageError(
            f"--class-weights {path}: no such file; give none, balanced, sqrt or a JSON file of name: weight"
        )
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        values = {str(k): float(v) for k, v in given.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise UsageError(f"{path}: not a JSON object of class name: weight ({error})") from error
    for name in values:
        if name not in classes:
            raise UsageError(f"{path}: no class {name!r}; {hint(name, classes)}")
    missing = [c for c in classes if c not in values]
    if missing or not all(0 < value < float("inf") for value in values.values()):
        problem = f"no weight for class {missing[0]!r}" if missing else "a weight is not above 0"
        raise UsageError(f"{path}: {problem}; give every class a weight above 0")
    return np.array([values[c] for c in classes])


def draw_balanced(target: np.ndarray) -> np.ndarray:
    """Probability of each training row such that every class is drawn equally often.

    With several labels a class is drawn and then one of its samples, as in Kong et al. 2020, arXiv 1912.10211; those
    without a label, as a class of their own.  (n,) | (n, k) -> (n,)
    """
    if target.ndim == 1:
        weight = 1 / np.bincount(target)[target]
    else:
        kinds = np.c_[target, ~target.any(axis=1)]
        weight = (kinds / np.maximum(kinds.sum(axis=0), 1)).sum(axis=1)
    return weight / weight.sum()
