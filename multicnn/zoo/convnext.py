"""ConvNeXt, the convolutional network brought up to date with what transformers taught.

Liu et al. 2022, arxiv.org/abs/2201.03545. Layers are named as torchvision's, whose weights fit.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from multicnn.blocks import BranchDropout, SamePad, conv
from multicnn.zoo.body import Body
from multicnn.zoo.heads import NormPooled

EPS = 1e-6  # of the layer norms
SPREAD = 0.02  # standard deviation of the initial weights
SCALE = 1e-6  # of a branch at first


class Moved(nn.Module):
    """The axis at `source` comes to `target`."""

    def __init__(self, source: int, target: int):
        super().__init__()
        self.source, self.target = source, target

    def forward(self, x: Tensor) -> Tensor:
        return x.movedim(self.source, self.target)


class ChannelNorm(nn.LayerNorm):
    """Each cell by the mean and variance of its channels. Ba et al. 2016, arxiv.org/abs/1607.06450.

    b c *grid -> b c *grid
    """

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


class Block(nn.Module):
    """A depthwise 7x7 convolution, then in each cell an affine layer to 4 times the channels and one back.

    drop: probability to drop the branch.
    b c *grid -> b c *grid
    """

    def __init__(self, rank: int, c: int, drop: float):
        super().__init__()
        self.block = nn.Sequential(
            conv(rank, c, c, 7, groups=c),
            Moved(1, -1),
            nn.LayerNorm(c, eps=EPS),
            nn.Linear(c, 4 * c),
            nn.GELU(),
            nn.Linear(4 * c, c),
            Moved(-1, 1),
        )
        self.layer_scale = nn.Parameter(torch.full((c, *[1] * rank), SCALE))
        self.drop = BranchDropout(drop)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop(self.layer_scale * self.block(x))


class ConvNeXt(Body):
    """Patches as cells, then four stages of blocks with a halving between them; the paper's section 2.

    patch: cells an axis that the stem makes one. A grid that a stride does not divide is extended by zeros, where the
    original drops what is left over.
    b c_in *grid -> list of b widths[i] *ceil(grid / (patch 2^i))
    """

    def __init__(
        self, rank: int, c_in: int, *, widths: tuple[int, ...], depths: tuple[int, ...], patch: int, drop: float
    ):
        super().__init__()
        self.channels, self.strides = [*widths], [patch * 2**i for i in range(len(widths))]
        rates, done, layers = [drop * i / (sum(depths) - 1) for i in range(sum(depths))], 0, []
        for place, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            layers.append(stem(rank, c_in, width, patch) if place == 0 else halve(rank, widths[place - 1], width))
            layers.append(nn.Sequential(*[Block(rank, width, rate) for rate in rates[done : done + depth]]))
            done += depth
        self.features = nn.Sequential(*layers)
        draw(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = []
        for place, layer in enumerate(self.features):
            x = layer(x)
            if place % 2:
                levels.append(x)
        return levels

    def reader(self, k: int, *, drop: float = 0.0) -> nn.Module:
        """See `multicnn.zoo.heads.Concluded`."""
        return NormPooled(self.channels, k, drop=drop)


def stem(rank: int, c_in: int, c_out: int, patch: int) -> nn.Sequential:
    """b c_in *grid -> b c_out *ceil(grid / patch)"""
    line = conv(rank, c_in, c_out, patch, stride=patch, padding=0)
    return nn.Sequential(OrderedDict([("pad", SamePad(patch, patch)), ("0", line), ("1", ChannelNorm(c_out, eps=EPS))]))


def halve(rank: int, c_in: int, c_out: int) -> nn.Sequential:
    """b c_in *grid -> b c_out *ceil(grid / 2)"""
    line = conv(rank, c_in, c_out, 2, stride=2, padding=0)
    return nn.Sequential(OrderedDict([("0", ChannelNorm(c_in, eps=EPS)), ("pad", SamePad(2, 2)), ("1", line)]))


def draw(net: nn.Module) -> None:
    """Normal initial weights of the paper's spread, and zero biases."""
    drawable = [(name, values) for name, values in net.named_parameters() if not values.is_meta]
    for name, values in drawable:  # without memory there is nothing to draw, and trying costs torch seconds
        if values.ndim > 1 and not name.endswith("layer_scale"):
            nn.init.trunc_normal_(values, std=SPREAD)
        elif name.endswith("bias"):
            nn.init.zeros_(values)


def convnext_atto(rank: int, c_in: int, *, patch: int = 4, drop: float = 0.0) -> ConvNeXt:
    """ConvNeXt-Atto, the smallest of Woo et al. 2023, arxiv.org/abs/2301.00808, without that paper's response norm.

    3,695,520 parameters for 3 channels and 1000 classes at rank 2. patch: cells an axis that the stem makes one; 2 or 1
    leaves small pictures more cells, for 3 and 10 times the time. drop: probability to drop the last residual branch,
    less for those before.
    """
    return ConvNeXt(rank, c_in, widths=(40, 80, 160, 320), depths=(2, 2, 6, 2), patch=patch, drop=drop)


def convnext_tiny(rank: int, c_in: int, *, patch: int = 4, drop: float = 0.0) -> ConvNeXt:
    """ConvNeXt-T: 28,589,128 parameters for 3 channels and 1000 classes at rank 2. Settings as `convnext_atto`."""
    return ConvNeXt(rank, c_in, widths=(96, 192, 384, 768), depths=(3, 3, 9, 3), patch=patch, drop=drop)
