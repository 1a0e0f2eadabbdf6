"""Residual networks with norm and activation before each convolution. He et al. 2016, arxiv.org/abs/1603.05027."""

from torch import Tensor, nn

from multicnn.blocks import PreBasic, PreBottleneck, conv, kaiming, nd, pool
from multicnn.names import find
from multicnn.zoo.body import Body
from multicnn.zoo.resnet import STEMS, Block, stages


class PreResNet(Body):
    """Stem, four stages, and the norm and activation that the last sum still lacks; finer levels are bare sums.

    b c_in *grid -> list of b (2^i width block.expansion) *ceil(grid / strides[i])
    """

    def __init__(
        self,
        rank: int,
        c_in: int,
        block: Block,
        depths: tuple[int, int, int, int],
        *,
        width: int,
        stem: str,
        drop: float,
    ):
        super().__init__()
        start = find("stem", STEMS, stem)
        self.conv1 = conv(rank, c_in, width, start.kernel, stride=start.stride, bias=False)
        self.maxpool = pool("max", rank, 3, stride=2, padding=1) if start.pools else nn.Identity()
        self.layer1, self.layer2, self.layer3, self.layer4 = stages(rank, width, block, depths, drop)
        self.channels = [width * 2**i * block.expansion for i in range(4)]
        self.strides = [start.shrinks * 2**i for i in range(4)]
        self.norm = nd("BatchNorm", rank)(self.channels[-1])
        self.relu = nn.ReLU(inplace=True)
        kaiming(self, fan="out")

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.maxpool(self.conv1(x))
        levels = []
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
            levels.append(x)
        levels[-1] = self.relu(self.norm(x))
        return levels


def preresnet18(rank: int, c_in: int, *, width: int = 64, stem: str = "imagenet", drop: float = 0.0) -> PreResNet:
    """Pre-activation ResNet-18: 11,687,720 parameters for 3 channels and 1000 classes. Settings as resnet50."""
    return PreResNet(rank, c_in, PreBasic, (2, 2, 2, 2), width=width, stem=stem, drop=drop)


def preresnet34(rank: int, c_in: int, *, width: int = 64, stem: str = "imagenet", drop: float = 0.0) -> PreResNet:
    """Pre-activation ResNet-34: 21,795,880 parameters for 3 channels and 1000 classes. Settings as resnet50."""
    return PreResNet(rank, c_in, PreBasic, (3, 4, 6, 3), width=width, stem=stem, drop=drop)


def preresnet50(rank: int, c_in: int, *, width: int = 64, stem: str = "imagenet", drop: float = 0.0) -> PreResNet:
    """Pre-activation ResNet-50: 25,549,352 parameters for 3 channels and 1000 classes. Settings as resnet50."""
    return PreResNet(rank, c_in, PreBottleneck, (3, 4, 6, 3), width=width, stem=stem, drop=drop)


def preresnet101(rank: int, c_in: int, *, width: int = 64, stem: str = "imagenet", drop: float = 0.0) -> PreResNet:
    """Pre-activation ResNet-101: 44,541,480 parameters for 3 channels and 1000 classes. Settings as resnet50."""
    return PreResNet(rank, c_in, PreBottleneck, (3, 4, 23, 3), width=width, stem=stem, drop=drop)


def preresnet152(rank: int, c_in: int, *, width: int = 64, stem: str = "imagenet", drop: float = 0.0) -> PreResNet:
    """Pre-activation ResNet-152: 60,185,128 parameters for 3 channels and 1000 classes. Settings as resnet50."""
    return PreResNet(rank, c_in, PreBottleneck, (3, 8, 36, 3), width=width, stem=stem, drop=drop)
