"""Inception-v3. Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2015, arxiv.org/abs/1512.00567, as torchvision has it."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from multicnn.blocks import ChannelDropout, ConvBlock, Pad, epsilon, kaiming, nd, pool
from multicnn.blocks.conv import Padding
from multicnn.blocks.nd import Size
from multicnn.zoo.body import Body, at_least, multiple_of

SMALLEST, USUAL = 75, 299  # cells a side
EPSILON = 1e-3  # of batch norm: what torchvision's weights were learnt with
LEVELS = {"5d": 8, "6e": 16, "7c": 32}  # the modules whose answers are levels, and their strides
SIDE = 1  # 6e among the levels


class Branches(nn.ModuleDict):
    """Modules side by side, their channels joined.  b c *grid -> b sum(c_i) *grid_i"""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.values()], dim=1)


@dataclass(frozen=True)
class Layers:
    """Makes the parts of a network for grids of `rank` axes, whose first convolution has `width` channels.

    All other numbers of channels are those of the network with 32 there. A convolution of 1 x k cells is one along
    the last axis; k x k in turn is one along each axis, so a row has as many convolutions as the grid has axes.
    """

    rank: int
    width: int

    def scaled(self, c: int) -> int:
        """Channels of this network, for `c` of the published one."""
        return c * self.width // 32

    def block(
        self, c_in: int, c_out: int, kernel: Size = 1, *, stride: int = 1, padding: Padding = "same"
    ) -> nn.Module:
        """Convolution, batch norm, ReLU."""
        return ConvBlock(self.rank, self.scaled(c_in), self.scaled(c_out), kernel, stride=stride, padding=padding)

    def halving(self, c_in: int, c_out: int) -> nn.Module:
        """b c_in *grid -> b c_out *floor((grid - 1) / 2)"""
        return self.block(c_in, c_out, 3, stride=2, padding=0)

    def along(self, axis: int, k: int) -> tuple[int, ...]:
        """A kernel of k cells along one axis."""
        return tuple(k if i == axis else 1 for i in range(self.rank))

    def row(self, *channels: int, axes: Sequence[int]) -> list[nn.Module]:
        """Kernels of 7 cells along each of `axes` in turn; channels: before, between and behind them."""
        c_in, between, c_out = channels
        sizes = [c_in, *[between] * (len(axes) - 1), c_out]
        return [self.block(a, b, self.along(axis, 7)) for a, b, axis in zip(sizes, sizes[1:], axes, strict=False)]

    def fan(self, c_in: int, c_out: int) -> Branches:
        """Kernels of 3 cells along each axis, side by side.  b c_in *grid -> b (rank c_out) *grid"""
        axes = reversed(range(self.rank))
        return Branches({"abc"[i]: self.block(c_in, c_out, self.along(axis, 3)) for i, axis in enumerate(axes)})

    def pooled(self, c_in: int, c_out: int) -> nn.Module:
        """A 1x1 convolution of averages, which count the cells of zeros around the grid, as torchvision's do."""
        around = [1] * self.rank  # padded here, as torch's pooling of rank 3 wants three cells before it pads
        mean = nn.Sequential(Pad(around, around), nd("AvgPool", self.rank)(3, 1))
        return nn.Sequential(mean, self.block(c_in, c_out))


def module_5(make: Layers, c_in: int, c_pool: int) -> Branches:
    """The paper's figure 5, its first wide branch with a kernel of 5.  b c_in *grid -> b (224 + c_pool) *grid"""
    return Branches(
        {
            "branch1x1": make.block(c_in, 64),
            "branch5x5": nn.Sequential(make.block(c_in, 48), make.block(48, 64, 5)),
            "branch3x3dbl": nn.Sequential(make.block(c_in, 64), make.block(64, 96, 3), make.block(96, 96, 3)),
            "branch_pool": make.pooled(c_in, c_pool),
        }
    )


def shrink_6(make: Layers, c_in: int) -> Branches:
    """Halves the grid (figure 10).  b c_in *grid -> b (480 + c_in) *floor((grid - 1) / 2)"""
    return Branches(
        {
            "branch3x3": make.halving(c_in, 384),
            "branch3x3dbl": nn.Sequential(make.block(c_in, 64), make.block(64, 96, 3), make.halving(96, 96)),
            "branch_pool": pool("max", make.rank, 3, stride=2),
        }
    )


def module_6(make: Layers, c_in: int, c_7: int) -> Branches:
    """Kernels of 7 x 7 cells as rows of 1 x 7 and 7 x 1 (figure 6).  b c_in *grid -> b 768 *grid"""
    down = list(range(make.rank))
    up = down[::-1]
    return Branches(
        {
            "branch1x1": make.block(c_in, 192),
            "branch7x7": nn.Sequential(make.block(c_in, c_7), *make.row(c_7, c_7, 192, axes=up)),
            "branch7x7dbl": nn.Sequential(make.block(c_in, c_7), *make.row(c_7, c_7, 192, axes=down + down)),
            "branch_pool": make.pooled(c_in, 192),
        }
    )


