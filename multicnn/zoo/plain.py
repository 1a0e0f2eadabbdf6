"""The CIFAR ResNets without their shortcuts, to show that plain depth degrades.

He et al. 2015, arxiv.org/abs/1512.03385, figure 6: of plain networks the deeper one has the higher error, in training
too; of residual ones the lower.
"""

from torch import Tensor, nn

from multicnn.blocks import ConvBlock, kaiming
from multicnn.zoo.body import Body


class Plain(Body):
    """A 3x3 convolution and three stages of `depth` more, each with batch norm and ReLU.

    b c_in *grid -> [b width *grid, b (2 width) *ceil(grid / 2), b (4 width) *ceil(grid / 4)]
    """

    def __init__(self, rank: int, c_in: int, *, depth: int, width: int):
        super().__init__()
        self.channels, self.strides = [width, 2 * width, 4 * width], [1, 2, 4]
        self.conv1 = ConvBlock(rank, c_in, width)
        self.layer1 = stage(rank, width, width, 1, depth)
        self.layer2 = stage(rank, width, 2 * width, 2, depth)
        self.layer3 = stage(rank, 2 * width, 4 * width, 2, depth)
        kaiming(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = [self.layer1(self.conv1(x))]
        for layer in (self.layer2, self.layer3):
            levels.append(layer(levels[-1]))
        return levels


def stage(rank: int, c_in: int, c_out: int, stride: int, depth: int) -> nn.Sequential:
    """b c_in *grid -> b c_out *ceil(grid / stride)"""
    first = ConvBlock(rank, c_in, c_out, stride=stride)
    return nn.Sequential(first, *[ConvBlock(rank, c_out, c_out) for _ in range(depth - 1)])


def cifar_plain20(rank: int, c_in: int, *, width: int = 16) -> Plain:
    """20 layers without shortcuts, with the 269,722 parameters of cifar_resnet20.

    width: channels of the first stage.
    """
    return Plain(rank, c_in, depth=6, width=width)


def cifar_plain56(rank: int, c_in: int, *, width: int = 16) -> Plain:
    """56 layers without shortcuts, with the 853,018 parameters of cifar_resnet56. Settings as `cifar_plain20`."""
    return Plain(rank, c_in, depth=18, width=width)
