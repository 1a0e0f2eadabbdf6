"""FCOS, a detector without anchors, as torchvision has it. Tian et al. 2019, arxiv.org/abs/1904.01355.

Layers are named as torchvision's, whose weights fit and give its boxes. Its body is a ResNet, so that the pyramid is of
the head here.
"""

from collections.abc import Sequence
from math import log

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import Bottleneck, ChannelDropout, conv, freeze_norms, norm
from multicnn.zoo.pyramid import PRIOR, shares
from multicnn.zoo.resnet import ResNet

SIZES = (8, 16, 32, 64, 128)  # cells of the grid that a cell of each level of the pyramid stands for
READ = 3  # stages of the ResNet, the last ones


class FcosResNet(ResNet):
    """A ResNet that brings FCOS's pyramid and head along; its levels, and all other answers, are the ResNet's."""

    def box_head(self, k: int, *, drop: float = 0.0) -> nn.Module:
        """See `FcosHead`."""
        return FcosHead(self.channels, k, width=self.channels[0], drop=drop)


class FcosHead(nn.Module):
    """Pyramid, two branches of four convolutions, and their last layers, which all levels of the pyramid share.

    channels: of the body's levels, the last of which stand for 8, 16 and 32 cells. drop: probability to drop a channel
    before the last layers. An answer is k logits, the centre-ness's logit, the box (left, top, right, bottom), the
    cell's middle and size (x, y, width, height), all as shares of the grid. As in torchvision a cell's middle is what
    is its far corner elsewhere, and in grids of no whole multiples of 64 or 128 the coarsest cells lie closer.
    list of b channels[i] *grid_i -> b cells (k + 9)
    """

    def __init__(self, channels: Sequence[int], k: int, *, width: int = 256, drop: float = 0.0):
        super().__init__()
        self.fpn = Pyramid(channels[-READ:], width)
        self.classification_head = Branch(width, {"cls_logits": k}, drop)
        self.regression_head = Branch(width, {"bbox_reg": 4, "bbox_ctrness": 1}, drop)
        bias = self.classification_head.last["cls_logits"].get_parameter("bias")
        if not bias.is_meta:
            nn.init.constant_(bias, -log(1 / PRIOR - 1))

    def forward(self, levels: list[Tensor], grid: Sequence[int]) -> Tensor:
        found = self.fpn(levels[-READ:])
        whole = [n * SIZES[0] for n in found[0].shape[2:]]
        pairs = zip(found, SIZES, strict=True)
        return torch.cat([self.answers(x, size, whole, grid) for x, size in pairs], dim=1)

    def answers(self, x: Tensor, size: int, whole: Sequence[int], grid: Sequence[int]) -> Tensor:
        """Of one level, in float32: coordinates need its digits.  b c h w -> b (h w) (k + 9)"""
        (logits,) = self.classification_head(x)
        away, centred = self.regression_head(x)
        at, cell = corners(x.shape[2:], size, whole, grid, x.device)
        left_top, right_bottom = (away.relu() * cell.repeat(2)).split(2, dim=-1)
        place = torch.cat([at, cell.expand_as(at)], -1).expand(x.shape[0], -1, -1)
        return torch.cat([logits, centred, at - left_top, at + right_bottom, place], -1)


class Pyramid(nn.Module):
    """Levels of equal width, each of which knows what the coarser ones saw, and two more, each half as fine.

    Lin et al. 2016, arxiv.org/abs/1612.03144: 1x1 convolutions, each coarser level repeated and added, 3x3.
    list of b channels[i] h_i w_i -> list of b width h_i w_i, two more
    """

    def __init__(self, channels: Sequence[int], width: int):
        super().__init__()
        self.inner_blocks = nn.ModuleList(conv(2, c, width, 1) for c in channels)
        self.layer_blocks = nn.ModuleList(conv(2, width, width) for _ in channels)
        self.p6, self.p7 = conv(2, width, width, stride=2), conv(2, width, width, stride=2)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d) and not layer.weight.is_meta:
                nn.init.kaiming_uniform_(layer.weight, a=1)
                nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, levels: list[Tensor]) -> list[Tensor]:
        *finer, x = [inner(level) for inner, level in zip(self.inner_blocks, levels, strict=True)]
        summed = [x]
        for fine in reversed(finer):
            x = fine + functional.interpolate(x, size=fine.shape[2:], mode="nearest")
            summed.insert(0, x)
        found = [layer(x) for layer, x in zip(self.layer_blocks, summed, strict=True)]
        sixth = self.p6(found[-1])
        return [*found, sixth, self.p7(sixth.relu())]


class Branch(nn.Module):
    """Four convolutions with group norm, and last layers by name.  b c h w -> a list of b (h w) k, float32"""

    def __init__(self, width: int, last: dict[str, int], drop: float):
        super().__init__()
        layers = [[conv(2, width, width), norm("group", 2, width), nn.ReLU()] for _ in range(4)]
        self.conv = nn.Sequential(*[layer for row in layers for layer in row])
        self.drop = ChannelDropout(drop)
        self.last = nn.ModuleDict({name: conv(2, width, k) for name, k in last.items()})
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d) and not layer.weight.is_meta:
                nn.init.normal_(layer.weight, std=0.01)
                nn.init.zeros_(layer.get_parameter("bias"))

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.drop(self.conv(x))
        return [layer(x).flatten(2).mT.float() for layer in self.last.values()]


def corners(
    cells: Sequence[int], size: int, whole: Sequence[int], grid: Sequence[int], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Near corners of a level's cells row by row, and their size, as shares of the grid, x before y.

    whole: the widened grid, over which the cells are dealt out.  -> (h w) 2, 2
    """
    rows, columns = (torch.arange(n, device=device) * (w // n) / g for n, w, g in zip(cells, whole, grid, strict=True))
    down, across = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([across, down], -1).flatten(0, 1), shares(size, grid, device)


def fcos_resnet50(rank: int, c_in: int, *, width: int = 64, frozen: bool = False, drop: float = 0.0) -> FcosResNet:
    """FCOS on ResNet-50: 32,269,600 parameters with its head for 91 classes, the batch norms frozen.

    For detecting; in other tasks it is ResNet-50. width: channels of the first stage, of which the pyramid has four
    times as many. frozen: batch norms keep their scales and statistics, as torchvision's do in training from its
    weights, for batches too small to measure them; without it they learn (53,120 parameters more), which a net without
    weights needs. drop: of the ResNet.
    """
    body = FcosResNet(
        rank, c_in, Bottleneck, (3, 4, 6, 3), width, "imagenet", drop, zero_init=False, output_stride=None
    )
    return freeze_norms(body) if frozen else body
