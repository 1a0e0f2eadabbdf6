"""Branches side by side, their channels joined."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from multicnn.blocks.conv import ConvBlock
from multicnn.blocks.nd import Size
from multicnn.blocks.pool import pool


class Inception(nn.Module):
    """1x1, 3x3 and 5x5 convolutions and a max pooling side by side. Szegedy et al. 2014, arxiv.org/abs/1409.4842.

    c1, c3, c5, pool_proj: channels of the branches, in the order of the output (figure 2b); c3_reduce, c5_reduce:
    of the 1x1 convolutions before the wide ones. kernel_5: torchvision's GoogLeNet has 3 there. The output's
    channels are the attribute `channels`.
    b c_in *grid -> b (c1 + c3 + c5 + pool_proj) *grid
    """

    def __init__(
        self,
        rank: int,
        c_in: int,
        *,
        c1: int,
        c3_reduce: int,
        c3: int,
        c5_reduce: int,
        c5: int,
        pool_proj: int,
        norm: str = "none",
        act: str = "relu",
        kernel_5: int = 5,
    ):
        super().__init__()

        def block(c_in: int, c_out: int, kernel: int) -> nn.Module:
            return ConvBlock(rank, c_in, c_out, kernel, norm=norm, act=act)

        self.channels = c1 + c3 + c5 + pool_proj
        self.branch1 = block(c_in, c1, 1)
        self.branch2 = nn.Sequential(block(c_in, c3_reduce, 1), block(c3_reduce, c3, 3))
        self.branch3 = nn.Sequential(block(c_in, c5_reduce, 1), block(c5_reduce, c5, kernel_5))
        self.branch4 = nn.Sequential(pool("max", rank, 3, stride=1, padding=1), block(c_in, pool_proj, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


class Parallel(nn.Module):
    """Convolutions of several kernel widths side by side. Kim 2014, arxiv.org/abs/1408.5882.

    c_out: channels of EACH branch; the output's are the attribute `channels`, in the order of `kernels`.
    b c_in *grid -> b (len(kernels) c_out) *ceil(grid / stride)
    """

    def __init__(
        self,
        rank: int,
        c_in: int,
        c_out: int,
        *,
        kernels: Sequence[Size] = (3, 4, 5),
        stride: Size = 1,
        dilation: Size = 1,
        norm: str = "none",
        act: str = "relu",
        drop: float = 0.0,
    ):
        super().__init__()
        self.channels = len(kernels) * c_out
        self.branches = nn.ModuleList(
            ConvBlock(rank, c_in, c_out, kernel, stride=stride, dilation=dilation, norm=norm, act=act, drop=drop)
            for kernel in kernels
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], dim=1)
