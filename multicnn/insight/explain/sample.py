"""Samples whose cells can be taken away, each way of doing it after what means nothing in such samples."""

from collections.abc import Callable
from math import ceil
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BLURRED = 0.15  # deviation of the kernel, as a share of each axis
REACH = 3  # deviations of the kernel that are summed


class Sample(Protocol):
    """Some samples on the front-end's grid.

    grid: as they are.  base: with nothing in them.  inside: which cells are of the sample, and no padding.
    b c *cells, b c *cells, *cells
    """

    @property
    def grid(self) -> Tensor: ...

    @property
    def base(self) -> Tensor: ...

    @property
    def inside(self) -> Tensor: ...

    def without(self, keep: Tensor) -> Tensor:
        """The grids of which only these cells are left, 1 or 0.  b m *cells -> b m c *cells"""
        ...


class Blended:
    """Cells are replaced by those of another grid.  grid, base: b c *cells"""

    def __init__(self, grid: Tensor, base: Tensor, inside: Tensor):
        self.grid, self.base, self.inside = grid, base, inside

    def without(self, keep: Tensor) -> Tensor:
        return torch.lerp(self.base[:, None], self.grid[:, None], keep[:, :, None])


class Numbered:
    """Raw numbers, of which a cell each, or a row of them, is replaced by padding.  raw: b t | b t w"""

    def __init__(self, frontend: nn.Module, raw: Tensor):
        self.frontend, self.raw = frontend, raw
        self.grid = frontend(raw)
        self.base = frontend(torch.zeros_like(raw))
        self.inside = (raw != 0).flatten(2).any(2).any(0) if raw.ndim > 2 else (raw != 0).any(0)

    def without(self, keep: Tensor) -> Tensor:
        keep = keep.to(self.raw.dtype)
        raw = self.raw[:, None] * (keep if self.raw.ndim == 2 else keep[..., None])
        return self.frontend(raw.flatten(0, 1)).unflatten(0, keep.shape[:2])


Absence = Callable[[nn.Module, Tensor, float], Sample]
"""`(frontend, raw, share)`: raw samples, and what stands for nothing in them; share: see `inside`."""


def blurred(frontend: nn.Module, raw: Tensor, share: float) -> Sample:
    """What is taken away becomes what its surroundings are on a wide average. Petsiuk et al. 2018, arXiv 1806.07421."""
    grid = frontend(raw)
    return Blended(grid, blur(grid), inside(grid, share))


def silent(frontend: nn.Module, raw: Tensor, share: float) -> Sample:
    """What is taken away becomes what the front-end makes of zeros."""
    grid = frontend(raw)
    return Blended(grid, frontend(torch.zeros_like(raw)), inside(grid, share))


def average(frontend: nn.Module, raw: Tensor, share: float) -> Sample:
    """What is taken away becomes the sample's own mean over its first axis, NaN behind its end stays.  raw: b t c"""
    flat = raw.nanmean(1, keepdim=True).where(~raw.isnan(), raw)
    grid = frontend(raw)
    return Blended(grid, frontend(flat), inside(grid, share))


def padded(frontend: nn.Module, raw: Tensor, share: float) -> Sample:
    """What is taken away becomes padding, which stands for no word."""
    return Numbered(frontend, raw)


def inside(grid: Tensor, share: float) -> Tensor:
    """The first cells of the last axis.  share: of that axis, behind which is padding.  -> *cells"""
    last = torch.arange(grid.shape[-1], device=grid.device) < max(1, ceil(share * grid.shape[-1] - 1e-6))
    return last.expand(grid.shape[2:])


def blur(x: Tensor) -> Tensor:
    """Weighted by a Gauss curve along each axis, over what there is.  b c *cells -> b c *cells"""
    for axis in range(2, x.ndim):
        x = along(x, axis, BLURRED * x.shape[axis])
    return x


def along(x: Tensor, axis: int, deviation: float) -> Tensor:
    """The same along one axis; deviation: cells."""
    far = max(1, ceil(REACH * deviation))
    at = torch.arange(-far, far + 1, device=x.device, dtype=x.dtype)
    kernel = torch.exp(-((at / max(deviation, 1e-6)) ** 2) / 2)[None, None]
    line = x.movedim(axis, -1)
    flat = line.reshape(-1, 1, line.shape[-1])
    there = F.conv1d(torch.ones_like(flat[:1]), kernel, padding=far)
    return (F.conv1d(flat, kernel, padding=far) / there).view(line.shape).movedim(-1, axis)
