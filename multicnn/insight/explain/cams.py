"""Class activation maps: a level's maps, weighted by how much the score depends on them. For grids of any rank."""

from collections.abc import Callable

import torch
from torch import Tensor

from multicnn.errors import UsageError
from multicnn.insight.explain.question import Heat, Question, gradients, tape
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
    """See `affine`. Raises UsageError for a net that does not end with an average over cells and one affine layer."""
    head = this.net.head
    if not isinstance(head, Pooled) or head.pool.name != "average" or this.level not in (-1, levels_of(this) - 1):
        raise UsageError(
            "--method cam is for networks that end with global average pooling and one affine layer, and for their "
            "last level; take gradcam"
        )
    return _mapped(this, affine, signed=True)


def _mapped(this: Question, weigh: Weigh, *, signed: bool = False) -> Heat:
    """The map of the level, brought to the front-end's grid."""
    check_level(this)
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # whose recurrent cells know no gradient here
        grid, levels, score = tape(this)
        maps = levels[this.level]
        slopes = gradients(score.sum(), maps)
    found = weigh(maps.detach().float(), slopes.float())
    facts = [{"level": this.level % len(levels), "cells": list(found.shape[1:])}] * len(found)
    return Heat(on_grid(this, found, grid), signed, facts)


def on_grid(this: Question, found: Tensor, grid: Tensor) -> Tensor:
    """Linear between the middles of the level's cells.  b *any -> b *cells"""
    wide = [-(-n // this.net.multiple) * this.net.multiple for n in grid.shape[2:]]
    return cut(stretch(found[:, None], wide), grid.shape[2:])[:, 0]


def levels_of(this: Question) -> int:
    """How many levels the body has."""
    return len(this.net.body.channels)  # pyright: ignore[reportArgumentType]


def check_level(this: Question) -> None:
    """Raises UsageError for a level that the body does not have, or that keeps no cells."""
    strides: list[int] = this.net.body.strides  # pyright: ignore[reportAssignmentType]
    name = type(this.net.body).__name__.lower()
    if not -len(strides) <= this.level < len(strides):
        raise UsageError(f"--level {this.level}: {name} has the levels 0 to {len(strides) - 1}, -1 being the last")
    if not strides[this.level]:
        raise UsageError(
            f"level {this.level % len(strides)} of {name} sees the sample as a whole and keeps no cells, so there is "
            "no map of it; take --method integrated-gradients or occlusion"
        )
