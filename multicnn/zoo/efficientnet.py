"""EfficientNet-lite: no squeeze-and-excitation, ReLU6, so that it runs well on small processors.

Tan, Le 2019, arxiv.org/abs/1905.11946; the lite form is Google's own of 2020, in its repository tensorflow/tpu. Layers
are named as in the common PyTorch port, without its leading underscores, so its weights fit.
"""

from dataclasses import dataclass
from math import ceil

from torch import Tensor, nn

from multicnn.blocks import BranchDropout, SamePad, conv, kaiming, nd
from multicnn.zoo.body import Body


@dataclass(frozen=True)
class Row:
    """Blocks in a row: how many, their kernel, the first one's stride, how much wider they are inside, channels."""

    depth: int
    kernel: int
    stride: int
    expand: int
    c_out: int


ROWS = (  # the paper's table 1
    Row(1, 3, 1, 1, 16),
    Row(2, 3, 2, 6, 24),
    Row(2, 5, 2, 6, 40),
    Row(3, 3, 2, 6, 80),
    Row(3, 5, 1, 6, 112),
    Row(4, 5, 2, 6, 192),
    Row(1, 3, 1, 6, 320),
)
STEM, TOP = 32, 1280  # channels; the lite form keeps them at every size
EPS = 1e-3  # of the batch norms, TensorFlow's


class Inverted(nn.Module):
    """1x1 to more channels, a depthwise convolution, 1x1 to few. Sandler et al. 2018, arxiv.org/abs/1801.04381.

    drop: probability to drop the branch, where input and output have one shape and are added.
    b c_in *grid -> b c_out *ceil(grid / stride)
    """

    def __init__(self, rank: int, c_in: int, c_out: int, kernel: int, *, stride: int, expand: int, drop: float):
        super().__init__()
        c = c_in * expand
        if expand != 1:
            self.expand_conv = conv(rank, c_in, c, 1, bias=False)
            self.bn0 = norm(rank, c)
        self.pad, self.depthwise_conv = strided(rank, c, c, kernel, stride, groups=c)
        self.bn1 = norm(rank, c)
        self.project_conv = conv(rank, c, c_out, 1, bias=False)
        self.bn2 = norm(rank, c_out)
        self.act = nn.ReLU6(inplace=True)
        self.drop = BranchDropout(drop)
        self.expands, self.adds = expand != 1, stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        wide = self.act(self.bn0(self.expand_conv(x))) if self.expands else x
        wide = self.act(self.bn1(self.depthwise_conv(self.pad(wide))))
        narrow = self.bn2(self.project_conv(wide))
        return self.drop(narrow) + x if self.adds else narrow


def strided(
    rank: int, c_in: int, c_out: int, kernel: int, stride: int, *, groups: int = 1
) -> tuple[nn.Module, nn.Module]:
    """A convolution without bias and what pads for it: at stride 1 the convolution itself.

    b c_in *grid -> b c_out *ceil(grid / stride)
    """
    if stride == 1:
        return nn.Identity(), conv(rank, c_in, c_out, kernel, groups=groups, bias=False)
    layer = conv(rank, c_in, c_out, kernel, stride=stride, groups=groups, padding=0, bias=False)
    return SamePad(kernel, stride), layer


def norm(rank: int, c: int) -> nn.Module:
    """Batch norm with TensorFlow's epsilon.

    Its running statistics follow by torch's 0.1 a step, not the original's 0.01, which needs some thousand steps.
    """
    return nd("BatchNorm", rank)(c, eps=EPS)


