"""What changes the words of a batch while training."""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from multicnn.data.random import uniform
from multicnn.text.entities.reader import TokenReader
from multicnn.text.reader import PADDING, UNKNOWN


@dataclass(frozen=True, kw_only=True)
class UnknownWords:
    """Each word becomes unknown with probability `p`, and keeps its looks: what new names show. Tags stay."""

    p: float = 0.1
    stage: Literal["raw", "grid"] = field(default="raw", init=False)
    only = "ner"
    reads = TokenReader

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        word = x[..., 0]
        hidden = (uniform(key, x.shape[1]) < self.p) & (word != PADDING)
        return torch.cat([torch.where(hidden, UNKNOWN, word)[..., None], x[..., 1:]], -1), y
