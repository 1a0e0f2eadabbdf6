"""Convolutions over a spectrogram, then a recurrent layer along time, which the answers keep.

Cakir, Parascandolo, Heittola, Huttunen, Virtanen 2017, arxiv.org/abs/1702.06286. Here strides shrink the grid instead
of pooling, as they cost a fraction, and what is left of the bands is averaged, so that their number is free.
"""

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor, nn

from multicnn.blocks import ConvBlock, Dropout, kaiming
from multicnn.errors import UsageError
from multicnn.names import find
from multicnn.zoo.body import Body

CELLS = {"gru": nn.GRU, "lstm": nn.LSTM}
BANDS = 2  # stride of every stage across the bands
SPECTRAL = (1, 2, 1, 2, 1)  # strides of the stages along time
SAMPLED = (4, 4, 4, 4, 4)  # of a waveform, whose cells are samples


class Crnn(Body):
    """See `crnn`.  b c_in *grid -> [b channels *1 ceil(t / stride)], the last axis being time"""

    padded = False  # the other axes are gone

    def __init__(
        self, rank: int, c_in: int, *, widths: Sequence[int], times: Sequence[int], hidden: int, layers: int,
        cell: str, drop: float,
    ):  # fmt: skip
        super().__init__()
        self.rank, self.channels, self.strides = rank, [2 * hidden], [prod(times)]
        sizes = zip([c_in, *widths], widths, times, strict=False)
        strides = [(a, b, (BANDS,) * (rank - 1) + (t,)) for a, b, t in sizes]
        self.stages = nn.Sequential(*[ConvBlock(rank, a, b, stride=s, drop=drop) for a, b, s in strides])
        build = find("recurrent cell", CELLS, cell)
        self.drop = Dropout(drop)
        self.recurrent = build(widths[-1], hidden, layers, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stages(x)
        line = x.flatten(2, -2).mean(2) if self.rank > 1 else x
        with torch.autocast(x.device.type, enabled=False):  # rounding would add up along time
            out = self.recurrent(self.drop(line.mT.float()))[0].mT
        return [out.reshape(*out.shape[:2], *[1] * (self.rank - 1), out.shape[2])]


def crnn(
    rank: int,
    c_in: int,
    *,
    width: int = 16,
    hidden: int = 64,
    layers: int = 1,
    cell: str = "gru",
    times: Sequence[int] = (),
    drop: float = 0.0,
) -> Crnn:
    """Five stages of one convolution and `layers` recurrent ones both ways; 0.13 M parameters at rank 2.

    width: channels of the first stage; the next have 2, 4, 4 and 4 times as many. hidden: numbers that each way of the
    recurrent cells keeps. cell: gru or lstm. times: stride of each stage along time; left open 1, 2, 1, 2, 1, and 4
    each for a waveform. drop: probability to drop a channel behind a stage, and a number before the recurrent layer.
    Raises UsageError for other than five strides.
    b c_in *grid -> [b (2 hidden) *1 ceil(t / 4)]
    """
    times = tuple(times) or (SAMPLED if rank == 1 and c_in == 1 else SPECTRAL)
    if len(times) != len(SPECTRAL) or min(times) < 1:
        raise UsageError(f"times of model crnn is {[*times]}; give {len(SPECTRAL)} strides of at least 1")
    widths = [width * n for n in (1, 2, 4, 4, 4)]
    return kaiming(Crnn(rank, c_in, widths=widths, times=times, hidden=hidden, layers=layers, cell=cell, drop=drop))