def rounded(width: float) -> int:
    """The nearest multiple of 8 channels that is not below 90 % of `width`."""
    near = max(8, int(width + 4) // 8 * 8)
    return near if near >= 0.9 * width else near + 8


def scaled(row: Row, width: float, depth: float) -> Row:
    """A row with `width` times as many channels and `depth` times as many blocks; first and last keep their depth."""
    blocks = row.depth if row in (ROWS[0], ROWS[-1]) else ceil(depth * row.depth)
    return Row(blocks, row.kernel, row.stride, row.expand, rounded(width * row.c_out))


class EfficientNetLite(Body):
    """Stem, seven rows of inverted bottlenecks, and a 1x1 convolution to 1280 channels.

    width, depth: factors on channels and blocks. Levels: what each halving leaves, before the next.
    b c_in *grid -> list of b channels[i] *ceil(grid / 2^(i + 1)), of 5
    """

    def __init__(self, rank: int, c_in: int, *, width: float, depth: float, drop: float):
        super().__init__()
        self.pad, self.conv_stem = strided(rank, c_in, STEM, 3, 2)
        self.bn0 = norm(rank, STEM)
        self.act = nn.ReLU6(inplace=True)
        rows = [scaled(row, width, depth) for row in ROWS]
        self.blocks = nn.ModuleList(inverted(rank, rows, drop))
        self.conv_head = conv(rank, rows[-1].c_out, TOP, 1, bias=False)
        self.bn1 = norm(rank, TOP)
        self.ends = ends(rows)
        self.channels = [rows[i].c_out for i in (0, 1, 2, 4)] + [TOP]
        self.strides = [2, 4, 8, 16, 32]
        kaiming(self, fan="out")

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.act(self.bn0(self.conv_stem(self.pad(x))))
        levels = []
        for place, block in enumerate(self.blocks):
            x = block(x)
            if place in self.ends:
                levels.append(x)
        return [*levels, self.act(self.bn1(self.conv_head(x)))]


def inverted(rank: int, rows: list[Row], drop: float) -> list[Inverted]:
    """All blocks; the probability to drop a branch grows along them from 0 to nearly `drop`."""
    total, c_in, blocks = sum(row.depth for row in rows), STEM, []
    for row in rows:
        for place in range(row.depth):
            stride, rate = row.stride if place == 0 else 1, drop * len(blocks) / total
            blocks.append(Inverted(rank, c_in, row.c_out, row.kernel, stride=stride, expand=row.expand, drop=rate))
            c_in = row.c_out
    return blocks


def ends(rows: list[Row]) -> list[int]:
    """Places of the blocks after which the grid is halved."""
    return [sum(row.depth for row in rows[:i]) - 1 for i, row in enumerate(rows) if row.stride == 2]


def efficientnet_lite0(rank: int, c_in: int, *, drop: float = 0.0) -> EfficientNetLite:
    """EfficientNet-lite0: 4,652,008 parameters for 3 channels and 1000 classes at rank 2, made for 224 cells a side.

    drop: probability to drop the last residual branch, less for those before; the original trains with 0.2.
    """
    return EfficientNetLite(rank, c_in, width=1.0, depth=1.0, drop=drop)


def efficientnet_lite1(rank: int, c_in: int, *, drop: float = 0.0) -> EfficientNetLite:
    """EfficientNet-lite1: 5,416,680 parameters, made for 240 cells a side. Settings as `efficientnet_lite0`."""
    return EfficientNetLite(rank, c_in, width=1.0, depth=1.1, drop=drop)


def efficientnet_lite2(rank: int, c_in: int, *, drop: float = 0.0) -> EfficientNetLite:
    """EfficientNet-lite2: 6,092,072 parameters, made for 260 cells a side. Settings as `efficientnet_lite0`."""
    return EfficientNetLite(rank, c_in, width=1.1, depth=1.2, drop=drop)


def efficientnet_lite3(rank: int, c_in: int, *, drop: float = 0.0) -> EfficientNetLite:
    """EfficientNet-lite3: 8,197,096 parameters, made for 280 cells a side. Settings as `efficientnet_lite0`."""
    return EfficientNetLite(rank, c_in, width=1.2, depth=1.4, drop=drop)


def efficientnet_lite4(rank: int, c_in: int, *, drop: float = 0.0) -> EfficientNetLite:
    """EfficientNet-lite4: 13,006,568 parameters, made for 300 cells a side. Settings as `efficientnet_lite0`."""
    return EfficientNetLite(rank, c_in, width=1.4, depth=1.8, drop=drop)
