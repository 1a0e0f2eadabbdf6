"""Changes to training sounds that leave their answer, whole batches at a time.

Of stage "raw", on waveforms: 16-bit samples or floating ones of -1 to 1 come in, floating ones go out. Of stage "grid",
on what the front-end makes of them, where 0 is the mean. With every strength at 0 nothing changes but the type.
`b ..., b k, key b -> b ..., b k`, each sample by its own key; see `multicnn.train.augment`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from multicnn.audio.reader import Hearing
from multicnn.audio.wave import waveform
from multicnn.data.random import normal, uniform
from multicnn.errors import UsageError

Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Louder or softer by up to `db` each way, uniform in dB; nothing is clipped."""

    db: float = 6.0
    reads = Hearing
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        return waveform(x) * 10 ** (self.db * (2 * uniform(key, 1) - 1) / 20), y


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Earlier or later by up to `fraction` of the length; zeros move in."""

    fraction: float = 0.1
    reads = Hearing
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __post_init__(self) -> None:
        _refuse_share("shift.fraction", self.fraction)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        source = _moved(x, self.fraction, key)
        inside = (source >= 0) & (source < x.shape[1])
        return waveform(x).gather(1, source.clamp(0, x.shape[1] - 1)) * inside, y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        """See `multicnn.train.augment.Moving`."""
        return _line(torch.ones(len(key), device=key.device), -2 * _step(grid[-1], self.fraction, key) / grid[-1])


@dataclass(frozen=True, kw_only=True)
class Roll:
    """Earlier or later by up to `fraction` of the length; what leaves at one end comes back at the other."""

    fraction: float = 0.5
    reads = Hearing
    wraps = True
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __post_init__(self) -> None:
        _refuse_share("roll.fraction", self.fraction)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        most = int(self.fraction * x.shape[1])
        moves = (uniform(key, 1)[:, 0] * (2 * most + 1)).floor().long() - most
        return torch.stack([row.roll(move) for row, move in zip(waveform(x), moves.tolist(), strict=True)]), y


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Faster and higher, or slower and lower, by up to `semitones` each way, uniform. Ko et al. 2015, Interspeech.

    The sound still begins at the beginning; zeros follow a faster one, and the end of a slower one is lost.
    """

    semitones: float = 2.0
    reads = Hearing
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        place = torch.arange(x.shape[1], device=x.device) * self._ratio(key)
        before = place.floor().long().clamp(max=x.shape[1] - 1)
        after = (before + 1).clamp(max=x.shape[1] - 1)
        x = waveform(x)
        between = torch.lerp(x.gather(1, before), x.gather(1, after), place - before)
        return between * (place <= x.shape[1] - 1), y

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        """See `multicnn.train.augment.Moving`."""
        ratio = self._ratio(key)[:, 0]
        return _line(ratio, ratio - 1 + (1 - ratio) / grid[-1])  # the first sample stays, half a cell from the border

    def _ratio(self, key: Tensor) -> Tensor:
        return 2 ** (self.semitones * (2 * uniform(key, 1) - 1) / 12)


@dataclass(frozen=True, kw_only=True)
class Noise:
    """White noise `low` to `high` dB below each sound's own power, uniform in dB; silence stays silent."""

    low: float = 10.0
    high: float = 40.0
    reads = Hearing
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise UsageError(f"noise from {self.low} to {self.high} dB below the sound; low must be at most high")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        x = waveform(x)
        ratio = self.low + (self.high - self.low) * uniform(key, 1, salt=1)
        power = x.square().mean(1, keepdim=True)
        return x + normal(key, x.shape[1]) * (power * 10 ** (-ratio / 10)).sqrt(), y


