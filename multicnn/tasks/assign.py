"""Which cell of a detector answers for which true box.

As FCOS (Tian et al. 2019, arxiv.org/abs/1904.01355) with centre sampling: cells near a box's middle, on the level
whose cells suit its size, and the smaller box where two claim a cell. Each box has a cell, however small it is.
"""

import torch
from torch import Tensor

from multicnn.tasks.boxes import area

RADIUS = 1.5  # cells from a box's middle along each axis; FCOS's centre sampling
SUITED = 32**0.5  # cells along the longer side of the box that a level suits best: between 4 and 8


def assign(place: Tensor, y: Tensor) -> Tensor:
    """The number of each cell's box, or -1.

    place: middle and size of each cell, x before y, as shares of the grid.  cells 4, b m 5 -> b cells
    """
    boxes = y[:, None, :, 1:]  # b 1 m 4
    middle, size = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
    at, cell = place[:, None, :2], place[:, None, 2:]  # cells 1 2
    away = (at - middle).abs() / cell  # b cells m 2
    inside = ((at > boxes[..., :2]) & (at < boxes[..., 2:])).all(-1)
    near = ((away < RADIUS).all(-1) & inside) | (away <= 0.5).all(-1)
    claims = near & suits(size, cell) & (y[:, None, :, 0] >= 0)
    cost, which = torch.where(claims, area(boxes), torch.inf).min(-1)
    return torch.where(cost.isfinite(), which, -1)


def suits(size: Tensor, cell: Tensor) -> Tensor:
    """Whether a cell's level is the best one for a box.  b 1 m 2, cells 1 2 -> b cells m"""
    longer = (size / cell).amax(-1).clamp(min=1e-6)
    off = (longer / SUITED).log2().abs()
    return off <= off.amin(1, keepdim=True) + 1e-3
