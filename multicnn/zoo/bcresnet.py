"""Residual networks for spoken words, whose branches see frequency and time apart. Kim et al. 2021, arxiv 2106.04140.

As the authors' code has them (github.com/Qualcomm-AI-research/bcresnet). They read spectrograms: frequency, then time.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from multicnn.blocks import BroadcastResidual, conv, nd
from multicnn.zoo.body import Body

BASE = 8  # channels of BC-ResNet-1's first stage
DEPTHS = (2, 2, 4, 4)  # blocks of a stage
STRIDES = (1, 2, 2, 1)  # along frequency, of a stage's first block


class BCResNet(Body):
    """A convolution, four stages of broadcast residual blocks, and a depthwise 5x5 that leaves out frequency's rim.

    Along frequency a level's cell stands for 2, 4, 8 and 8 bands, along time, which `strides` tells, for one frame.
    b c_in f t -> b channels[i] f_i t, of 5
    """

    padded = False

    def __init__(self, rank: int, c_in: int, *, width: int, drop: float):
        super().__init__()
        widths = [width, int(1.5 * width), 2 * width, int(2.5 * width)]
        self.channels = [*widths, 4 * width]
        self.strides = [1] * len(self.channels)
        self.stem = nn.Sequential(
            conv(rank, c_in, 2 * width, 5, stride=(2, 1), padding=2, bias=False),
            nd("BatchNorm", rank)(2 * width),
            nn.ReLU(inplace=True),
        )
        pairs = zip([2 * width, *widths], widths, strict=False)
        self.stages = nn.ModuleList(stage(rank, i, *pair, drop) for i, pair in enumerate(pairs))
        self.top = nn.Sequential(*top(rank, widths[-1], 4 * width))

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = [self.stem(x)]
        for row in self.stages:
            levels.append(row(levels[-1]))
        return [*levels[1:], self.top(levels[-1])]


def stage(rank: int, place: int, c_in: int, c_out: int, drop: float) -> nn.Sequential:
    """Blocks in a row, which see twice as far along time as the stage before.

    b c_in f t -> b c_out ceil(f / stride) t
    """
    dilation = 2**place
    first = BroadcastResidual(rank, c_in, c_out, stride=STRIDES[place], dilation=dilation, drop=drop)
    rest = [BroadcastResidual(rank, c_out, c_out, dilation=dilation, drop=drop) for _ in range(DEPTHS[place] - 1)]
    return nn.Sequential(first, *rest)


def top(rank: int, c_in: int, c_out: int) -> Sequence[nn.Module]:
    """A depthwise 5x5 and a 1x1 convolution.  b c_in f t -> b c_out (f - 4) t"""
    return (
        conv(rank, c_in, c_in, 5, groups=c_in, padding=(0, 2), bias=False),
        conv(rank, c_in, c_out, 1, bias=False),
        nd("BatchNorm", rank)(c_out),
        nn.ReLU(inplace=True),
    )


def bcresnet1(rank: int, c_in: int, *, width: int = BASE, drop: float = 0.1) -> BCResNet:
    """BC-ResNet-1: 9,232 parameters for 12 classes, made for 40 bands and frames of 10 ms.

    It reads grids of at least 33 bands (else UsageError) and any length. width: channels of the first stage. drop:
    probability to drop a channel of the branches along time.
    """
    return BCResNet(rank, c_in, width=width, drop=drop)


def bcresnet1_5(rank: int, c_in: int, *, width: int = 12, drop: float = 0.1) -> BCResNet:
    """BC-ResNet-1.5: 17,154 parameters for 12 classes. Settings as `bcresnet1`."""
    return bcresnet1(rank, c_in, width=width, drop=drop)


def bcresnet2(rank: int, c_in: int, *, width: int = 16, drop: float = 0.1) -> BCResNet:
    """BC-ResNet-2: 27,284 parameters for 12 classes. Settings as `bcresnet1`."""
    return bcresnet1(rank, c_in, width=width, drop=drop)


def bcresnet3(rank: int, c_in: int, *, width: int = 24, drop: float = 0.1) -> BCResNet:
    """BC-ResNet-3: 54,168 parameters for 12 classes. Settings as `bcresnet1`."""
    return bcresnet1(rank, c_in, width=width, drop=drop)


def bcresnet6(rank: int, c_in: int, *, width: int = 48, drop: float = 0.1) -> BCResNet:
    """BC-ResNet-6: 187,812 parameters for 12 classes. Settings as `bcresnet1`."""
    return bcresnet1(rank, c_in, width=width, drop=drop)


def bcresnet8(rank: int, c_in: int, *, width: int = 64, drop: float = 0.1) -> BCResNet:
    """BC-ResNet-8: 321,068 parameters for 12 classes. Settings as `bcresnet1`."""
    return bcresnet1(rank, c_in, width=width, drop=drop)
