"""From stored steps to what a net learns from: channels round zero, and one that tells where the series ends."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from multicnn.audio.series.reader import SeriesReader

LEAST = 1e-6  # deviation, as a share of the mean, below which a channel is constant but for rounding


class Series(nn.Module):
    """Each channel less its mean, divided by its deviation over the training set; behind them a channel of 1.

    Behind the end of a series, where the raw batch has NaN, all channels are 0, also that of ones: so padding is not
    mistaken for a series that rests at its mean, and takes no part in the statistics. step: seconds of a cell, 1 where
    the rate is not known.
    b t c -> b (c + 1) t, float32
    """

    rank = 1
    reads = SeriesReader
    mean: Tensor
    scale: Tensor

    def __init__(self, reader: SeriesReader):
        super().__init__()
        self.channels, self.step = reader.channels + 1, reader.step
        self.register_buffer("mean", torch.zeros(reader.channels))
        self.register_buffer("scale", torch.ones(reader.channels))

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Measure on raw training batches, one pass, in float64."""
        mean, scale = statistics(batches)
        self.mean.copy_(mean)
        self.scale.copy_(scale)

    def forward(self, raw: Tensor) -> Tensor:
        raw = raw.to(torch.float32)
        inside = ~raw[..., :1].isnan()
        x = torch.where(inside, (raw - self.mean) / self.scale, 0.0)
        return torch.cat([x, inside.to(x.dtype)], dim=2).transpose(1, 2)


def statistics(batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel over all steps that are not padding; 1 for no deviation.

    Taken about the first step, so that a large offset costs no digits.  each b t c -> c, c, float64
    """
    first, count = torch.zeros(()), 0
    total = squares = torch.zeros((), dtype=torch.float64)
    for raw in batches:
        steps = raw[~raw[..., 0].isnan()].double()  # n c
        first = steps[0] if count == 0 else first
        away = steps - first
        count += len(steps)
        total = total.to(away.device) + away.sum(0)
        squares = squares.to(away.device) + away.square().sum(0)
    mean = total / count
    deviation = (squares / count - mean.square()).clamp(min=0).sqrt()
    varies = deviation > LEAST * (first + mean).abs()
    return first + mean, torch.where(varies & (deviation > 0), deviation, 1.0)
