"""Class activation maps: a level's maps, weighted by how much the score depends on them. For grids of any rank."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from multicnn.errors import UsageError
from multicnn.insight.explain.question import Heat, Question, gradients, tape
from multicnn.zoo.body import WHOLE
from multicnn.zoo.cells import cut, stretch
from multicnn.zoo.heads import Pooled

Weigh = Callable[[Tensor, Tensor], Tensor]
"""A level's maps and the gradients of the score -> the map of each sample.  b c *cells twice -> b *cells"""


def mean_gradient(maps: Tensor, slopes: Tensor) -> Tensor:
    """Each map by its mean gradient, what speaks against left out. Selvaraju et al. 2017, arXiv 1610.02391."""
    return (spread(slopes) * maps).sum(1).relu()


def higher_orders(maps: Tensor, slopes: Tensor) -> Tensor:
    """As Grad-CAM, each cell's gradient weighted so that several things of a class count alike.

    Grad-CAM++, Chattopadhay et al. 2018, arXiv 1710.11063, equations 10 and 19 for the exponential of the score.
    """
    square, cube = slopes.square(), slopes**3
    total = maps.flatten(2).sum(2).view(*maps.shape[:2], *[1] * (maps.ndim - 2))
    below = 2 * square + total * cube
    share = square / torch.where(below == 0, 1.0, below)
    weights = (share * slopes.relu()).flatten(2).sum(2)
    return (weights.view(*weights.shape, *[1] * (maps.ndim - 2)) * maps).sum(1).relu()


def each_cell(maps: Tensor, slopes: Tensor) -> Tensor:
    """Each cell by its own gradient where that is positive. LayerCAM, Jiang et al. 2021, 10.1109/TIP.2021.3089943."""
    return (slopes.relu() * maps).sum(1).relu()


def affine(maps: Tensor, slopes: Tensor) -> Tensor:
    """What each cell adds to the score behind an average over cells. Zhou et al. 2016, arXiv 1512.04150.

    The mean of the map, and the bias, are the score.
    """
    return (spread(slopes) * maps).sum(1) * maps[0, 0].numel()


def spread(slopes: Tensor) -> Tensor:
    """The mean over the cells.  b c *cells -> b c *1"""
    return slopes.flatten(2).mean(2).view(*slopes.shape[:2], *[1] * (slopes.ndim - 2))


def gradcam(this: Question) -> Heat:
    """See `mean_gradient`."""
    return _mapped(this, mean_gradient)


def gradcam_plus_plus(this: Question) -> Heat:
    """See `higher_orders`."""
    return _mapped(this, higher_orders)


def layercam(this: Question) -> Heat:
    """See `each_cell`."""
    return _mapped(this, each_cell)


def cam(this: Question) -> Heat:
    """See `affine`."""
    check_average(this.net, this.level)
    return _mapped(this, affine, signed=True)


def _mapped(this: Question, weigh: Weigh, *, signed: bool = False) -> Heat:
    """The map of the level, brought to the front-end's grid."""
    level = check_level(this.net, this.level)
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # whose recurrent cells know no gradient here
        grid, levels, score = tape(this)
        maps = levels[level]
        slopes = gradients(score.sum(), maps)
    found = weigh(maps.detach().float(), slopes.float())
    facts = [{"level": level, "cells": list(found.shape[1:])}] * len(found)
    return Heat(on_grid(this, found, grid), signed, facts)


def on_grid(this: Question, found: Tensor, grid: Tensor) -> Tensor:
    """Linear between the middles of the level's cells.  b *any -> b *cells"""
    wide = [-(-n // this.net.multiple) * this.net.multiple for n in grid.shape[2:]]
    return cut(stretch(found[:, None], wide), grid.shape[2:])[:, 0]


def check_average(net: Any, level: int | None) -> None:
    """Raises UsageError unless a net ends with an average over the cells of that level and one affine layer."""
    head = net.head
    last = check_level(net, level) == len(net.body.strides) - 1
    if not (last and isinstance(head, Pooled) and head.pool.name == "average"):
        raise UsageError(
            "--method cam is for networks that end with global average pooling and one affine layer, and for their "
            "last level; take gradcam"
        )


def check_level(net: Any, level: int | None) -> int:
    """The number of the level, from 0. Raises UsageError for one that the body does not have, or without cells."""
    strides: list[int] = net.body.strides
    name = type(net.body).__name__.lower()
    kept = [i for i, stride in enumerate(strides) if stride != WHOLE]
    if level is not None and not -len(strides) <= level < len(strides):
        raise UsageError(f"--level {level}: {name} has the levels 0 to {len(strides) - 1}, -1 being the last")
    if not kept or (level is not None and level % len(strides) not in kept):
        which = "every level" if level is None else f"level {level % len(strides)}"
        raise UsageError(
            f"{which} of {name} sees the sample as a whole and keeps no cells, so there is no map of it; take "
            "integrated-gradients or occlusion" + (f", or level {kept[-1]}" if kept else "")
        )
    return kept[-1] if level is None else level % len(strides)
