"""Samples that end before their batch does: what stands behind a sample's end must change nothing."""

from math import prod

import torch
from torch import Tensor


def before_end(x: Tensor) -> Tensor:
    """Which steps of the last axis come no later than the last that is not 0 everywhere; the first always counts.

    b c *grid t -> b 1 *1 t, bool
    """
    some = (x != 0).flatten(1, -2).any(1)
    inside = some.flip(1).cumsum(1).flip(1) > 0
    first = torch.arange(x.shape[-1], device=x.device) == 0
    return (inside | first).reshape(-1, *[1] * (x.ndim - 2), x.shape[-1])


def lengths(inside: Tensor) -> Tensor:
    """Steps before the end.  b 1 *1 t -> b"""
    return inside.flatten(1).sum(1)


def mean_inside(x: Tensor, inside: Tensor) -> Tensor:
    """The mean of the cells before the end; the others must be 0.  b c *grid t, b 1 *1 t -> b c *1 1"""
    axes = tuple(range(2, x.ndim))
    return x.sum(axes, keepdim=True) / (inside.sum(axes, keepdim=True) * prod(x.shape[2:-1]))


def max_inside(x: Tensor, inside: Tensor) -> Tensor:
    """The largest of the cells before the end.  b c *grid t, b 1 *1 t -> b c *1 1"""
    return x.masked_fill(~inside, -torch.inf).amax(tuple(range(2, x.ndim)), keepdim=True)
