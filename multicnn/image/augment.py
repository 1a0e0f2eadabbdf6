"""Changes to training pictures that leave their answer, whole batches at a time, on normalised grids.

The mean is 0 there, so what moves in from outside the picture is 0. With every strength at 0 nothing changes.
`b c h w, b k, key b -> b c h w, b k`, each sample by its own key; see `multicnn.train.augment`.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from multicnn.data.random import uniform
from multicnn.errors import UsageError
from multicnn.train.augment import partner
from multicnn.train.mixup import beta, fade, pair_key

Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True, kw_only=True)
class Flip:
    """Mirror left and right, with probability `p`."""

    p: float = 0.5
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return torch.where(_chosen(key, self.p), x.flip(3), x), y


@dataclass(frozen=True, kw_only=True)
class FlipVertical:
    """Mirror top and bottom, with probability `p`."""

    p: float = 0.5
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return torch.where(_chosen(key, self.p), x.flip(2), x), y


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Move by whole pixels, up to `fraction` of the height and width each way."""

    fraction: float = 0.1
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        most = round(self.fraction * x.shape[2]), round(self.fraction * x.shape[3])
        return _moved(x, *most, key), y


@dataclass(frozen=True, kw_only=True)
class Crop:
    """Pad by `padding` pixels on every side, then cut the old size at a random place. He et al. 2016, 1512.03385."""

    padding: int = 4
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return _moved(x, self.padding, self.padding, key), y


@dataclass(frozen=True, kw_only=True)
class Affine:
    """Rotate by up to `degrees` each way, enlarge by `low` to `high`, move by up to `shift` of the size: in one go.

    Each is uniform in its range. One bilinear interpolation, however many of them are used.
    """

    degrees: float = 10.0
    low: float = 0.9
    high: float = 1.1
    shift: float = 0.1
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise UsageError(f"scale from {self.low} to {self.high}: low must be above 0 and at most high")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        if self == Affine(degrees=0, low=1, high=1, shift=0):
            return x, y
        u = uniform(key, 4)
        angle = math.radians(self.degrees) * (2 * u[:, 0] - 1)
        scale = self.low + (self.high - self.low) * u[:, 1]
        return resample(x, inverse(angle, scale, 2 * self.shift * (2 * u[:, 2:] - 1), x.shape[3] / x.shape[2])), y


def rotate(*, degrees: float = 10.0) -> Affine:
    """Rotate by up to `degrees` each way."""
    return Affine(degrees=degrees, low=1, high=1, shift=0)


def scale(*, low: float = 0.9, high: float = 1.1) -> Affine:
    """Enlarge by a factor between `low` and `high`."""
    return Affine(degrees=0, low=low, high=high, shift=0)


@dataclass(frozen=True, kw_only=True)
class Blur:
    """Smooth by a Gaussian whose deviation is uniform up to `sigma` pixels; the border pixels are repeated outwards."""

    sigma: float = 1.0
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        reach = math.ceil(3 * self.sigma)
        sigma = (self.sigma * uniform(key, 1)).clamp(min=1e-3)  # below it, the kernel is one pixel
        taps = torch.arange(-reach, reach + 1, device=x.device)
        kernel = torch.softmax(-(taps**2) / (2 * sigma**2), dim=1)
        return _smooth(_smooth(x, kernel, 2), kernel, 3), y


@dataclass(frozen=True, kw_only=True)
class Brightness:
    """Add up to `amount` each way, in deviations of the training set."""

    amount: float = 0.2
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return x + _both_ways(key, self.amount), y


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Multiply the differences from the picture's own mean by 1 - `amount` to 1 + `amount`."""

    amount: float = 0.2
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        mean = x.mean((1, 2, 3), keepdim=True)
        return x + _both_ways(key, self.amount) * (x - mean), y


@dataclass(frozen=True, kw_only=True)
class Cutout:
    """Blank a square of `fraction` of the shorter side, its centre anywhere. DeVries and Taylor 2017, 1708.04552."""

    fraction: float = 0.3
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        side = round(self.fraction * min(x.shape[2:]))
        hole = torch.full((len(x), 2), side, device=x.device)
        return x.masked_fill(box(uniform(key, 2), hole, x.shape[2], x.shape[3]), 0), y


