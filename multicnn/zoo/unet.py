"""U-Net: a contracting path, and an expanding one that gets back where things were."""

from math import sqrt

import torch
from torch import Tensor, nn

from multicnn.blocks import ConvBlock, Dropout, kaiming, nd, pool
from multicnn.zoo.body import Body
from multicnn.zoo.cells import cut, widen


class UNet(Body):
    """Rows of two 3x3 convolutions on ever halved grids, then back up; its one level has as many cells as the grid.

    Zeros at the far ends widen a grid that cannot be halved so often, and are cut off again.
    b c_in *grid -> [b width *grid]
    """

    def __init__(self, rank: int, c_in: int, *, width: int, depth: int, norm: str, drop: float):
        super().__init__()
        self.channels, self.strides = [width], [1]
        widths = [width * 2**i for i in range(depth + 1)]
        rows = [pair(rank, a, b, norm) for a, b in zip([c_in, *widths], widths, strict=False)]
        for row in rows[-2:]:  # the end of the contracting path
            row.append(Dropout(drop))
        self.down = nn.ModuleList(rows)
        self.up = nn.ModuleList(Up(rank, c, norm) for c in reversed(widths[:-1]))
        self.halve = pool("max", rank, 2)

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = [self.down[0](widen(x, 2 ** len(self.up)))]
        for row in self.down[1:]:
            levels.append(row(self.halve(levels[-1])))
        out = levels.pop()
        for step in self.up:
            out = step(out, levels.pop())
        return [cut(out, x.shape[2:])]


class Up(nn.Module):
    """A 2x2 up-convolution and ReLU, the level of the contracting path beside it, two 3x3 convolutions.

    b (2 c) *(grid / 2), b c *grid -> b c *grid
    """

    def __init__(self, rank: int, c: int, norm: str):
        super().__init__()
        self.widen = nd("ConvTranspose", rank)(2 * c, c, 2, stride=2)
        self.relu = nn.ReLU(inplace=True)
        self.pair = pair(rank, 2 * c, c, norm)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        return self.pair(torch.cat([self.relu(self.widen(coarse)), fine], dim=1))


def pair(rank: int, c_in: int, c_out: int, norm: str) -> nn.Sequential:
    """Two 3x3 convolutions, each with norm and ReLU.  b c_in *grid -> b c_out *grid"""
    return nn.Sequential(ConvBlock(rank, c_in, c_out, norm=norm), ConvBlock(rank, c_out, c_out, norm=norm))


def unet(rank: int, c_in: int, *, width: int = 64, depth: int = 4, norm: str = "none", drop: float = 0.0) -> UNet:
    """U-Net: 31,030,658 parameters for 1 channel and 2 classes at rank 2. Ronneberger et al. 2015, 1505.04597.

    As the paper, but the convolutions keep the grid's size ("same"), where the paper's cut their borders. width:
    channels of the finest level, doubled by each of `depth` halvings. norm: "none" as in the paper, "batch" or "group"
    behind each 3x3 convolution, which then has no bias. drop: probability to drop an element at the end of the
    contracting path; the authors' network has 0.5.
    b c_in *grid -> [b width *grid]
    """
    net = kaiming(UNet(rank, c_in, width=width, depth=depth, norm=norm, drop=drop))
    for step in net.up.children():
        start_widening(step)
    return net


def start_widening(step: nn.Module) -> None:
    """Each output of an up-convolution without overlap sums one cell, not the kernel's 2^rank."""
    weight = step.get_parameter("widen.weight")
    if not weight.is_meta:  # there is nothing to draw there, and trying costs torch seconds
        nn.init.normal_(weight, std=sqrt(2 / len(weight)))
