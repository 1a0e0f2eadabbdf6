"""Changes to training mixtures that take their stems along: other partners, levels, signs and places.

Of stage "raw". Each changes the stems, and the new mixture is their sum: `b t, b s t, key b -> b t, b s t`, floating.
"""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from multicnn.audio.reader import Hearing
from multicnn.data.random import uniform
from multicnn.errors import UsageError

Pair = tuple[Tensor, Tensor]
Stage = Literal["raw", "grid"]


@dataclass(frozen=True, kw_only=True)
class Remix:
    """Stems dealt anew among the samples of a batch, each louder or softer by up to `db`, uniform in dB.

    Uhlich et al. 2017, doi.org/10.1109/ICASSP.2017.7952158. The deal is a function of the batch's keys.
    """

    db: float = 5.0
    reads = Hearing
    stage: Stage = field(default="raw", init=False)
    only = "separate"  # whose answers are stems

    def __post_init__(self) -> None:
        if not self.db >= 0:
            raise UsageError(f"remix.db is {self.db}; it must be at least 0")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        order = uniform(key, y.shape[1], salt=1).argsort(0)  # b s: whose stem each gets
        gain = 10 ** (self.db * (2 * uniform(key, y.shape[1], salt=2) - 1) / 20)
        return summed(y[order, torch.arange(y.shape[1], device=y.device)] * gain[:, :, None])


@dataclass(frozen=True, kw_only=True)
class Polarity:
    """Each stem as it is or upside down, which nobody hears."""

    reads = Hearing
    stage: Stage = field(default="raw", init=False)
    only = "separate"  # whose answers are stems

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return summed(y * torch.where(uniform(key, y.shape[1]) < 0.5, -1.0, 1.0)[:, :, None])


@dataclass(frozen=True, kw_only=True)
class Slide:
    """Each stem earlier or later by up to `fraction` of the length; what leaves at one end comes back at the other."""

    fraction: float = 0.5
    reads = Hearing
    stage: Stage = field(default="raw", init=False)
    only = "separate"  # whose answers are stems

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise UsageError(f"slide.fraction is {self.fraction}; it must be from 0 to 1")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        t = y.shape[-1]
        move = ((2 * uniform(key, y.shape[1]) - 1) * self.fraction * t).round().long()
        source = (torch.arange(t, device=y.device) - move[:, :, None]) % t
        return summed(y.gather(2, source))


def summed(y: Tensor) -> Pair:
    """The mixture of stems, and the stems.  b s t -> b t, b s t"""
    return y.sum(1), y
