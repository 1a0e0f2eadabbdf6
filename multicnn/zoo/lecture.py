"""The two small convolutional networks of a lecture's table, between the fully connected ones and the ResNets."""

from torch import Tensor, nn

from multicnn.blocks import ConvBlock, kaiming, pool
from multicnn.zoo.body import WHOLE, Body, exactly, vector, volume


class Cnn1(Body):
    """Convolution of 32 kernels 3x3, pooling 3/2, 64 kernels 3x3, pooling 3/2; the last level is one long vector.

    b c_in *grid -> [b 32 *ceil(grid / 2), b 64 *ceil(grid / 4), b (64 prod(ceil(grid / 4))) *1]
    """

    def __init__(self, rank: int, c_in: int, grid: tuple[int, ...], act: str, down: str):
        super().__init__()
        self.grid = grid
        self.stage1 = stage(rank, c_in, 32, act, down)
        self.stage2 = stage(rank, 32, 64, act, down)
        left = tuple(-(-n // 4) for n in grid)
        self.channels, self.strides = [32, 64, volume(64, left)], [2, 4, WHOLE]

    def forward(self, x: Tensor) -> list[Tensor]:
        exactly("cnn1", self.grid, x)
        fine = self.stage1(x)
        coarse = self.stage2(fine)
        return [fine, coarse, vector(coarse.flatten(1), len(self.grid))]


def stage(rank: int, c_in: int, c_out: int, act: str, down: str) -> nn.Sequential:
    """b c_in *grid -> b c_out *ceil(grid / 2)"""
    return nn.Sequential(ConvBlock(rank, c_in, c_out, norm="none", act=act), halve(down, rank))


def halve(down: str, rank: int) -> nn.Module:
    """Overlapping pooling, 3 cells a window every 2 cells.  b c *grid -> b c *ceil(grid / 2)"""
    return pool(down, rank, 3, stride=2, padding=1)


def cnn1(rank: int, c_in: int, *, grid: tuple[int, ...], act: str = "relu", down: str = "max") -> Cnn1:
    """Conv3x3x32-pool3/2-Conv3x3x64-pool3/2; the head's affine layer then sees every cell.

    down: the pooling, overlapping as in Krizhevsky et al. 2012, doi.org/10.1145/3065386.
    b c_in *grid -> [b 32 *ceil(grid / 2), b 64 *ceil(grid / 4), b (64 prod(ceil(grid / 4))) *1]
    """
    return kaiming(Cnn1(rank, c_in, grid, act, down))


class Cnn2(Body):
    """Stages of a 1x1 bottleneck and a 3x3 convolution, each with batch norm, and average pooling between them.

    b c_in *grid -> [b width *grid, b (2 width) *ceil(grid / 2), b (4 width) *ceil(grid / 4)]
    """

    def __init__(self, rank: int, c_in: int, width: int, act: str, down: str):
        super().__init__()
        self.channels, self.strides = [width, 2 * width, 4 * width], [1, 2, 4]
        self.stage1 = ConvBlock(rank, c_in, width, act=act)
        self.stage2 = nn.Sequential(halve(down, rank), squeeze(rank, width, act))
        self.stage3 = nn.Sequential(halve(down, rank), squeeze(rank, 2 * width, act))

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = [self.stage1(x)]
        for step in (self.stage2, self.stage3):
            levels.append(step(levels[-1]))
        return levels


def squeeze(rank: int, c: int, act: str) -> nn.Sequential:
    """Half the channels by a 1x1 convolution, twice as many as there were by a 3x3.  b c *grid -> b (2 c) *grid"""
    return nn.Sequential(ConvBlock(rank, c, c // 2, 1, act=act), ConvBlock(rank, c // 2, 2 * c, 3, act=act))


def cnn2(rank: int, c_in: int, *, width: int = 32, act: str = "elu", down: str = "average") -> Cnn2:
    """cnn1 with its faults mended: ELU, batch norm, 1x1 bottlenecks (arxiv.org/abs/1312.4400), average pooling.

    A 3x3 convolution costs half after a bottleneck, and pooling over the whole grid spares the affine layer's weights.
    width: even. ELU: Clevert et al. 2015, arxiv.org/abs/1511.07289.
    b c_in *grid -> [b width *grid, b (2 width) *ceil(grid / 2), b (4 width) *ceil(grid / 4)]
    """
    return kaiming(Cnn2(rank, c_in, width, act, down))
