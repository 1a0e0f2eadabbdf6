"""From scores of cells to the score of the whole: for samples of which only tags are known.

Wang, Li, Metze 2018, arXiv 1810.09050. Cells outside the sound (`within` 0) have no say.
`scores b k t, attention b k t, within b 1 t -> b k`
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

EPSILON = 1e-7


class Pool(Protocol):
    """answers: that the net gives for each class in each cell; the second is what attention it wants."""

    @property
    def answers(self) -> int: ...

    def __call__(self, scores: Tensor, attention: Tensor, within: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class LinearSoftmax:
    """Scores weighed by themselves."""

    answers = 1

    def __call__(self, scores: Tensor, attention: Tensor, within: Tensor) -> Tensor:
        scores = scores * within
        return scores.square().sum(2) / scores.sum(2).clamp(min=EPSILON)


@dataclass(frozen=True)
class Attention:
    """Scores weighed by a learnt share of attention, a softmax over time."""

    answers = 2

    def __call__(self, scores: Tensor, attention: Tensor, within: Tensor) -> Tensor:
        shares = torch.softmax(attention.masked_fill(within == 0, -1e4), dim=2) * within
        return (scores * shares).sum(2) / shares.sum(2).clamp(min=EPSILON)


@dataclass(frozen=True)
class Max:
    """The highest score."""

    answers = 1

    def __call__(self, scores: Tensor, attention: Tensor, within: Tensor) -> Tensor:
        return (scores * within).amax(2)


POOLS: dict[str, Pool] = {"linear-softmax": LinearSoftmax(), "attention": Attention(), "max": Max()}
