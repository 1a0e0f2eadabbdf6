"""A first layer that nobody has to learn: it takes from the samples what neighbouring cells have in common."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks.nd import nd_function, same

LEAST = 5e-4  # added to each variance, so that directions in which nothing varies are not blown up to noise


class Whiten(nn.Module):
    """Patches of `kernel` cells a side, decorrelated and scaled to variance 1, each direction twice: + and -.

    Only the bias learns; `fit` measures the filters, which before that take a patch's cells as they are. Behind a ReLU
    both halves of each direction are kept. Page 2019, myrtle.ai/learn/how-to-train-your-resnet-8-bag-of-tricks; Jordan
    2024, arxiv.org/abs/2404.00498, section 3.2.
    b c *grid -> b (2 c kernel^rank) *grid
    """

    filters: Tensor

    def __init__(self, rank: int, c: int, *, kernel: int = 2):
        super().__init__()
        self.rank, self.kernel = rank, kernel
        cells = torch.eye(c * kernel**rank)
        self.register_buffer("filters", torch.cat([cells, -cells]).view(-1, c, *[kernel] * rank))
        self.bias = nn.Parameter(torch.zeros(len(self.filters)))
        before = same(kernel, 1)
        self.cells = [before, kernel - 1 - before] * rank

    @torch.no_grad()
    def fit(self, grids: Iterable[Tensor]) -> None:
        """Measure the covariance of all patches of some training grids, in float64.  each b c *grid"""
        total, n = torch.zeros(()), 0
        for x in grids:
            rows = patches(x.double(), self.kernel)
            total, n = total.to(x.device) + rows.T @ rows, n + len(rows)
        variance, directions = torch.linalg.eigh(total / n)
        half = (directions / (variance + LEAST).sqrt()).T.flip(0)  # the strongest first
        self.filters.copy_(torch.cat([half, -half]).view_as(self.filters))

    def forward(self, x: Tensor) -> Tensor:
        return nd_function("conv", self.rank)(functional.pad(x, self.cells), self.filters.to(x.dtype), self.bias)


def patches(x: Tensor, kernel: int) -> Tensor:
    """Every cube of `kernel` cells that lies within the grid, as a row.  b c *grid -> n (c kernel^rank)"""
    rank = x.ndim - 2
    for axis in range(2, x.ndim):
        x = x.unfold(axis, kernel, 1)  # adds the patch's axis at the end
    return x.movedim(1, rank + 1).flatten(0, rank).flatten(1)
