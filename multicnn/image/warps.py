"""Moves that interpolate: rotation, scale, shear, perspective, crops resized. Each in one bilinear interpolation.

`b c *grid, b k, key b -> b c *grid, b k`; `matrix` as in `multicnn.train.augment.Moving`. What comes in from outside is
0, the mean. All slices of a volume, and all frames of a video, move alike.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from multicnn.blocks.warp import warp
from multicnn.data.random import uniform
from multicnn.errors import UsageError
from multicnn.image.moves import Pair, Stage

TRIES = 10  # draws of a crop until one fits into the picture, as torchvision has it


@dataclass(frozen=True, kw_only=True)
class Affine:
    """Turn by up to `degrees` and lean by up to `shear` degrees each way, enlarge by `low` to `high`, move by `shift`.

    Each is uniform in its range; shift is a share of the size. One interpolation, however many of them are used.
    """

    degrees: float = 10.0
    low: float = 0.9
    high: float = 1.1
    shift: float = 0.1
    shear: float = 0.0
    stage: Stage = field(default="grid", init=False)

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise UsageError(f"scale from {self.low} to {self.high}: low must be above 0 and at most high")
        if not abs(self.shear) < 90:
            raise UsageError(f"affine.shear is {self.shear} degrees; it must be below 90")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        if self == Affine(degrees=0, low=1, high=1, shift=0):
            return x, y
        return planes(x, self._plane(key, x.shape[2:])[:, :2]), y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        return lift(self._plane(key, grid), len(grid))

    def _plane(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        u = uniform(key, 5)
        angle, lean = (math.radians(most) * (2 * u[:, i] - 1) for most, i in ((self.degrees, 0), (self.shear, 4)))
        scale = self.low + (self.high - self.low) * u[:, 1]
        return affine(angle, scale, lean, 2 * self.shift * (2 * u[:, 2:4] - 1), grid[-1] / grid[-2])


def rotate(*, degrees: float = 10.0) -> Affine:
    """Rotate by up to `degrees` each way."""
    return Affine(degrees=degrees, low=1, high=1, shift=0)


def scale(*, low: float = 0.9, high: float = 1.1) -> Affine:
    """Enlarge by a factor between `low` and `high`."""
    return Affine(degrees=0, low=low, high=high, shift=0)


@dataclass(frozen=True, kw_only=True)
class Perspective:
    """See the picture from aside: each corner comes from up to `amount` of the height and width away, either way.

    Raises UsageError for volumes: no matrix keeps their slices apart.
    """

    amount: float = 0.15
    stage: Stage = field(default="grid", init=False)

    def __post_init__(self) -> None:
        if not 0 <= self.amount < 0.25:
            raise UsageError(f"perspective.amount is {self.amount}; from 0.25 on the corners could lie on a line")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return warp(x, self.matrix(key, x.shape[2:])) if self.amount else x, y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        if len(grid) != 2:
            raise UsageError("perspective is for pictures, and these are volumes; leave it out")
        square = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]], device=key.device)
        return projective(square + 2 * self.amount * (2 * uniform(key, 8).view(-1, 4, 2) - 1))


@dataclass(frozen=True, kw_only=True)
class CropResize:
    """Cut a part of `low` to `high` of the area, `narrow` to `wide` times as wide as high, and enlarge it to the whole.

    Szegedy et al. 2015, arXiv 1409.4842, section 6; drawn as torchvision's RandomResizedCrop draws.
    """

    low: float = 0.08
    high: float = 1.0
    narrow: float = 3 / 4
    wide: float = 4 / 3
    stage: Stage = field(default="grid", init=False)

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high <= 1:
            raise UsageError(f"crop-resize of {self.low} to {self.high} of the area: 0 < low <= high <= 1")
        if not 0 < self.narrow <= self.wide:
            raise UsageError(f"crop-resize from {self.narrow} to {self.wide} times as wide as high: 0 < narrow <= wide")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return planes(x, self._plane(key, x.shape[2:])[:, :2], outside="border"), y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        return lift(self._plane(key, grid), len(grid))

    def _plane(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        top, left, height, width = self.boxes(key, grid[-2], grid[-1]).unbind(1)
        found = torch.eye(3, device=key.device).repeat(len(key), 1, 1)
        for axis, start, side, n in ((0, left, width, grid[-1]), (1, top, height, grid[-2])):
            found[:, axis, axis] = side / n
            found[:, axis, 2] = (2 * start + side) / n - 1
        return found

    def boxes(self, key: Tensor, height: int, width: int) -> Tensor:
        """top, left, height, width in whole cells; the largest middle part where no draw fits.  b -> b 4"""
        u = uniform(key, 2 * TRIES + 2)
        area = (self.low + (self.high - self.low) * u[:, :TRIES]) * height * width
        shape = (math.log(self.narrow) + math.log(self.wide / self.narrow) * u[:, TRIES:-2]).exp()
        sides = torch.stack([(area / shape).sqrt(), (area * shape).sqrt()], dim=1).round()
        whole = torch.tensor([height, width], device=key.device)
        fits = ((sides > 0) & (sides <= whole[:, None])).all(1, keepdim=True)
        first = fits.int().argmax(2, keepdim=True).expand(-1, 2, -1)
        some = fits.any(2)
        side = sides.gather(2, first)[..., 0].where(some, torch.tensor(self._largest(height, width), device=key.device))
        room = whole - side
        start = (u[:, -2:] * (room + 1)).floor().where(some, (room / 2).floor())
        return torch.cat([start, side], dim=1)

    def _largest(self, height: int, width: int) -> tuple[float, float]:
        if width > self.wide * height:
            return height, round(self.wide * height)
        return (round(width / self.narrow) if width < self.narrow * height else height), width


def planes(x: Tensor, matrix: Tensor, *, outside: Literal["zeros", "border"] = "zeros") -> Tensor:
    """Move all slices alike.  b c *depth h w, b 2 3 -> b c *depth h w"""
    return warp(x.flatten(1, -3), matrix, outside=outside).reshape(x.shape)


def lift(plane: Tensor, rank: int) -> Tensor:
    """An affine matrix of the plane for grids of `rank` axes whose other axis stays.  b 3 3 -> b rank+1 rank+1"""
    if rank == 2:
        return plane
    found = torch.eye(rank + 1, device=plane.device).repeat(len(plane), 1, 1)
    corners = torch.tensor([0, 1, rank], device=plane.device)
    found[:, corners[:, None], corners] = plane
    return found


def affine(angle: Tensor, scale: Tensor, lean: Tensor, shift: Tensor, aspect: float) -> Tensor:
    """Where each pixel comes from: the picture leant along its rows, then turned against the clock and enlarged.

    angle b and lean b in radians, scale b, shift b 2 in coordinates from -1 to 1, aspect width / height -> b 3 3
    """
    cos, sin, slope = angle.cos() / scale, angle.sin() / scale, lean.tan()
    zero, one = torch.zeros_like(cos), torch.ones_like(cos)
    across = [cos + slope * sin, (slope * cos - sin) / aspect, shift[:, 0]]
    rows = across, [sin * aspect, cos, shift[:, 1]], [zero, zero, one]
    return torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)


def projective(corners: Tensor) -> Tensor:
    """Where each pixel comes from, when the corners of the grid come from `corners`.

    Heckbert 1989, Fundamentals of texture mapping and image warping, section 2.2.3.
    b 4 2, (x, y) of top left, top right, bottom right, bottom left -> b 3 3
    """
    a, b, c, d = corners.unbind(1)
    one, two, both = b - c, d - c, a - b + c - d
    area = _cross(one, two)
    g, h = (_cross(both, two) / area)[:, None], (_cross(one, both) / area)[:, None]
    columns = [
        torch.cat([b - a + g * b, g], 1),
        torch.cat([d - a + h * d, h], 1),
        torch.cat([a, torch.ones_like(g)], 1),
    ]
    unit = torch.stack(columns, dim=2)  # of coordinates from 0 to 1
    half = torch.tensor([[0.5, 0, 0.5], [0, 0.5, 0.5], [0, 0, 1]], device=corners.device)
    return unit @ half


def _cross(a: Tensor, b: Tensor) -> Tensor:
    """b 2, b 2 -> b"""
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
