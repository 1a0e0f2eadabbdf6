"""What front-ends measure on the training set: of what was heard, not of the zeros that follow shorter samples."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


class Normal(nn.Module):
    """Each row less its mean, divided by its deviation, as `fit` measures them.  b rows frames -> same"""

    def __init__(self, rows: int):
        super().__init__()
        self.mean: Tensor
        self.scale: Tensor
        self.register_buffer("mean", torch.zeros(rows, 1))
        self.register_buffer("scale", torch.ones(rows, 1))

    def fit(self, batches: Iterable[tuple[Tensor, Tensor]]) -> None:
        """Pairs as `statistics` takes them."""
        mean, deviation = statistics(batches)
        self.mean.copy_(mean[:, None])
        self.scale.copy_(deviation[:, None])

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.scale


def heard(raw: Tensor) -> Tensor:
    """The length of each sample without the zeros at its end, which may be padding.  b t -> b"""
    places = torch.arange(1, raw.shape[1] + 1, device=raw.device)
    return ((raw != 0) * places).amax(1) if raw.shape[1] else raw.new_zeros(len(raw), dtype=torch.long)


def statistics(batches: Iterable[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each row over all samples, in float64; 1 for no deviation.

    Of each sample the first cells alone, as many as the pair's second says.  b rows n, b -> rows, rows
    """
    count, total, squares = 0, torch.zeros(1), torch.zeros(1)
    for grid, cells in batches:
        inside = torch.arange(grid.shape[2], device=grid.device) < cells[:, None]
        x = grid.double() * inside[:, None]
        count += int(inside.sum())
        total = total.to(x) + x.sum((0, 2))
        squares = squares.to(x) + x.square().sum((0, 2))
    mean = total / max(1, count)
    variance = squares / max(1, count) - mean.square()
    return mean, torch.where(variance > 1e-12, variance.clamp(min=0).sqrt(), 1.0)
