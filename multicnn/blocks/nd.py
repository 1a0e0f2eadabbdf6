"""The number of grid axes is a number: rank 1 waveforms and words, 2 pictures and spectrograms, 3 volumes and video.

Only this file spells torch's 1d, 2d and 3d.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.nn import functional

from multicnn.errors import UsageError

RANKS = (1, 2, 3)
WIDE = 7  # cells of a kernel, from which on a strided one at rank 3 is widened by hand
NARROW = 16  # channels, oneDNN's vector of float32
Size = int | tuple[int, ...]  # one number for all axes of the grid, or one an axis


def nd(layer: str, rank: int) -> type[nn.Module]:
    """torch's layer for a grid of `rank` axes: `nd("Conv", 2)` is nn.Conv2d. Raises UsageError for another rank."""
    return getattr(nn, f"{layer}{checked(rank)}d")


def pick(self: Any, input: Tensor) -> Tensor:
    """A 1x1 convolution of every stride-th cell: what the stride means, spelled out.

    For fewer than NARROW channels oneDNN's own backward pass writes beyond its memory (seen with torch 2.11 at 4, 8 and
    12 channels, channels_last, an odd number of samples, two threads; not from 16 channels on).
    b c_in *grid -> b c_out *ceil(grid / stride)
    """
    cells = (..., *(slice(None, None, step) for step in self.stride))
    return nd_function("conv", input.ndim - 2)(input[cells], self.weight, self.bias, groups=self.groups)


class Picking1d(nn.Conv1d):
    """See `pick`."""

    forward = pick


class Picking2d(nn.Conv2d):
    """See `pick`."""

    forward = pick


class Picking3d(nn.Conv3d):
    """See `pick`."""

    forward = pick


PICKING: dict[int, type[nn.Module]] = {1: Picking1d, 2: Picking2d, 3: Picking3d}


def widen(self: Any, input: Tensor) -> Tensor:
    """A convolution behind zeros of its own, which means the same.

    oneDNN's own backward pass gives arbitrary numbers (torch 2.11, kernel 7, stride 2, 6 or 7 cells along the first
    axis). b c_in *grid -> b c_out *grid
    """
    wide = functional.pad(input, [n for size in reversed(self.padding) for n in (size, size)])
    return functional.conv3d(wide, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class Widening3d(nn.Conv3d):
    """See `widen`."""

    forward = widen


WIDENING: dict[int, type[nn.Module]] = {3: Widening3d}


def nd_function(name: str, rank: int) -> Callable[..., Tensor]:
    """torch's function for a grid of `rank` axes: `nd_function("conv", 2)` is conv2d. Raises UsageError as `nd`."""
    return getattr(functional, f"{name}{checked(rank)}d")


def axes(what: str, size: Size, rank: int) -> tuple[int, ...]:
    """`size` as one number an axis. Raises UsageError when the numbers are not as many as the axes."""
    sizes = (size,) * checked(rank) if isinstance(size, int) else tuple(size)
    if len(sizes) != rank:
        raise UsageError(f"{what} {sizes} has {len(sizes)} numbers for a grid of rank {rank}; give one, or {rank}")
    return sizes


def same(kernel: int, dilation: int = 1) -> int:
    """Cells before the grid that keep its size at stride 1; an even reach needs one cell more behind it."""
    return dilation * (kernel - 1) // 2


def checked(rank: Any) -> int:
    """The rank itself. Raises UsageError unless it is 1, 2 or 3."""
    if rank not in RANKS:
        raise UsageError(f"no grid of rank {rank!r}; a grid has 1, 2 or 3 axes")
    return rank