def shrink_7(make: Layers, c_in: int) -> Branches:
    """Halves the grid.  b c_in *grid -> b (512 + c_in) *floor((grid - 1) / 2)"""
    axes = list(range(make.rank))[::-1]
    wide = make.row(192, 192, 192, axes=axes)
    return Branches(
        {
            "branch3x3": nn.Sequential(make.block(c_in, 192), make.halving(192, 320)),
            "branch7x7x3": nn.Sequential(make.block(c_in, 192), *wide, make.halving(192, 192)),
            "branch_pool": pool("max", make.rank, 3, stride=2),
        }
    )


def module_7(make: Layers, c_in: int) -> Branches:
    """Kernels of 3 x 3 cells as fans of 1 x 3 and 3 x 1 (figure 7).  b c_in *grid -> b (512 + 768 rank) *grid"""
    double = nn.Sequential(make.block(c_in, 448), make.block(448, 384, 3), make.fan(384, 384))
    return Branches(
        {
            "branch1x1": make.block(c_in, 320),
            "branch3x3": nn.Sequential(make.block(c_in, 384), make.fan(384, 384)),
            "branch3x3dbl": double,
            "branch_pool": make.pooled(c_in, 192),
        }
    )


def modules(make: Layers) -> dict[str, Branches]:
    """All Inception modules by their names in the authors' code.  b 192 *grid -> b (512 + 768 rank) *grid_7c"""
    return {
        "5b": module_5(make, 192, 32),
        "5c": module_5(make, 256, 64),
        "5d": module_5(make, 288, 64),
        "6a": shrink_6(make, 288),
        "6b": module_6(make, 768, 128),
        "6c": module_6(make, 768, 160),
        "6d": module_6(make, 768, 160),
        "6e": module_6(make, 768, 192),
        "7a": shrink_7(make, 768),
        "7b": module_7(make, 1280),
        "7c": module_7(make, 512 + 768 * make.rank),
    }


class SideClassifier(nn.Module):
    """Averages, a 1x1 and a 5x5 convolution, the mean over what is left, an affine layer.

    Averages are over 5 cells every 3; a grid of fewer than 17 cells is averaged to 5, which the convolution needs.
    b c_in *grid -> b k
    """

    def __init__(self, make: Layers, c_in: int, k: int):
        super().__init__()
        self.pool = nd("AvgPool", make.rank)(5, 3)
        self.few = nd("AdaptiveAvgPool", make.rank)(5)
        self.conv0 = make.block(c_in, 128)
        self.conv1 = make.block(128, 768, 5, padding=0)
        self.fc = nn.Linear(make.scaled(768), k)
        epsilon(kaiming(self), EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(x) if min(x.shape[2:]) >= 17 else self.few(x)
        return self.fc(self.conv1(self.conv0(x)).flatten(2).mean(2))


class Inception3(Body):
    """Five convolutions and eleven Inception modules; module 6e gets a side classifier in training.

    Many layers do without cells around the grid, so that levels are smaller than their strides say: 299 cells leave
    35, 17 and 8. Dropping a channel of the last level before its mean is taken is dropout of the mean.
    b c_in *grid -> [b 288 *grid_5d, b 768 *grid_6e, b (512 + 768 rank) *grid_7c]
    """

    padded = False
    side_weight = 0.4

    def __init__(self, rank: int, c_in: int, *, width: int, drop: float, aux: bool):
        super().__init__()
        self.make = make = Layers(rank, width)
        self.side = (SIDE,) if aux else ()
        self.stem = nn.Sequential()
        for name, layer in {
            "1a": ConvBlock(rank, c_in, width, 3, stride=2, padding=0),
            "2a": make.block(32, 32, 3, padding=0),
            "2b": make.block(32, 64, 3),
            "pool2": pool("max", rank, 3, stride=2),
            "3b": make.block(64, 80),
            "4a": make.block(80, 192, 3, padding=0),
            "pool4": pool("max", rank, 3, stride=2),
        }.items():
            self.stem.add_module(name, layer)
        self.mixed = nn.ModuleDict(modules(make))
        self.drop = ChannelDropout(drop)
        self.channels = [make.scaled(c) for c in (288, 768, 512 + 768 * rank)]
        self.strides = list(LEVELS.values())
        epsilon(kaiming(self), EPSILON)

    def forward(self, x: Tensor) -> list[Tensor]:
        at_least("inception3", tuple(x.shape[2:]), SMALLEST, USUAL)
        x = self.stem(x)
        levels = []
        for name, module in self.mixed.items():
            x = module(x)
            levels += [x] if name in LEVELS else []
        return [*levels[:-1], self.drop(x)]

    def side_classifiers(self, k: int) -> list[nn.Module]:
        """See `multicnn.zoo.heads.Supervised`."""
        return [SideClassifier(self.make, 768, k) for _ in self.side]


def inception3(rank: int, c_in: int, *, width: int = 32, drop: float = 0.5, aux: bool = True) -> Inception3:
    """Inception-v3: 23,834,568 parameters for 3 channels and 1000 classes, 27,161,264 with its side classifier.

    Grids of at least 75 cells a side, else UsageError; made for 299. width: channels of the first convolution, even.
    drop: of the last level's mean. aux: whether a finer level learns to answer too, with 0.4 of the loss; evaluation
    does not need this classifier.
    b c_in *grid -> [b 288 *grid_5d, b 768 *grid_6e, b (512 + 768 rank) *grid_7c]
    """
    multiple_of("inception3", "width", width, 2)
    return Inception3(rank, c_in, width=width, drop=drop, aux=aux)
