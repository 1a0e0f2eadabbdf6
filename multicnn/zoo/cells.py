"""The head for dense answers: k numbers for every cell of the grid, from the levels of any body that keeps cells."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import ChannelDropout, ConvBlock, Dropout, conv, nd
from multicnn.errors import UsageError
from multicnn.zoo.body import WHOLE, Body

LINEAR = ("linear", "bilinear", "trilinear")  # by the grid's axes


class Cells(nn.Module):
    """k answers a cell: the levels brought to the finest, dropout of channels, a 1x1 convolution, linear stretching.

    A body of one level (U-Net, FCN, DeepLab) has brought its levels together itself, others get the path of `TopDown`.
    channels, strides: of the body's levels. side: positions of levels that only teach: each gets a head of its own
    (`side_head`), whose answers stand behind the main one's while training and are left out otherwise. width: channels
    of the path; None: as many as the finest level has.
    list of b channels[i] *ceil(grid / strides[i]) -> b k *grid, with sides while training b (1 + sides) k *grid
    """

    def __init__(
        self,
        rank: int,
        channels: Sequence[int],
        k: int,
        *,
        strides: Sequence[int],
        side: Sequence[int] = (),
        width: int | None = None,
        drop: float = 0.0,
    ):
        super().__init__()
        self.own = [i for i in range(len(channels)) if i not in side]
        self.taught = list(side)
        self.stride = strides[self.own[0]]
        fine = channels[self.own[0]]
        several = len(self.own) > 1
        width = width or fine
        self.path = TopDown(rank, [channels[i] for i in self.own], width) if several else Only()
        self.drop = ChannelDropout(drop)
        self.conv = conv(rank, width if several else fine, k, 1)
        self.sides = nn.ModuleList(side_head(rank, channels[i], k) for i in side)

    def forward(self, levels: list[Tensor]) -> Tensor:
        small = self.conv(self.drop(self.path([levels[i] for i in self.own])))
        out = stretch(small, [n * self.stride for n in small.shape[2:]])
        if not (self.training and self.taught):
            return out
        pairs = zip(self.sides, self.taught, strict=True)
        return torch.stack([out, *[stretch(head(levels[i]), out.shape[2:]) for head, i in pairs]], dim=1)


class TopDown(nn.Module):
    """From the coarsest level to the finest: stretch, add the finer level, 3x3 convolution.

    The top-down path of feature pyramids, with a convolution at every step: Lin et al. 2016, arxiv.org/abs/1612.03144.
    list of b channels[i] *grid_i, finest first -> b width *grid_0
    """

    def __init__(self, rank: int, channels: Sequence[int], width: int):
        super().__init__()
        self.laterals = nn.ModuleList(conv(rank, c, width, 1) for c in channels)
        self.merges = nn.ModuleList(ConvBlock(rank, width, width) for _ in channels[1:])

    def forward(self, levels: list[Tensor]) -> Tensor:
        *finer, x = [lateral(level) for lateral, level in zip(self.laterals, levels, strict=True)]
        for fine, merge in zip(reversed(finer), self.merges, strict=True):
            x = merge(fine + stretch(x, fine.shape[2:]))
        return x


class Only(nn.Module):
    """The level of a body that has one.  [b c *grid] -> b c *grid"""

    def forward(self, levels: list[Tensor]) -> Tensor:
        return levels[0]


def narrow(rank: int, c_in: int, c_out: int, *, drop: float) -> nn.Sequential:
    """What an FCN has before its last convolution; layers as torchvision's.  b c_in *grid -> b c_out *grid"""
    norm = nd("BatchNorm", rank)(c_out)
    return nn.Sequential(conv(rank, c_in, c_out, 3, bias=False), norm, nn.ReLU(inplace=True), Dropout(drop))


def side_head(rank: int, c_in: int, k: int) -> nn.Sequential:
    """torchvision's auxiliary head, which has a quarter of the channels.  b c_in *grid -> b k *grid"""
    return narrow(rank, c_in, c_in // 4, drop=0.1).append(conv(rank, c_in // 4, k, 1))


def stretch(x: Tensor, grid: Sequence[int]) -> Tensor:
    """Linear between the cells' centres.  b c *any -> b c *grid"""
    if list(x.shape[2:]) == list(grid):
        return x
    return functional.interpolate(x, size=list(grid), mode=LINEAR[x.ndim - 3], align_corners=False)


def widen(x: Tensor, multiple: int) -> Tensor:
    """Zeros at the far ends, up to whole multiples of cells.  b c *grid -> b c *(ceil(grid / multiple) multiple)"""
    # spelled without -n % multiple, so that torch.export sees that it adds nothing to grids of whole multiples
    more = [side for n in reversed(x.shape[2:]) for side in (0, (n + multiple - 1) // multiple * multiple - n)]
    return functional.pad(x, more)


def cut(x: Tensor, grid: Sequence[int]) -> Tensor:
    """Without the cells behind the grid's far ends.  ... *any -> ... *grid"""
    return x[(..., *[slice(n) for n in grid])]


def cells(rank: int, body: Body, k: int, *, width: int | None = None, drop: float = 0.0) -> Cells:
    """`Cells` for this body. Raises UsageError for one that keeps no cells, or leaves out those at the grid's rim."""
    name = type(body).__name__.lower()
    other = "to label cells choose unet, deeplabv3_resnet50, compact or a ResNet"
    if WHOLE in body.strides:
        raise UsageError(f"{name} answers for the sample as a whole and keeps no cells; {other}")
    if not body.padded:
        raise UsageError(f"{name} leaves out cells at the rim of the grid; {other}")
    side = getattr(body, "side", ())
    return Cells(rank, body.channels, k, strides=body.strides, side=side, width=width, drop=drop)
