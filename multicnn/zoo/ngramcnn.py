"""A linear model of words beside a small TextCNN: wide and deep, made to learn from few texts."""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor

from multicnn.blocks import conv
from multicnn.zoo.body import WHOLE, Body, vector
from multicnn.zoo.ngrams import Ngrams
from multicnn.zoo.textcnn import TextCnn, textcnn


class NgramCnn(Body):
    """A convolution of width 1, summed over the grid, beside convolutions that keep their strongest answer.

    The sum is divided by the square root of the number of cells, so that long and short texts weigh alike.
    b c_in *grid -> [b (width + len(kernels) kernel_width) *1]
    """

    def __init__(self, rank: int, c_in: int, *, width: int, strongest: TextCnn):
        super().__init__()
        self.rank = rank
        self.each = conv(rank, c_in, width, 1, bias=False)
        self.strongest = strongest
        self.channels, self.strides = [width + strongest.channels[-1]], [WHOLE]

    def forward(self, x: Tensor) -> list[Tensor]:
        total = self.each(x).flatten(2).sum(2) / prod(x.shape[2:]) ** 0.5
        return [torch.cat([vector(total, self.rank), *self.strongest(x)], dim=1)]

    def ngrams(self, x: Tensor) -> list[Ngrams]:
        """Every word adds to the features of the linear part.  b c_in t -> the linear part, then one a size"""
        each = self.each(x) / prod(x.shape[2:]) ** 0.5
        begin = torch.arange(each.shape[2], device=x.device).expand(each.shape)
        return [Ngrams(1, begin, each, each[..., None]), *self.strongest.ngrams(x)]


def ngramcnn(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    kernels: Sequence[int] = (2, 3),
    kernel_width: int = 50,
    drop: float = 0.5,
) -> NgramCnn:
    """The default for texts: on few sentences not below a linear model, which a TextCNN alone often is.

    A wide part, linear in the words, and a deep part that sees them in their order, as in Cheng et al. 2016,
    arxiv.org/abs/1606.07792. width: channels of the linear part. kernels, kernel_width, drop: of the TextCNN.
    b c_in *grid -> [b (width + len(kernels) kernel_width) *1]
    """
    strongest = textcnn(rank, c_in, width=kernel_width, kernels=kernels, drop=drop)
    return NgramCnn(rank, c_in, width=width, strongest=strongest)