@dataclass(frozen=True, kw_only=True)
class SpecAugment:
    """Bands and stretches of time replaced by the mean. Park et al. 2019, arXiv 1904.08779.

    `bands` masks of up to `width` of the bands, and `times` masks of up to `length` of the frames, their widths and
    places uniform, each sample its own. On a grid without a band axis, the channels are the bands.
    """

    bands: int = 2
    width: float = 0.15
    times: int = 2
    length: float = 0.15
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __post_init__(self) -> None:
        _refuse_share("specaugment.width", self.width)
        _refuse_share("specaugment.length", self.length)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        rows = _masked(x.shape[-2], self.bands, self.width, key, salt=0)[:, :, None]
        frames = _masked(x.shape[-1], self.times, self.length, key, salt=1)[:, None, :]
        hidden = (rows | frames).view(len(x), *[1] * (x.ndim - 3), *x.shape[-2:])
        return x.masked_fill(hidden, 0), y


@dataclass(frozen=True, kw_only=True)
class Warp:
    """Spectra a little slower or faster, and higher or lower, by up to a share `time` and `bands` each way, uniform.

    As another speaker or thing of the kind might sound, for a small part of what `Speed` costs; Jaitly and Hinton 2013,
    ICML workshop. The sound still begins at the beginning, and the lowest band stays; the last frame and the highest
    band go on where nothing is left. Linear between cells. On a grid without a band axis, the channels stay.
    """

    time: float = 0.2
    bands: float = 0.1
    reads = Hearing
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __post_init__(self) -> None:
        for name in ("time", "bands"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"warp.{name} is {getattr(self, name)}; it must be at least 0 and below 1")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        if not (self.time or self.bands):
            return x, y
        across = _places(x.shape[-1], self.time, key, salt=0)
        if x.ndim == 3:
            down = torch.zeros(len(x), 1, device=x.device)
            return _sampled(x[:, :, None], down, across)[:, :, 0], y
        down = _places(x.shape[-2], self.bands, key, salt=1)
        return _sampled(x, down, across), y


def _places(n: int, share: float, key: Tensor, salt: int) -> Tensor:
    """Where each of `n` cells is taken from, from -1 to 1, the cells' outer rims.  b -> b n"""
    ratio = 1 + share * (2 * uniform(key, 1, salt) - 1)
    return torch.arange(n, device=key.device) * ratio * (2 / n) + (1 / n - 1)


def _sampled(x: Tensor, down: Tensor, across: Tensor) -> Tensor:
    """A grid of rank 2 at other places, linear between its cells.  b c m t, b m, b t -> b c m t"""
    shape = (len(x), *x.shape[-2:])
    place = torch.stack([across[:, None, :].expand(shape), down[:, :, None].expand(shape)], dim=-1)
    return grid_sample(x, place.to(x.dtype), padding_mode="border", align_corners=False)


def _masked(n: int, count: int, share: float, key: Tensor, salt: int) -> Tensor:
    """Which of `n` places lie under any of `count` masks, each of up to `share` of them.  b -> b n"""
    u = uniform(key, 2 * count, salt).view(len(key), count, 2, 1)
    width = (u[:, :, 0] * (int(share * n) + 1)).floor()
    start = (u[:, :, 1] * (n - width + 1)).floor()
    place = torch.arange(n, device=key.device)
    return ((place >= start) & (place < start + width)).any(1)


def _moved(x: Tensor, fraction: float, key: Tensor) -> Tensor:
    """Where each sample of the moved waveform was before.  b t, b -> b t"""
    return torch.arange(x.shape[1], device=x.device) - _step(x.shape[1], fraction, key)[:, None]


def _step(n: int, fraction: float, key: Tensor) -> Tensor:
    """How many of `n` samples each sound moves later.  b -> b, whole numbers"""
    most = int(fraction * n)
    return (uniform(key, 1)[:, 0] * (2 * most + 1)).floor().long() - most


def _line(scale: Tensor, shift: Tensor) -> Tensor:
    """The map x -> scale x + shift.  b, b -> b 2 2"""
    rows = torch.stack([scale, shift.to(scale), torch.zeros_like(scale), torch.ones_like(scale)], -1)
    return rows.unflatten(-1, (2, 2))


def _refuse_share(name: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise UsageError(f"{name} is {share}; it must be from 0 to 1")
