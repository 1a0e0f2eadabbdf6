"""What the training loop asks of a task: nothing about devices, precision or files."""

from typing import Protocol

import numpy as np
from torch import Tensor, nn


class Task(Protocol):
    """A question about samples, as the loop sees it.

    monitor: the metric that picks the best epoch; higher is better, unless it starts with "-".
    """

    monitor: str

    def head(self, rank: int, channels: list[int]) -> nn.Module:
        """What reads a body's levels."""
        ...

    def encode(self, y: Tensor) -> Tensor:
        """Stored targets as the loss takes them (class numbers become soft labels that mixup can mix)."""
        ...

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """One loss a sample.  out, encoded y -> b"""
        ...

    def answer(self, out: Tensor) -> Tensor:
        """What the metrics and the user read (probabilities)."""
        ...

    def metrics(self, answer: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """All metrics over a whole split, by names that carry their definition; `weight` counts samples anew."""
        ...

    def losses(self, answer: np.ndarray, y: np.ndarray) -> np.ndarray:
        """One plain loss a sample, as validation reports it."""
        ...

    def per_class(self, answer: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """The metrics of each class by itself."""
        ...

    def decode(self, answer: np.ndarray) -> list[str]:
        """What a person reads."""
        ...
