"""Networks over time of depthwise-separable convolutions, as speech recognition has them.

A convolution of each channel by itself, then one across channels: long kernels cost little.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from multicnn.blocks import ConvBlock, Dropout, activation, conv, norm
from multicnn.zoo.body import Body


def separable(
    rank: int, c_in: int, c_out: int, kernel: int, *, stride: int = 1, dilation: int = 1, act: str = "relu",
    drop: float = 0.0,
) -> nn.Sequential:  # fmt: skip
    """Depthwise and pointwise convolution, batch norm, activation, dropout.

    b c_in *grid -> b c_out *ceil(grid / stride)
    """
    return nn.Sequential(
        conv(rank, c_in, c_in, kernel, stride=stride, dilation=dilation, groups=c_in, bias=False),
        conv(rank, c_in, c_out, 1, bias=False),
        norm("batch", rank, c_out),
        activation(act),
        Dropout(drop),
    )


class SeparableBlock(nn.Module):
    """`repeat` separable convolutions round which a pointwise one with its norm leads; ReLU behind their sum.

    b c_in *grid -> b c_out *grid
    """

    def __init__(self, rank: int, c_in: int, c_out: int, kernel: int, *, repeat: int, drop: float = 0.0):
        super().__init__()
        first = [separable(rank, c, c_out, kernel, drop=drop) for c in [c_in, *[c_out] * (repeat - 2)][: repeat - 1]]
        last = separable(rank, c_out if repeat > 1 else c_in, c_out, kernel, act="none")
        self.path = nn.Sequential(*first, last)
        self.around = nn.Sequential(conv(rank, c_in, c_out, 1, bias=False), norm("batch", rank, c_out))
        self.drop = Dropout(drop)

    def forward(self, x: Tensor) -> Tensor:
        return self.drop((self.path(x) + self.around(x)).relu())


class QuartzNet(Body):
    """A strided separable convolution, five stages of blocks, a dilated one and a pointwise one.

    Kriman et al. 2019, arXiv 1910.10261, table 1.  b c_in *grid -> [b 1024 *ceil(grid / 2)]
    """

    def __init__(self, rank: int, c_in: int, *, blocks: int, repeat: int, drop: float):
        super().__init__()
        self.channels, self.strides = [1024], [2]
        sizes = [(256, 33), (256, 39), (512, 51), (512, 63), (512, 75)]
        layers: list[nn.Module] = [separable(rank, c_in, 256, 33, stride=2, drop=drop)]
        c = 256
        for width, kernel in [size for size in sizes for _ in range(blocks)]:
            layers.append(SeparableBlock(rank, c, width, kernel, repeat=repeat, drop=drop))
            c = width
        layers += [separable(rank, c, 512, 87, dilation=2, drop=drop), ConvBlock(rank, 512, 1024, 1), Dropout(drop)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> list[Tensor]:
        return [self.layers(x)]


class Residual(nn.Module):
    """A separable convolution added to what goes in; ReLU behind the sum.  b c *grid -> b c *grid"""

    def __init__(self, rank: int, c: int, kernel: int, *, drop: float):
        super().__init__()
        self.path = separable(rank, c, c, kernel, act="none", drop=drop)

    def forward(self, x: Tensor) -> Tensor:
        return (x + self.path(x)).relu()


class SpeechCnn(Body):
    """A strided separable convolution and residual blocks of one, kernels growing; then, if asked, a GRU both ways.

    b c_in *grid -> [b width *ceil(grid / stride)], or b (2 recurrent) *ceil(grid / stride)
    """

    def __init__(
        self,
        rank: int,
        c_in: int,
        *,
        width: int,
        kernels: Sequence[int],
        stride: int,
        recurrent: int | None,
        drop: float,
    ):
        super().__init__()
        self.strides = [stride]
        self.channels = [2 * recurrent if recurrent else width]
        self.first = separable(rank, c_in, width, 11, stride=stride)
        self.blocks = nn.Sequential(*[Residual(rank, width, k, drop=drop) for k in kernels])
        self.recurrent = nn.GRU(width, recurrent, batch_first=True, bidirectional=True) if recurrent else None

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.blocks(self.first(x))
        return [x if self.recurrent is None else self.recurrent(x.mT)[0].mT]


def quartznet5x5(rank: int, c_in: int, *, drop: float = 0.0) -> QuartzNet:
    """Five blocks of five. Settings as `quartznet15x5`."""
    return QuartzNet(rank, c_in, blocks=1, repeat=5, drop=drop)


def quartznet15x5(rank: int, c_in: int, *, drop: float = 0.0) -> QuartzNet:
    """Fifteen blocks of five; 18,924,381 parameters for 64 bands and 28 letters. drop: probability to drop a number."""
    return QuartzNet(rank, c_in, blocks=3, repeat=5, drop=drop)


def speechcnn(
    rank: int,
    c_in: int,
    *,
    width: int = 128,
    kernels: Sequence[int] = (11, 13, 15, 17, 19, 21),
    stride: int = 2,
    recurrent: int | None = None,
    drop: float = 0.0,
) -> SpeechCnn:
    """A small network for minutes or hours of speech, after QuartzNet.

    width: channels. kernels: of its blocks, one each. stride: cells of time to an answer. recurrent: channels of a GRU
    each way behind the blocks; None: no GRU. drop: probability to drop a number behind each block.
    """
    return SpeechCnn(rank, c_in, width=width, kernels=kernels, stride=stride, recurrent=recurrent, drop=drop)
