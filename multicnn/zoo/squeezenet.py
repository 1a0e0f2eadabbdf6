"""SqueezeNet 1.1: few parameters by 1x1 convolutions before and beside the 3x3 ones.

Iandola et al. 2016, arxiv.org/abs/1602.07360; version 1.1 is the authors' own, with 2.4 times less computation. Layers
are named as torchvision's, whose weights fit.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import conv, kaiming, pool
from multicnn.zoo.body import Body
from multicnn.zoo.heads import CellPooled

SMALLEST = 17  # cells: of a shorter axis the three poolings leave nothing
ENDS = (1, 4, 7, 12)  # places of the layers before each halving, and of the last
PAPER = {"conv1": 0, "fire2": 3, "fire3": 4, "fire4": 6, "fire5": 7, "fire6": 9, "fire7": 10, "fire8": 11, "fire9": 12}


class Fire(nn.Module):
    """1x1 to few channels, then 1x1 and 3x3 side by side to many.  b c_in *grid -> b (2 wide) *grid"""

    def __init__(self, rank: int, c_in: int, narrow: int, wide: int):
        super().__init__()
        self.squeeze = conv(rank, c_in, narrow, 1)
        self.expand1x1 = conv(rank, narrow, wide, 1)
        self.expand3x3 = conv(rank, narrow, wide, 3)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.squeeze(x))
        return self.relu(torch.cat([self.expand1x1(x), self.expand3x3(x)], 1))


class SqueezeNet(Body):
    """A convolution, three poolings, eight Fire blocks.

    As the original pads neither the first convolution nor the poolings, a level has up to one cell an axis less than
    ceil(grid / stride). Grids shorter than 17 cells are extended by zeros behind.
    b c_in *grid -> [b 64 *grid_2, b 128 *grid_4, b 256 *grid_8, b 512 *grid_16]
    """

    padded = False

    def __init__(self, rank: int, c_in: int):
        super().__init__()
        self.channels, self.strides = [64, 128, 256, 512], [2, 4, 8, 16]
        self.features = nn.Sequential(
            conv(rank, c_in, 64, 3, stride=2, padding=0),
            nn.ReLU(inplace=True),
            halve(rank),
            Fire(rank, 64, 16, 64),
            Fire(rank, 128, 16, 64),
            halve(rank),
            Fire(rank, 128, 32, 128),
            Fire(rank, 256, 32, 128),
            halve(rank),
            Fire(rank, 256, 48, 192),
            Fire(rank, 384, 48, 192),
            Fire(rank, 384, 64, 256),
            Fire(rank, 512, 64, 256),
        )
        kaiming(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        x, levels = extended(x), []
        for place, layer in enumerate(self.features):
            x = layer(x)
            if place in ENDS:
                levels.append(x)
        return levels

    def reader(self, k: int, *, drop: float = 0.0) -> nn.Module:
        """See `multicnn.zoo.heads.Concluded`."""
        return CellPooled(self.channels, k, drop=drop)


def halve(rank: int) -> nn.Module:
    """b c *grid -> b c *(ceil((grid - 3) / 2) + 1)"""
    return pool("max", rank, 3, stride=2, ceil=True)


def extended(x: Tensor) -> Tensor:
    """Zeros behind a grid too short for the poolings.  b c *grid -> b c *max(grid, 17)"""
    missing = [max(0, SMALLEST - n) for n in x.shape[2:]]
    return functional.pad(x, [n for m in reversed(missing) for n in (0, m)]) if any(missing) else x


def squeezenet(rank: int, c_in: int) -> SqueezeNet:
    """SqueezeNet 1.1: 1,235,496 parameters for 3 channels and 1000 classes at rank 2, made for 224 cells a side.

    b c_in *grid -> [b 64 *grid_2, b 128 *grid_4, b 256 *grid_8, b 512 *grid_16]
    """
    return SqueezeNet(rank, c_in)


def from_paper(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights under the paper's names, trained on blue, green, red; returned under torchvision's for red, green, blue.

    conv1.weight -> features.0.weight, fire2/squeeze1x1.bias -> features.3.squeeze.bias, conv10.* -> classifier.1.*
    """
    named = {torchvision_name(name): values for name, values in weights.items()}
    return {**named, "features.0.weight": named["features.0.weight"].flip(1)}


def torchvision_name(name: str) -> str:
    """A layer's name in torchvision's network for its name in the paper."""
    layer, _, rest = name.replace("/", ".").partition(".")
    if layer == "conv10":
        return f"classifier.1.{rest}"
    return f"features.{PAPER[layer]}.{rest.replace('squeeze1x1', 'squeeze')}" if layer in PAPER else name
