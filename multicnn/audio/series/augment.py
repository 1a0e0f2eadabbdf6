"""Changes to training series that leave their answer, whole batches at a time.

All of stage "raw": steps of channels, NaN behind a series' end, come in and go out. What is added or scaled is measured
by each channel's own deviation over the series. With every strength at 0 nothing changes.
`b t c, b k, key b -> b t c, b k`, each sample by its own key; see `multicnn.train.augment`.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from multicnn.audio.series.reader import SeriesReader
from multicnn.data.random import normal, uniform
from multicnn.errors import UsageError

Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True, kw_only=True)
class Jitter:
    """White noise of `share` of each channel's deviation."""

    share: float = 0.1
    reads = SeriesReader
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        b, t, c = x.shape
        _, deviation = moments(x)
        return x + normal(key, t * c).view(b, t, c) * self.share * deviation, y


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Each channel nearer to its own mean or further from it, by a factor of exp(normal * `strength`)."""

    strength: float = 0.15
    reads = SeriesReader
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        mean, _ = moments(x)
        factor = (normal(key, x.shape[2]) * self.strength).exp()[:, None]
        return mean + (x - mean) * factor if self.strength else x.clone(), y


@dataclass(frozen=True, kw_only=True)
class TimeWarp:
    """Parts of the series faster, others slower; its length stays. Um et al. 2017, arXiv 1706.00527.

    The way through time follows `knots` speeds, each exp(normal * `strength`), constant between them.
    """

    strength: float = 0.25
    knots: int = 4
    reads = SeriesReader
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __post_init__(self) -> None:
        if self.knots < 1:
            raise UsageError(f"time-warp.knots is {self.knots}; it must be at least 1")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        speed = (normal(key, self.knots) * self.strength).exp()
        way = torch.cat([speed.new_zeros(len(x), 1), speed.cumsum(1)], dim=1) / speed.sum(1, keepdim=True)
        last = (lengths(x) - 1)[:, None].to(x.dtype)
        part = (torch.arange(x.shape[1], device=x.device) / last.clamp(min=1)).clamp(max=1) * self.knots
        low = part.floor().clamp(max=self.knots - 1).long()
        place = torch.lerp(way.gather(1, low), way.gather(1, low + 1), part - low) * last
        return read(x, place) if self.strength else x.clone(), y


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """A stretch of the series at a random place, shorter by up to `fraction` of its length; one step stays."""

    fraction: float = 0.1
    reads = SeriesReader
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __post_init__(self) -> None:
        refuse_share("excerpt.fraction", self.fraction)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        u, whole = uniform(key, 2), lengths(x)
        lost = torch.minimum((u[:, 0] * (whole * self.fraction + 1)).floor().long(), (whole * self.fraction).long())
        start = (u[:, 1] * (lost + 1)).floor().long()
        place = torch.arange(x.shape[1], device=x.device) + start[:, None]
        kept = torch.arange(x.shape[1], device=x.device) < (whole - lost).clamp(min=1)[:, None]
        found = x.gather(1, place.clamp(max=x.shape[1] - 1)[..., None].expand_as(x))
        return torch.where(kept[..., None], found, torch.nan), y


@dataclass(frozen=True, kw_only=True)
class ChannelDrop:
    """Each channel with probability `share` rests at its own mean; one of several stays as it is."""

    share: float = 0.1
    reads = SeriesReader
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __post_init__(self) -> None:
        refuse_share("channel-drop.share", self.share)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        u = uniform(key, x.shape[2])
        gone = (u < self.share) & (u < u.amax(1, keepdim=True))
        mean, _ = moments(x)
        return torch.where(gone[:, None] & ~x.isnan(), mean, x), y


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Sensors of three axes as if worn turned: channels 0 to 2, 3 to 5 ... by one rotation a sample.

    Round a random axis by up to `degrees` each way, uniform. Channels left over behind the last three stay. Raises
    UsageError for fewer than three channels.
    """

    degrees: float = 15.0
    reads = SeriesReader
    stage: Literal["raw", "grid"] = field(default="raw", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        b, t, c = x.shape
        if c < 3:
            raise UsageError(f"augment turn: the series have {c} channels, a sensor has three axes; leave turn out")
        axis = torch.nn.functional.normalize(normal(key, 3), dim=1)
        angle = math.radians(self.degrees) * (2 * uniform(key, 1, salt=2) - 1)
        sensors = c // 3
        turned = x[..., : 3 * sensors].reshape(b, t, sensors, 3) @ rotation(axis, angle)[:, None]
        out = torch.cat([turned.reshape(b, t, 3 * sensors), x[..., 3 * sensors :]], dim=2)
        return out if self.degrees else x.clone(), y


def rotation(axis: Tensor, angle: Tensor) -> Tensor:
    """Rodrigues' formula, for vectors that stand in rows.  b 3, b 1 -> b 3 3"""
    zero = torch.zeros_like(axis[:, 0])
    x, y, z = axis.unbind(1)
    cross = torch.stack([zero, z, -y, -z, zero, x, y, -x, zero], dim=1).view(-1, 3, 3)
    angle = angle[..., None]
    return torch.eye(3, device=axis.device) + angle.sin() * cross + (1 - angle.cos()) * cross @ cross


def lengths(x: Tensor) -> Tensor:
    """Steps before the padding.  b t c -> b"""
    return (~x[..., 0].isnan()).sum(1)


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel over a series.  b t c -> b 1 c, b 1 c"""
    mean = x.nanmean(1, keepdim=True)
    return mean, (x - mean).square().nanmean(1, keepdim=True).sqrt()


def read(x: Tensor, place: Tensor) -> Tensor:
    """Straight lines between steps; NaN stays behind the end.  b t c, b t -> b t c"""
    last = (lengths(x) - 1).clamp(min=0)[:, None]
    low = torch.minimum(place.floor().long(), last)
    high = torch.minimum(low + 1, last)
    share = (place - low)[..., None]
    low, high = low[..., None].expand_as(x), high[..., None].expand_as(x)
    found = torch.lerp(x.gather(1, low), x.gather(1, high), share)
    return torch.where(x.isnan(), x, found)


def refuse_share(name: str, share: float) -> None:
    """Raises UsageError for what is not from 0 to 1."""
    if not 0 <= share <= 1:
        raise UsageError(f"{name} is {share}; it must be from 0 to 1")
