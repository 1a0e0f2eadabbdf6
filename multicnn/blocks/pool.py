"""Pooling: one number for each window of the grid, or for the whole grid.

Cells that padding or `ceil` add are never counted: an average is over the cells of its window that exist.
"""

from collections.abc import Callable, Sequence
from math import ceil as round_up

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks.nd import Size, axes, nd, nd_function
from multicnn.errors import UsageError
from multicnn.names import find


def max_pool(
    rank: int, kernel: Size, *, stride: Size | None = None, padding: Size = 0, ceil: bool = False
) -> nn.Module:
    """The largest value of each window; its gradient goes to the first largest cell alone. Settings as `pool`."""
    kernel, stride, padding = window(rank, kernel, stride, padding)
    return nd("MaxPool", rank)(kernel, stride, padding, ceil_mode=ceil)


def average_pool(
    rank: int, kernel: Size, *, stride: Size | None = None, padding: Size = 0, ceil: bool = False
) -> nn.Module:
    """The mean of the cells of each window. Settings as `pool`."""
    kernel, stride, padding = window(rank, kernel, stride, padding)
    return nd("AvgPool", rank)(kernel, stride, padding, ceil_mode=ceil, count_include_pad=False)


class SumPool(nn.Module):
    """The sum of the cells of each window. Settings as `pool`."""

    def __init__(self, rank: int, kernel: Size, *, stride: Size | None = None, padding: Size = 0, ceil: bool = False):
        super().__init__()
        self.line = rank == 1  # torch's average of rank 1 takes no divisor, so a line is a picture of height 1
        kernel, stride, padding = window(rank, kernel, stride, padding)
        if self.line:
            kernel, stride, padding = (1, *kernel), (1, *stride), (0, *padding)
        self.total = nd("AvgPool", max(rank, 2))(kernel, stride, padding, ceil_mode=ceil, divisor_override=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.total(x.unsqueeze(2)).squeeze(2) if self.line else self.total(x)


class LpPool(nn.Module):
    """The p-norm of each window: (sum |x|^p)^(1/p). Sermanet et al. 2012, arxiv.org/abs/1204.3968.

    p: at least 1, else UsageError; 1 is the sum of magnitudes, large p nears their maximum. The gradient of a window
    of zeros, which has none, is zero. Other settings as `pool`.
    """

    def __init__(
        self,
        rank: int,
        kernel: Size,
        *,
        p: float = 2.0,
        stride: Size | None = None,
        padding: Size = 0,
        ceil: bool = False,
    ):
        super().__init__()
        if not 1 <= p < float("inf"):
            raise UsageError(f"p = {p} makes no norm; choose p >= 1, or max pooling for infinity")
        self.p = p
        self.total = SumPool(rank, kernel, stride=stride, padding=padding, ceil=ceil)

    def forward(self, x: Tensor) -> Tensor:
        wide = x.to(torch.promote_types(x.dtype, torch.float32))  # powers leave the range of half precision
        return root(self.total(wide.abs().pow(self.p)), self.p).to(x.dtype)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class GaussianPool(nn.Module):
    """The mean of each window, weighted by a Gaussian of the distance from the window's centre.

    sigma: cells; None: a quarter of the longest side, so that the middle of that side's end weighs exp(-2).
    Other settings as `pool`.
    """

    weight: Tensor

    def __init__(
        self,
        rank: int,
        kernel: Size,
        *,
        sigma: float | None = None,
        stride: Size | None = None,
        padding: Size = 0,
        ceil: bool = False,
    ):
        super().__init__()
        self.kernel, self.stride, self.padding = window(rank, kernel, stride, padding)
        self.sigma = max(self.kernel) / 4 if sigma is None else sigma
        if self.sigma <= 0:
            raise UsageError(f"sigma = {sigma} makes no Gaussian; choose a number of cells above 0")
        self.ceil, self.rank = ceil, rank
        self.register_buffer("weight", gaussian(self.kernel, self.sigma), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        if not (self.ceil or any(self.padding)):
            return self.total(x)
        return self.total(x) / self.total(torch.ones_like(x[:1, :1]))  # the weight of the cells that exist

    def total(self, x: Tensor) -> Tensor:
        c = x.shape[1]
        if self.ceil:
            sides = zip(x.shape[2:], self.kernel, self.stride, self.padding, strict=True)
            x = functional.pad(x, [n for side in reversed([*sides]) for n in (0, overhang(*side))])
        weight = self.weight.to(x.dtype).expand(c, 1, *self.kernel)
        return nd_function("conv", self.rank)(x, weight, stride=self.stride, padding=self.padding, groups=c)

    def extra_repr(self) -> str:
        return f"{self.kernel}, sigma={self.sigma}, stride={self.stride}, padding={self.padding}, ceil={self.ceil}"


POOLS: dict[str, Callable[..., nn.Module]] = {
    "max": max_pool,
    "average": average_pool,
    "sum": SumPool,
    "l2": LpPool,
    "gaussian": GaussianPool,
}


def pool(
    name: str, rank: int, kernel: Size, *, stride: Size | None = None, padding: Size = 0, ceil: bool = False
) -> nn.Module:
    """The pooling called `name`, from the table POOLS.

    stride: None means windows that do not overlap, stride = kernel. padding: cells at both ends of each axis, at most
    half the kernel. ceil: also the last window that only partly lies on the grid. Raises UsageError.
    b c *grid -> b c *floor((grid + 2 padding - kernel) / stride + 1)
    """
    return find("pooling", POOLS, name)(rank, kernel, stride=stride, padding=padding, ceil=ceil)


def global_max(x: Tensor) -> Tensor:
    """b c *grid -> b c"""
    return x.flatten(2).max(2).values


def global_average(x: Tensor) -> Tensor:
    """b c *grid -> b c"""
    return x.mean(tuple(range(2, x.ndim)))


def global_sum(x: Tensor) -> Tensor:
    """b c *grid -> b c"""
    return x.sum(tuple(range(2, x.ndim)))


def global_l2(x: Tensor) -> Tensor:
    """b c *grid -> b c"""
    return torch.linalg.vector_norm(x, dim=tuple(range(2, x.ndim)))


GLOBAL_POOLS: dict[str, Callable[[Tensor], Tensor]] = {
    "average": global_average,
    "max": global_max,
    "l2": global_l2,
    "sum": global_sum,
}


class GlobalPool(nn.Module):
    """One number a channel, by a name of GLOBAL_POOLS. Lin et al. 2013, arxiv.org/abs/1312.4400.

    b c *grid -> b c
    """

    def __init__(self, name: str = "average"):
        super().__init__()
        self.name = name
        self.pool = find("global pooling", GLOBAL_POOLS, name)

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(x)

    def extra_repr(self) -> str:
        return repr(self.name)


def window(
    rank: int, kernel: Size, stride: Size | None, padding: Size
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Kernel, stride and padding, one number an axis."""
    kernel = axes("kernel", kernel, rank)
    stride = kernel if stride is None else axes("stride", stride, rank)
    padding = axes("padding", padding, rank)
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise UsageError(f"padding {padding} is more than half the kernel {kernel}; choose less")
    return kernel, stride, padding


def root(x: Tensor, p: float) -> Tensor:
    """x^(1/p) of x >= 0, whose gradient is zero, not infinite, where x is zero."""
    some = x > torch.finfo(x.dtype).tiny
    return torch.where(some, torch.where(some, x, 1.0).pow(1 / p), 0.0)


def gaussian(kernel: Sequence[int], sigma: float) -> Tensor:
    """Weights by the distance in cells from the centre of a window; they sum to 1.  -> *kernel"""
    sides = [torch.arange(k, dtype=torch.float64) - (k - 1) / 2 for k in kernel]
    squares = torch.stack(torch.meshgrid(*sides, indexing="ij")).square().sum(0)
    weight = (-squares / (2 * sigma**2)).exp()
    return (weight / weight.sum()).float()


def overhang(size: int, kernel: int, stride: int, padding: int) -> int:
    """Cells that the last window of a ceil pooling lacks; as in torch, no window starts behind the grid."""
    windows = round_up((size + 2 * padding - kernel) / stride) + 1
    if (windows - 1) * stride >= size + padding:
        windows -= 1
    return max(0, (windows - 1) * stride + kernel - size - 2 * padding)
