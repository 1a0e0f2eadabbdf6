"""Residual networks. He et al. 2015, arxiv.org/abs/1512.03385. Layers are named as torchvision's, whose weights fit."""

from dataclasses import dataclass

from torch import Tensor, nn

from multicnn.blocks import Basic, Bottleneck, PreBasic, PreBottleneck, conv, kaiming, nd, pool
from multicnn.errors import UsageError
from multicnn.names import find
from multicnn.zoo.body import Body

Block = type[Basic] | type[Bottleneck] | type[PreBasic] | type[PreBottleneck]


@dataclass(frozen=True)
class Stem:
    """The first convolution's kernel and stride, and whether a pooling 3/2 follows."""

    kernel: int
    stride: int
    pools: bool

    @property
    def shrinks(self) -> int:
        """Cells of the grid that a cell behind the stem stands for, along each axis."""
        return self.stride * (2 if self.pools else 1)


STEMS = {
    "imagenet": Stem(kernel=7, stride=2, pools=True),
    "small": Stem(kernel=3, stride=1, pools=False),  # for grids of about 8 to 64 cells a side, as on CIFAR
}


class ResNet(Body):
    """Stem and four stages; the paper's table 1.

    With stem "imagenet" a level's cell stands for 4, 8, 16, 32 cells of the grid, with "small" for 1, 2, 4, 8; for at
    most output_stride, where it is given: the stages behind dilate their convolutions instead of halving the grid.
    b c_in *grid -> list of b (2^i width block.expansion) *ceil(grid / strides[i])
    """

    def __init__(
        self,
        rank: int,
        c_in: int,
        block: Block,
        depths: tuple[int, int, int, int],
        width: int,
        stem: str,
        drop: float,
        zero_init: bool,
        output_stride: int | None,
    ):
        super().__init__()
        start = find("stem", STEMS, stem)
        self.channels = [width * 2**i * block.expansion for i in range(4)]
        self.strides = strides(start.shrinks, output_stride)
        self.conv1 = conv(rank, c_in, width, start.kernel, stride=start.stride, bias=False)
        self.bn1 = nd("BatchNorm", rank)(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = pool("max", rank, 3, stride=2, padding=1) if start.pools else nn.Identity()
        halvings = len(set(self.strides)) - 1
        self.layer1, self.layer2, self.layer3, self.layer4 = stages(rank, width, block, depths, drop, halvings=halvings)
        kaiming(self, fan="out")
        if zero_init:
            forget_branches(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        levels = []
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
            levels.append(x)
        return levels


def strides(first: int, output_stride: int | None) -> list[int]:
    """Of four stages that halve the grid down to `output_stride`. Raises UsageError where they cannot meet it."""
    natural = [first * 2**i for i in range(4)]
    if output_stride is not None and output_stride not in natural:
        known = ", ".join(map(str, reversed(natural)))
        raise UsageError(f"output_stride is {output_stride}; behind this stem it can be {known}")
    return [min(n, output_stride or n) for n in natural]


def stages(
    rank: int, width: int, block: Block, depths: tuple[int, ...], drop: float, *, halvings: int | None = None
) -> list[nn.Sequential]:
    """Blocks in rows, each row twice as wide as the one before; the first block of each row but the first halves.

    halvings: rows that do; None: all but the first. Those behind dilate instead, twice as far with every row, from
    their second block on, and so bottlenecks see what they would have seen. Yu, Koltun 2015, arxiv.org/abs/1511.07122.
    drop: of the last block's branch; it grows along the blocks from 0 (arxiv.org/abs/1603.09382).
    """
    rows, c_in, done, last = [], width, 0, max(1, sum(depths) - 1)
    halvings = len(depths) - 1 if halvings is None else halvings
    for i, depth in enumerate(depths):
        row = []
        for j in range(depth):
            stride = 2 if 0 < i <= halvings and j == 0 else 1
            dilation = 2 ** max(0, i - halvings - (j == 0))
            row.append(block(rank, c_in, width * 2**i, stride=stride, dilation=dilation, drop=drop * done / last))
            c_in, done = width * 2**i * block.expansion, done + 1
        rows.append(nn.Sequential(*row))
    return rows


def forget_branches(net: nn.Module) -> None:
    """Every block starts as its shortcut: the scale of its last norm is zero (arxiv.org/abs/1706.02677)."""
    for block in net.modules():
        if isinstance(block, Basic | Bottleneck):
            last = block.bn3 if isinstance(block, Bottleneck) else block.bn2
            nn.init.zeros_(last.get_parameter("weight"))


def resnet18(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    stem: str = "imagenet",
    drop: float = 0.0,
    zero_init: bool = False,
    output_stride: int | None = None,
) -> ResNet:
    """ResNet-18: 11,689,512 parameters for 3 channels and 1000 classes at rank 2. Settings as `resnet50`."""
    return ResNet(rank, c_in, Basic, (2, 2, 2, 2), width, stem, drop, zero_init, output_stride)


def resnet34(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    stem: str = "imagenet",
    drop: float = 0.0,
    zero_init: bool = False,
    output_stride: int | None = None,
) -> ResNet:
    """ResNet-34: 21,797,672 parameters for 3 channels and 1000 classes at rank 2. Settings as `resnet50`."""
    return ResNet(rank, c_in, Basic, (3, 4, 6, 3), width, stem, drop, zero_init, output_stride)


def resnet50(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    stem: str = "imagenet",
    drop: float = 0.0,
    zero_init: bool = False,
    output_stride: int | None = None,
) -> ResNet:
    """ResNet-50 (v1.5): 25,557,032 parameters for 3 channels and 1000 classes at rank 2.

    width: channels of the first stage. stem: "imagenet" divides the grid by 4 before the first stage, "small" leaves it
    as it is. drop: probability to drop the last residual branch, less for those before. zero_init: blocks start
    as their shortcuts. output_stride: cells of the grid that a cell of the last level stands for; below 32 (with stem
    "small" 8) the last stages dilate instead of halving the grid.
    """
    return ResNet(rank, c_in, Bottleneck, (3, 4, 6, 3), width, stem, drop, zero_init, output_stride)


def resnet101(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    stem: str = "imagenet",
    drop: float = 0.0,
    zero_init: bool = False,
    output_stride: int | None = None,
) -> ResNet:
    """ResNet-101 (v1.5): 44,549,160 parameters for 3 channels and 1000 classes at rank 2. Settings as `resnet50`."""
    return ResNet(rank, c_in, Bottleneck, (3, 4, 23, 3), width, stem, drop, zero_init, output_stride)


def resnet152(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    stem: str = "imagenet",
    drop: float = 0.0,
    zero_init: bool = False,
    output_stride: int | None = None,
) -> ResNet:
    """ResNet-152 (v1.5): 60,192,808 parameters for 3 channels and 1000 classes at rank 2. Settings as `resnet50`."""
    return ResNet(rank, c_in, Bottleneck, (3, 8, 36, 3), width, stem, drop, zero_init, output_stride)
