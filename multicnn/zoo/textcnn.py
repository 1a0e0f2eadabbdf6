"""Convolutions of several widths, each reduced to its maximum. Kim 2014, arxiv.org/abs/1408.5882."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import ConvBlock, Dropout, GlobalPool, xavier
from multicnn.zoo.body import WHOLE, Body, vector


class TextCnn(Body):
    """Each kernel slides over the grid, without padding, and keeps its strongest answer.

    b c_in *grid -> [b (len(kernels) width) *1]
    """

    def __init__(self, rank: int, c_in: int, *, width: int, kernels: Sequence[int], act: str, drop: float):
        super().__init__()
        self.rank, self.widest = rank, max(kernels)
        self.branches = nn.ModuleList(
            nn.Sequential(ConvBlock(rank, c_in, width, k, padding=0, norm="none", act=act), GlobalPool("max"))
            for k in kernels
        )
        self.drop = Dropout(drop)
        self.channels, self.strides = [len(kernels) * width], [WHOLE]

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.extend(x)
        features = torch.cat([branch(x) for branch in self.branches], dim=1)
        return [vector(self.drop(features), self.rank)]

    def extend(self, x: Tensor) -> Tensor:
        """Zeros behind a text that is shorter than the widest kernel.  b c *grid -> b c *max(grid, widest)"""
        missing = [max(0, self.widest - n) for n in x.shape[2:]]
        return functional.pad(x, [n for m in reversed(missing) for n in (0, m)]) if any(missing) else x


def textcnn(
    rank: int,
    c_in: int,
    *,
    width: int = 100,
    kernels: Sequence[int] = (3, 4, 5),
    act: str = "relu",
    drop: float = 0.5,
) -> TextCnn:
    """Kim's sentence classifier: 100 kernels each of 3, 4 and 5 words.

    kernels: words a kernel covers; width: kernels of each size; drop: of a feature, 0.5 in the paper.
    b c_in *grid -> [b (len(kernels) width) *1]
    """
    return xavier(TextCnn(rank, c_in, width=width, kernels=kernels, act=act, drop=drop))
