"""Changes to training speech that leave its transcript."""

from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import torch
from torch import Tensor

from multicnn.audio.reader import Hearing
from multicnn.audio.wave import waveform
from multicnn.data.random import uniform
from multicnn.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Slower and lower, or faster and higher: each sound at a speed of its own from `low` to `high`, all of it kept.

    The batch becomes as long as the slowest speed could make it, zeros behind each sound's end, so that no last word is
    lost; see Speed for a batch that keeps its length. Ko et al. 2015, Interspeech.
    """

    low: float = 0.9
    high: float = 1.1
    reads = Hearing
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __post_init__(self) -> None:
        if not 0.25 <= self.low <= self.high <= 4:
            raise UsageError(f"stretch from {self.low} to {self.high}; give speeds from 0.25 to 4, low first")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        speed = self.low + (self.high - self.low) * uniform(key, 1)
        length = x.shape[1]
        place = torch.arange(ceil(length / self.low), device=x.device) * speed
        before = place.floor().long().clamp(max=length - 1)
        after = (before + 1).clamp(max=length - 1)
        x = waveform(x)
        between = torch.lerp(x.gather(1, before), x.gather(1, after), place - before)
        return between * (place <= length - 1), y
