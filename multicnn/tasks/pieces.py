"""The true instances of a sample: a map of whose each cell is, and the class of each instance.

Packed flat as height, width, `most` class numbers (NONE where there is no such instance), and the map row by row:
0 is nothing, n is the instance whose class stands at place n - 1. Boxes follow from the map.
"""

import numpy as np
import torch
from torch import Tensor

from multicnn.blocks.warp import origins, warp_nearest
from multicnn.tasks.boxes import LEFT_OVER, NONE

SIZES = 2  # numbers before the classes: height and width
MOST = 32_767  # instances of a sample, and cells along an axis, that 16 bits can number


def pack(owner: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """h w, most -> 2 + most + h w, int16"""
    return np.concatenate([owner.shape, classes, owner.ravel()]).astype(np.int16)


def unpack(y: Tensor) -> tuple[Tensor, Tensor]:
    """The classes and the map.  b (2 + most + h w) -> b most, b h w"""
    height, width = y[0, :SIZES].tolist()
    first = y.shape[1] - int(height) * int(width)
    return y[:, SIZES:first], y[:, first:].unflatten(1, (int(height), int(width)))


def lines(y: Tensor) -> Tensor:
    """Class and box of each instance as a detector takes them, see `multicnn.tasks.boxes`.

    Class NONE where the map has no cell of it.  b (2 + most + h w) -> b most 5
    """
    classes, owner = unpack(y)
    height, width = owner.shape[1:]
    down = torch.arange(height, device=y.device).repeat_interleave(width) / height
    across = torch.arange(width, device=y.device).repeat(height) / width
    number = owner.flatten(1).long()
    low = [_extreme(number, at, classes.shape[1], "amin") for at in (across, down)]
    high = [_extreme(number, at + 1 / n, classes.shape[1], "amax") for at, n in ((across, width), (down, height))]
    box = torch.stack([*low, *high], -1)
    present = box.isfinite().all(-1) & (classes >= 0)
    line = torch.cat([torch.where(present, classes, NONE)[..., None].float(), box], -1)
    return torch.where(present[..., None] | (line == NONE), line, 0)


def _extreme(number: Tensor, at: Tensor, most: int, which: str) -> Tensor:
    """The least or greatest place of each instance's cells, infinite for one without.  b cells, cells -> b most"""
    start = torch.inf if which == "amin" else -torch.inf
    found = at.new_full((len(number), most + 1), start)
    return found.scatter_reduce(1, number, at.expand_as(number), which)[:, 1:]


def moved(y: Tensor, matrix: Tensor) -> Tensor:
    """Each cell belongs to whom it belonged to where it comes from, nobody beyond the border.

    An instance of whose cells less than a fifth stay within the grid is gone.
    matrix: as in `multicnn.train.augment.Moving`.  b (2 + most + h w), b 3 3 -> the same
    """
    classes, owner = unpack(y)
    there = origins(torch.linalg.inv(matrix.float()), owner.shape[1:])
    stays = (there.abs() <= 1).all(-1)
    before, after = _cells(owner, classes.shape[1]), _cells(owner * stays, classes.shape[1])
    gone = after < LEFT_OVER * before
    new = warp_nearest(owner[:, None], matrix, 0)[:, 0].flatten(1)
    lost = torch.cat([gone.new_zeros(len(y), 1), gone], 1).gather(1, new.long())
    kept = torch.where(gone, int(NONE), classes)
    return torch.cat([y[:, :SIZES], kept.to(y.dtype), torch.where(lost, 0, new)], 1)


def _cells(owner: Tensor, most: int) -> Tensor:
    """How many each instance has.  b h w -> b most"""
    number = owner.flatten(1).long()
    counts = torch.zeros(len(owner), most + 1, device=owner.device)
    return counts.scatter_add(1, number, torch.ones_like(number, dtype=counts.dtype))[:, 1:]
