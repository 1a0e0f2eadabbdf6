"""Changes to the values of pictures that leave every cell in its place.

`b c *grid, b k, key b -> b c *grid, b k`. Strengths are in deviations of the training set where the grid is normalised
by them, as it is by default; Colour and Grey act on the stored pixels, where black and white are known.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from multicnn.data.random import normal, uniform
from multicnn.errors import UsageError
from multicnn.image.moves import Pair, Stage, chosen, each

NOISE_SALT = 20
LUMA = (0.2989, 0.587, 0.114)  # ITU-R BT.601 as torchvision rounds it


@dataclass(frozen=True, kw_only=True)
class Brightness:
    """Add up to `amount` each way."""

    amount: float = 0.2
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return x + each(_both_ways(key, self.amount), x), y


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Multiply the differences from the sample's own mean by 1 - `amount` to 1 + `amount`."""

    amount: float = 0.2
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        mean = each(x.flatten(1).mean(1), x)
        return x + each(_both_ways(key, self.amount), x) * (x - mean), y


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Add Gaussian noise, each cell and channel by itself, of a deviation that is uniform up to `sigma`."""

    sigma: float = 0.2
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        added = normal(key, x[0].numel(), NOISE_SALT).to(x.dtype).view(x.shape)
        return torch.addcmul(x, added, each(self.sigma * uniform(key, 1).to(x.dtype), x)), y


@dataclass(frozen=True, kw_only=True)
class Blur:
    """Smooth by a Gaussian whose deviation is uniform up to `sigma` pixels; the border pixels are repeated outwards.

    Slices of a volume by themselves.
    """

    sigma: float = 1.0
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        reach = math.ceil(3 * self.sigma)
        sigma = (self.sigma * uniform(key, 1)).clamp(min=1e-3)  # below it, the kernel is one pixel
        taps = torch.arange(-reach, reach + 1, device=x.device)
        kernel = torch.softmax(-(taps**2) / (2 * sigma**2), dim=1)
        return _smooth(_smooth(x, kernel, x.ndim - 2), kernel, x.ndim - 1), y


@dataclass(frozen=True, kw_only=True)
class Colour:
    """Change how colours look, each by its own number, uniform each way: as another camera or light would.

    saturation: distances from grey are multiplied by 1 - it to 1 + it.  hue: turned by up to that share of the colour
    circle, 0.5 at most.  gamma: the exponent of the values is between 1 / (1 + it) and 1 + it.  gain: each channel is
    multiplied by 1 - it to 1 + it. The first two need three channels and leave others alone.
    """

    saturation: float = 0.3
    hue: float = 0.05
    gamma: float = 0.2
    gain: float = 0.1
    stage: Stage = field(default="raw", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        if self == Colour(saturation=0, hue=0, gamma=0, gain=0):
            return x, y
        u = 2 * uniform(key, 3 + x.shape[1]) - 1

        def changed(unit: Tensor) -> Tensor:
            if x.shape[1] == 3:
                unit = saturated(unit, 1 + self.saturation * u[:, 0]) if self.saturation else unit
                unit = turned(unit, self.hue * u[:, 1]) if self.hue else unit
            unit = unit.pow(each((1 + self.gamma) ** u[:, 2], unit)) if self.gamma else unit
            return unit.mul(1 + self.gain * u[:, 3:].view(*x.shape[:2], *[1] * (x.ndim - 2)))

        return on_unit(x, changed), y


@dataclass(frozen=True, kw_only=True)
class Grey:
    """Take the colours away, with probability `p`; the channels are then alike."""

    p: float = 0.2
    stage: Stage = field(default="raw", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        if x.shape[1] != 3:
            return x, y
        return on_unit(x, lambda unit: torch.where(each(chosen(key, self.p), x), luma(unit), unit)), y


def on_unit(x: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
    """Stored pixels changed as numbers from 0, black, to 1, white, and stored again, as uint8 or uint16.

    Raises UsageError for others, whose black and white nobody knows.
    """
    if x.dtype not in (torch.uint8, torch.uint16):
        raise UsageError(f"colour and grey change pixels of 8 or 16 bits, these are {x.dtype}; leave them out")
    white = torch.iinfo(x.dtype).max
    return change(x.float().div_(white)).clamp_(0, 1).mul_(white).round_().to(x.dtype)


def luma(x: Tensor) -> Tensor:
    """b 3 *grid -> b 1 *grid"""
    red, green, blue = x.unbind(1)
    return (LUMA[0] * red).add_(green, alpha=LUMA[1]).add_(blue, alpha=LUMA[2])[:, None]


def saturated(x: Tensor, factor: Tensor) -> Tensor:
    """Distances from grey times `factor`, from 0 to 1 as before.  b 3 *grid, b -> b 3 *grid"""
    return torch.lerp(luma(x), x, each(factor, x)).clamp_(0, 1)


def turned(x: Tensor, turn: Tensor) -> Tensor:
    """The hue turned by a share of the colour circle, in Smith's HSV (1978).  b 3 *grid from 0 to 1, b -> b 3 *grid"""
    value, low = x.amax(1), x.amin(1)
    chroma = value - low
    red, green, blue = x.unbind(1)
    safe = torch.where(chroma > 0, chroma, 1)
    hue = torch.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe)
    hue = torch.where(value == red, (green - blue) / safe, hue) + 6 * turn.view(-1, *[1] * (hue.ndim - 1))
    channels = [value - chroma * _rest((hue + n) % 6) for n in (5, 3, 1)]
    return torch.stack(channels, dim=1)


def _rest(k: Tensor) -> Tensor:
    """How far a channel is below the highest one, as a share of the chroma, by its place on the colour circle."""
    return torch.minimum(k, 4 - k).clamp_(0, 1)


def _both_ways(key: Tensor, amount: float) -> Tensor:
    """b -> b"""
    return amount * (2 * uniform(key, 1)[:, 0] - 1)


def _smooth(x: Tensor, kernel: Tensor, axis: int) -> Tensor:
    """Each sample by its own kernel along one axis.  b c *grid, b taps -> b c *grid"""
    reach, n = kernel.shape[1] // 2, x.shape[axis]
    index = torch.arange(-reach, n + reach, device=x.device).clamp(0, n - 1)
    padded = x.index_select(axis, index)
    out = torch.zeros_like(x)
    for tap in range(kernel.shape[1]):  # cheaper on CPU than a convolution with a group for each sample
        out.addcmul_(padded.narrow(axis, tap, n), each(kernel[:, tap], x))
    return out
