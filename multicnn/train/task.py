"""What the training loop asks of a task: nothing about devices, precision or files."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from torch import Tensor, nn

from multicnn.zoo.body import Body
from multicnn.zoo.net import Net


class Task(Protocol):
    """A question about samples, as the loop sees it.

    monitor: the metric that picks the best epoch; higher is better, unless it starts with "-".
    mixes: whether the encoded answers of two samples have a weighted mean, as mixup needs.
    """

    monitor: str
    mixes: bool
    classes: tuple[str, ...]

    def net(self, frontend: nn.Module, body: Body) -> Net:
        """Front-end, body and the head that gives this task's answers, with these names."""
        ...

    def encode(self, y: Tensor) -> Tensor:
        """Stored targets as the loss takes them (class numbers become soft labels that mixup can mix)."""
        ...

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """The encoded answers to samples whose grid an augment has moved, see `multicnn.train.augment`."""
        ...

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """One loss a sample.  out, encoded y -> b"""
        ...

    def answer(self, out: Tensor) -> Tensor:
        """What the user reads (probabilities)."""
        ...

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """What the metrics read of each sample, small enough to be kept for a whole split.  out, stored y -> b ..."""
        ...

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """All metrics over a whole split, by names that carry their definition; `weight` counts samples anew."""
        ...

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """One plain loss a sample, as validation reports it."""
        ...

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """The metrics of each class by itself."""
        ...

    def decode(self, answer: np.ndarray) -> list[str]:
        """What a person reads."""
        ...


@runtime_checkable
class Tuned(Protocol):
    """A task some of whose settings are chosen on the validation part, once the weights are."""

    def tune(self, judged: np.ndarray, y: np.ndarray) -> dict[str, Any]:
        """Settle them for itself, from what `judge` and the table say; returns them, for model.json to keep."""
        ...


@runtime_checkable
class Calibrated(Protocol):
    """A task whose answers are probabilities that one number makes more or less sure: logits are divided by it."""

    temperature: float

    def calibrate(self, out: np.ndarray, of: np.ndarray, answer: np.ndarray, y: np.ndarray) -> str:
        """Choose the temperature by the validation part; returns what was done.

        out: what the net says of each window.  of: the sample of each.  answer, y: of the samples, and the truth.
        """
        ...


@runtime_checkable
class Sequential(Protocol):
    """A task whose answers are sequences along the grid's time."""

    def impossible(self, y: np.ndarray, cells: np.ndarray) -> np.ndarray:
        """Which stored answers are longer than grids of so many cells along time can tell.  n ..., n -> n"""
        ...
