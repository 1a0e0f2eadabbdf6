"""Moves by whole cells: flips, shifts, crops. Nothing is interpolated; what comes in from outside is 0, the mean.

`b c *grid, b k, key b -> b c *grid, b k`; `matrix` as in `multicnn.train.augment.Moving`. Pictures and volumes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from multicnn.data.random import uniform
from multicnn.errors import UsageError

Pair = tuple[Tensor, Tensor]
Stage = Literal["raw", "grid"]


@dataclass(frozen=True, kw_only=True)
class Flip:
    """Mirror left and right, with probability `p`."""

    p: float = 0.5
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return mirrored(x, chosen(key, self.p), -1), y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        return mirror(chosen(key, self.p), len(grid), -1)


@dataclass(frozen=True, kw_only=True)
class FlipVertical:
    """Mirror top and bottom, with probability `p`."""

    p: float = 0.5
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return mirrored(x, chosen(key, self.p), -2), y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        return mirror(chosen(key, self.p), len(grid), -2)


@dataclass(frozen=True, kw_only=True)
class FlipDepth:
    """Put the slices of a volume, or the frames of a video, in reverse order, with probability `p`.

    Raises UsageError for pictures.
    """

    p: float = 0.5
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        if x.ndim != 5:
            raise UsageError("flip-depth reverses the slices of volumes, and pictures have none; leave it out")
        return mirrored(x, chosen(key, self.p), -3), y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        return mirror(chosen(key, self.p), len(grid), -3)


@dataclass(frozen=True, kw_only=True)
class FlipAlternate:
    """Mirror left and right in every second epoch; which half of the samples begins mirrored is a matter of chance.

    So two epochs in a row show each sample both ways. Jordan 2024, arXiv 2404.00498, section 3.6.
    """

    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return mirrored(x, key & 1 == 1, -1), y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        return mirror(key & 1 == 1, len(grid), -1)


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Move by whole cells, up to `fraction` of each axis each way."""

    fraction: float = 0.1
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return moved(x, self._most(x.shape[2:]), key), y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        return move(self._most(grid), key, grid)

    def _most(self, grid: Sequence[int]) -> list[int]:
        return [round(self.fraction * n) for n in grid]


@dataclass(frozen=True, kw_only=True)
class Crop:
    """Pad by `padding` cells on every side, then cut the old size at a random place. He et al. 2016, 1512.03385."""

    padding: int = 4
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return moved(x, [self.padding] * (x.ndim - 2), key), y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        return move([self.padding] * len(grid), key, grid)


def chosen(key: Tensor, p: float) -> Tensor:
    """Which samples an event of probability `p` falls on.  b -> b"""
    return uniform(key, 1)[:, 0] < p


def each(numbers: Tensor, x: Tensor) -> Tensor:
    """One number a sample, to be combined with a whole batch.  b, b ... -> b 1 ..."""
    return numbers.view(-1, *[1] * (x.ndim - 1))


def mirrored(x: Tensor, which: Tensor, axis: int) -> Tensor:
    """Some of the samples reversed along one axis.  b c *grid, b -> b c *grid"""
    return torch.where(each(which, x), x.flip(axis), x)


def mirror(which: Tensor, rank: int, axis: int) -> Tensor:
    """The matrix of that.  b -> b rank+1 rank+1"""
    found = torch.eye(rank + 1, device=which.device).repeat(len(which), 1, 1)
    found[:, -1 - axis, -1 - axis] = torch.where(which, -1.0, 1.0)
    return found


def moved(x: Tensor, most: Sequence[int], key: Tensor) -> Tensor:
    """Each sample by its own whole number of cells, uniform up to the most each way.  b c *grid -> b c *grid"""
    places = F.pad(x, [n for n in reversed(most) for _ in range(2)])
    for axis, n in enumerate(x.shape[2:], start=2):
        places = places.unfold(axis, n, 1)
    first = _steps(key, most) + torch.tensor(most, device=x.device)
    return places[(torch.arange(len(x), device=x.device), slice(None), *first.T)]


def move(most: Sequence[int], key: Tensor, grid: Sequence[int]) -> Tensor:
    """The matrix of that.  b -> b rank+1 rank+1"""
    found = torch.eye(len(grid) + 1, device=key.device).repeat(len(key), 1, 1)
    found[:, :-1, -1] = (2 * _steps(key, most) / torch.tensor(grid, device=key.device)).flip(1)
    return found


def _steps(key: Tensor, most: Sequence[int]) -> Tensor:
    """How many cells further on along each axis a sample's cells come from.  b -> b rank"""
    reach = torch.tensor(most, device=key.device)
    return (uniform(key, len(most)) * (2 * reach + 1)).long() - reach
