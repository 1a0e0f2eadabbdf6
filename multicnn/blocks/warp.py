"""Grids moved as a whole by a homogeneous matrix, and points with them: pictures, volumes, masks and boxes alike.

A matrix says where each cell of the new grid comes from, in coordinates from -1 to 1, the borders of the grid, with
the last axis first, as `torch.nn.functional.affine_grid` has it. `b rank rank+1` is affine, `b rank+1 rank+1` also
divides by its last line.
"""

from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor


def warp(x: Tensor, matrix: Tensor, *, outside: Literal["zeros", "border"] = "zeros") -> Tensor:
    """Linear interpolation between the nearest cells; beyond the border 0, or the border cell again.

    b c *grid, b rank rank+1 | b rank+1 rank+1 -> b c *grid
    """
    return _sampled(x, origins(matrix.to(x.dtype), x.shape[2:]), "bilinear", outside)


def warp_nearest(x: Tensor, matrix: Tensor, fill: float) -> Tensor:
    """Each cell takes the value that lay nearest to where it comes from, `fill` where it comes from beyond the border.

    Class numbers stay what they are: whole numbers below 2**24 are exact.  b c *grid, matrix as in `warp` -> b c *grid
    """
    moved = _sampled(x.float() - fill, origins(matrix.float(), x.shape[2:]), "nearest", "zeros")
    return moved.add_(fill).to(x.dtype)


def inverse_points(matrix: Tensor, points: Tensor) -> Tensor:
    """Where points of the old grid lie in the new one, the last axis first.  b rank+1 rank+1, b n rank -> b n rank"""
    old = torch.cat([points, torch.ones_like(points[..., :1])], dim=-1)
    new = torch.linalg.solve(matrix, old.mT).mT
    return new[..., :-1] / new[..., -1:]


def origins(matrix: Tensor, grid: Sequence[int]) -> Tensor:
    """Where the middle of each cell comes from, the last axis first.

    By sums of what each axis adds: a tenth of the time of affine_grid, which multiplies matrices.  -> b *grid rank
    """
    rank = len(grid)
    there = matrix.new_empty(len(matrix), *grid, rank)
    for place, line in enumerate(matrix[:, :rank].unbind(1)):
        torch.add(*_terms(line, grid), out=there[..., place])
    return there if matrix.shape[1] == rank else there.div_(torch.add(*_terms(matrix[:, rank], grid))[..., None])


def _sampled(x: Tensor, there: Tensor, mode: str, outside: str) -> Tensor:
    """By torch's grid_sample, which takes a series for a picture of one row.  b c *grid, b *grid rank -> b c *grid"""
    if x.ndim > 3:
        return F.grid_sample(x, there, mode, outside, align_corners=False)
    return F.grid_sample(x[:, :, None], F.pad(there, (0, 1))[:, None], mode, outside, align_corners=False)[:, :, 0]


def _terms(line: Tensor, grid: Sequence[int]) -> tuple[Tensor, Tensor]:
    """What the first axis adds to a coordinate, and what the others and the constant do.  b rank+1 -> b *grid each"""
    rank, parts = len(grid), []
    for axis, n in enumerate(grid):
        middles = (2 * torch.arange(n, dtype=line.dtype, device=line.device) + 1) / n - 1
        shape = [n if a == axis else 1 for a in range(rank)]
        parts.append((line[:, rank - 1 - axis, None] * middles).view(len(line), *shape))
    return parts[0], sum(parts[1:], line[:, -1].view(len(line), *[1] * rank))
