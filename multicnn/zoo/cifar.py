"""Residual networks for pictures of about 32 cells a side. He et al. 2015, arxiv.org/abs/1512.03385, section 4.2."""

from torch import Tensor, nn

from multicnn.blocks import Basic, conv, kaiming, nd
from multicnn.zoo.body import Body


class CifarResNet(Body):
    """A 3x3 convolution and three stages of `depth` residual blocks, with shortcuts that have no parameters.

    drop: probability to drop the last residual branch, less for those before.
    b c_in *grid -> [b width *grid, b (2 width) *ceil(grid / 2), b (4 width) *ceil(grid / 4)]
    """

    def __init__(self, rank: int, c_in: int, *, depth: int, width: int, drop: float):
        super().__init__()
        self.channels, self.strides = [width, 2 * width, 4 * width], [1, 2, 4]
        self.conv1 = conv(rank, c_in, width, 3, bias=False)
        self.bn1 = nd("BatchNorm", rank)(width)
        self.relu = nn.ReLU(inplace=True)
        rates = [drop * i / (3 * depth - 1) for i in range(3 * depth)]
        self.layer1 = stage(rank, width, width, 1, rates[:depth])
        self.layer2 = stage(rank, width, 2 * width, 2, rates[depth : 2 * depth])
        self.layer3 = stage(rank, 2 * width, 4 * width, 2, rates[2 * depth :])
        kaiming(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = [self.layer1(self.relu(self.bn1(self.conv1(x))))]
        for layer in (self.layer2, self.layer3):
            levels.append(layer(levels[-1]))
        return levels


def stage(rank: int, c_in: int, c_out: int, stride: int, rates: list[float]) -> nn.Sequential:
    """Blocks in a row, one for each rate of dropping its branch.  b c_in *grid -> b c_out *ceil(grid / stride)"""
    first = Basic(rank, c_in, c_out, stride=stride, drop=rates[0], shortcut="pad")
    return nn.Sequential(first, *[Basic(rank, c_out, c_out, drop=rate) for rate in rates[1:]])


def cifar_resnet20(rank: int, c_in: int, *, width: int = 16, drop: float = 0.0) -> CifarResNet:
    """ResNet-20 of 3 blocks a stage: 269,722 parameters for 3 channels and 10 classes at rank 2; 91.25 % on CIFAR-10.

    width: channels of the first stage. drop: probability to drop the last residual branch, less for those before.
    """
    return CifarResNet(rank, c_in, depth=3, width=width, drop=drop)


def cifar_resnet32(rank: int, c_in: int, *, width: int = 16, drop: float = 0.0) -> CifarResNet:
    """ResNet-32 of 5 blocks a stage: 464,154 parameters; 92.49 % on CIFAR-10. Settings as `cifar_resnet20`."""
    return CifarResNet(rank, c_in, depth=5, width=width, drop=drop)


def cifar_resnet44(rank: int, c_in: int, *, width: int = 16, drop: float = 0.0) -> CifarResNet:
    """ResNet-44 of 7 blocks a stage: 658,586 parameters; 92.83 % on CIFAR-10. Settings as `cifar_resnet20`."""
    return CifarResNet(rank, c_in, depth=7, width=width, drop=drop)


def cifar_resnet56(rank: int, c_in: int, *, width: int = 16, drop: float = 0.0) -> CifarResNet:
    """ResNet-56 of 9 blocks a stage: 853,018 parameters; 93.03 % on CIFAR-10. Settings as `cifar_resnet20`."""
    return CifarResNet(rank, c_in, depth=9, width=width, drop=drop)


def cifar_resnet110(rank: int, c_in: int, *, width: int = 16, drop: float = 0.0) -> CifarResNet:
    """ResNet-110 of 18 blocks a stage: 1,727,962 parameters; 93.57 % on CIFAR-10. Settings as `cifar_resnet20`."""
    return CifarResNet(rank, c_in, depth=18, width=width, drop=drop)
