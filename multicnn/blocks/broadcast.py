"""What networks for spectrograms add: norms of single bands, and a branch that sees time alone.

Frequency is the first axis of the grid.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from multicnn.blocks.conv import conv
from multicnn.blocks.dropout import ChannelDropout
from multicnn.blocks.nd import nd
from multicnn.errors import UsageError


class SubSpectralNorm(nn.Module):
    """Batch norm of each of `bands` stretches of the first axis by itself. Chang et al. 2021, arxiv.org/abs/2103.13620.

    Where `bands` does not divide the axis, the stretches differ by a cell. Raises UsageError for a shorter axis.
    b c *grid -> b c *grid
    """

    def __init__(self, rank: int, c: int, *, bands: int = 5):
        super().__init__()
        self.norms = nn.ModuleList(nd("BatchNorm", rank)(c) for _ in range(bands))

    def forward(self, x: Tensor) -> Tensor:
        sizes = stretches(x.shape[2], len(self.norms))
        parts = zip(self.norms, x.split(sizes, dim=2), strict=True)
        return torch.cat([norm(part) for norm, part in parts], dim=2)


def stretches(cells: int, bands: int) -> list[int]:
    """How many of `cells` each band has, as equal as can be. Raises UsageError for fewer cells than bands."""
    if cells < bands:
        raise UsageError(
            f"{cells} cells of frequency cannot be parted into {bands} bands; give a grid with more "
            "(--set frontend.mels=40), or choose another model"
        )
    ends = [i * cells // bands for i in range(bands + 1)]
    return [after - before for before, after in pairwise(ends)]


class BroadcastResidual(nn.Module):
    """A branch along frequency, and one along time on its mean over frequency, spread over all of it again.

    Kim et al. 2021, arxiv.org/abs/2106.04140, figure 2; where the channels change, the transition block without the
    shortcut. stride: along frequency. dilation: along time. drop: probability to drop a channel of the branch of time.
    Rank 2 or more, the first axis being frequency.
    b c_in f *times -> b c_out ceil(f / stride) *times
    """

    def __init__(
        self,
        rank: int,
        c_in: int,
        c_out: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        bands: int = 5,
        drop: float = 0.1,
    ):
        super().__init__()
        along = [1] * (rank - 1)
        self.adds = c_in == c_out
        self.change = nn.Identity() if self.adds else nn.Sequential(*changed(rank, c_in, c_out))
        self.frequency = nn.Sequential(
            conv(rank, c_out, c_out, (3, *along), stride=(stride, *along), groups=c_out, bias=False),
            SubSpectralNorm(rank, c_out, bands=bands),
        )
        times = [3 * n for n in along]
        self.time = nn.Sequential(
            conv(rank, c_out, c_out, (1, *times), dilation=(1, *[dilation] * len(along)), groups=c_out, bias=False),
            nd("BatchNorm", rank)(c_out),
            nn.SiLU(inplace=True),
            conv(rank, c_out, c_out, 1, bias=False),
            ChannelDropout(drop),
        )
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        bands = self.frequency(self.change(x))
        out = bands + self.time(bands.mean(2, keepdim=True))
        return self.act(out + x if self.adds else out)


def changed(rank: int, c_in: int, c_out: int) -> Sequence[nn.Module]:
    """A 1x1 convolution with norm and ReLU.  b c_in *grid -> b c_out *grid"""
    return conv(rank, c_in, c_out, 1, bias=False), nd("BatchNorm", rank)(c_out), nn.ReLU(inplace=True)
