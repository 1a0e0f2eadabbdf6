"""Augments of texts: on word numbers, whole batches at a time."""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from multicnn.data.random import uniform
from multicnn.text.reader import PADDING, UNKNOWN


@dataclass(frozen=True, kw_only=True)
class WordDropout:
    """Each word becomes the unknown word with probability `p`; padding stays.

    Iyyer et al. 2015, aclanthology.org/P15-1162, leave the word out, which would change the text's length.
    """

    p: float = 0.1
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        hidden = (uniform(key, x.shape[1]) < self.p) & (x != PADDING)
        return torch.where(hidden, UNKNOWN, x), y