@dataclass(frozen=True, kw_only=True)
class CutMix:
    """Replace a box by the partner's; the answer is mixed by the pixels each has. Yun et al. 2019, arXiv 1905.04899.

    The box has the area of a share from Beta(alpha, alpha) before the border cuts it; partners swap the same box.
    """

    alpha: float = 1.0
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __post_init__(self) -> None:
        if not self.alpha > 0:
            raise UsageError(f"cutmix.alpha is {self.alpha}; it must be above 0")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        key, other = pair_key(key), partner(len(x), x.device)
        size = torch.tensor(x.shape[2:], device=x.device)
        side = ((1 - beta(key, self.alpha)).sqrt()[:, None] * size).round().long()
        inside = box(uniform(key, 2), side, x.shape[2], x.shape[3])
        own = 1 - inside.float().mean((1, 2, 3))
        return torch.where(inside, x[other], x), fade(y, y[other], own)


def _chosen(key: Tensor, p: float) -> Tensor:
    """b -> b 1 1 1"""
    return (uniform(key, 1) < p)[..., None, None]


def _both_ways(key: Tensor, amount: float) -> Tensor:
    """b -> b 1 1 1"""
    return amount * (2 * uniform(key, 1)[..., None, None] - 1)


def _moved(x: Tensor, most_down: int, most_right: int, key: Tensor) -> Tensor:
    """Each sample by a whole number of pixels, uniform up to the most each way.  b c h w -> b c h w"""
    u = uniform(key, 2)
    rows = (u[:, 0] * (2 * most_down + 1)).long()
    columns = (u[:, 1] * (2 * most_right + 1)).long()
    padded = F.pad(x, (most_right, most_right, most_down, most_down))
    places = padded.unfold(2, x.shape[2], 1).unfold(3, x.shape[3], 1)
    return places[torch.arange(len(x), device=x.device), :, rows, columns]


def inverse(angle: Tensor, scale: Tensor, shift: Tensor, aspect: float) -> Tensor:
    """Where each pixel comes from, in coordinates from -1 to 1.  angle b (radians), scale b, shift b 2 -> b 2 3"""
    cos, sin = angle.cos() / scale, angle.sin() / scale
    across = torch.stack([cos, -sin / aspect, shift[:, 0]], dim=1)
    down = torch.stack([sin * aspect, cos, shift[:, 1]], dim=1)
    return torch.stack([across, down], dim=1)


def resample(x: Tensor, theta: Tensor) -> Tensor:
    """Bilinear, 0 outside.  b c h w, b 2 3 -> b c h w"""
    grid = F.affine_grid(theta.to(x.dtype), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _smooth(x: Tensor, kernel: Tensor, axis: int) -> Tensor:
    """Each sample by its own kernel along one axis.  b c h w, b taps -> b c h w"""
    reach, n = kernel.shape[1] // 2, x.shape[axis]
    index = torch.arange(-reach, n + reach, device=x.device).clamp(0, n - 1)
    padded = x.index_select(axis, index)
    out = torch.zeros_like(x)
    for tap in range(kernel.shape[1]):  # cheaper on CPU than a convolution with a group for each sample
        out.addcmul_(padded.narrow(axis, tap, n), kernel[:, tap, None, None, None])
    return out


def box(centre: Tensor, side: Tensor, height: int, width: int) -> Tensor:
    """A mask of one box a sample, cut by the border.  centre b 2 in [0, 1), side b 2 in pixels -> b 1 h w"""

    def inside(n: int, axis: int) -> Tensor:
        start = (centre[:, axis] * n).long() - side[:, axis] // 2
        place = torch.arange(n, device=centre.device)
        return (place >= start[:, None]) & (place < (start + side[:, axis])[:, None])

    return (inside(height, 0)[:, :, None] & inside(width, 1)[:, None, :])[:, None]
