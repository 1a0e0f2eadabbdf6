"""The grid cut into blocks of cells that are taken away together, so that grids of any size cost the same."""

from collections.abc import Sequence
from itertools import product

import torch
from torch import Tensor

MOST = {1: 64, 2: 14, 3: 6}  # blocks along an axis, by the number of axes that hold several cells


def sides(cells: Sequence[int]) -> list[int]:
    """Cells of a block along each axis."""
    most = MOST[min(3, max(1, sum(n > 1 for n in cells)))]
    return [-(-n // most) for n in cells]


def blocks(inside: Tensor) -> tuple[Tensor, int]:
    """The block of each cell, -1 for those of no sample, and how many blocks there are.  *cells -> *cells, n"""
    number = torch.zeros((), dtype=torch.int64, device=inside.device)
    for axis, (n, side) in enumerate(zip(inside.shape, sides(inside.shape), strict=True)):
        own = torch.arange(n, device=inside.device) // side
        number = number * (int(own[-1]) + 1) + own.view(-1, *[1] * (inside.ndim - axis - 1))
    number = torch.where(inside, number, -1)
    known = number[inside].unique()
    return torch.where(inside, torch.searchsorted(known, number), -1), len(known)


def windows(cells: Sequence[int], size: Sequence[int], stride: Sequence[int]) -> Tensor:
    """Boxes that cover a grid, each begun `stride` cells after the one before.  -> n *cells, bool"""
    starts = [range(0, max(n - w + s, 1), s) for n, w, s in zip(cells, size, stride, strict=True)]
    found = torch.zeros(len(list(product(*starts))), *cells, dtype=torch.bool)
    for box, begin in zip(found, product(*starts), strict=True):
        box[tuple(slice(b, b + w) for b, w in zip(begin, size, strict=True))] = True
    return found
