"""Residual blocks, after and before activation. The names of layers are torchvision's, so its weights fit."""

from typing import Protocol

from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks.conv import conv
from multicnn.blocks.dropout import BranchDropout
from multicnn.blocks.nd import checked, nd
from multicnn.errors import UsageError
from multicnn.names import find


class PadShortcut(nn.Module):
    """A shortcut without parameters: every stride-th cell, and zeros as new channels (He 2015, option A).

    Raises UsageError when channels would have to go.
    b c_in *grid -> b c_out *ceil(grid / stride)
    """

    def __init__(self, rank: int, c_in: int, c_out: int, *, stride: int = 1):
        super().__init__()
        if c_out < c_in:
            raise UsageError(f"a shortcut of zeros cannot take {c_in} channels to {c_out}; use shortcut 'projection'")
        self.steps = (slice(None), slice(None), *[slice(None, None, stride)] * checked(rank))
        self.channels = [0, 0] * rank + [0, c_out - c_in]

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x[self.steps], self.channels)


def projection(rank: int, c_in: int, c_out: int, *, stride: int = 1) -> nn.Module:
    """A shortcut by a 1x1 convolution and its batch norm (He 2015, option B).

    b c_in *grid -> b c_out *ceil(grid / stride)
    """
    line = conv(rank, c_in, c_out, 1, stride=stride, bias=False)
    return nn.Sequential(line, nd("BatchNorm", rank)(c_out))


def bare_projection(rank: int, c_in: int, c_out: int, *, stride: int = 1) -> nn.Module:
    """A shortcut by a 1x1 convolution alone, for blocks with their norms in front.

    b c_in *grid -> b c_out *ceil(grid / stride)
    """
    return conv(rank, c_in, c_out, 1, stride=stride, bias=False)


class Shortcut(Protocol):
    """Makes the way past a block, where its shape changes."""

    def __call__(self, rank: int, c_in: int, c_out: int, *, stride: int = 1) -> nn.Module: ...


SHORTCUTS: dict[str, Shortcut] = {"projection": projection, "pad": PadShortcut}
PRE_SHORTCUTS: dict[str, Shortcut] = {"projection": bare_projection, "pad": PadShortcut}


class Basic(nn.Module):
    """Two 3x3 convolutions and a shortcut. He et al. 2015, arxiv.org/abs/1512.03385, figure 5 left.

    shortcut: a name of SHORTCUTS, taken only where the shape changes; drop: probability to drop the branch.
    b c_in *grid -> b width *ceil(grid / stride)
    """

    expansion = 1

    def __init__(
        self,
        rank: int,
        c_in: int,
        width: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        drop: float = 0.0,
        shortcut: str = "projection",
    ):
        super().__init__()
        self.conv1 = conv(rank, c_in, width, 3, stride=stride, dilation=dilation, bias=False)
        self.bn1 = nd("BatchNorm", rank)(width)
        self.conv2 = conv(rank, width, width, 3, dilation=dilation, bias=False)
        self.bn2 = nd("BatchNorm", rank)(width)
        self.relu = nn.ReLU(inplace=True)
        self.drop = BranchDropout(drop)
        build = find("shortcut", SHORTCUTS, shortcut)
        changes = stride != 1 or c_in != width
        self.downsample = build(rank, c_in, width, stride=stride) if changes else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        branch = self.relu(self.bn1(self.conv1(x)))
        branch = self.bn2(self.conv2(branch))
        return self.relu(self.drop(branch) + self.downsample(x))


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions and a shortcut. He et al. 2015, arxiv.org/abs/1512.03385, figure 5 right.

    The stride is in the 3x3 convolution (known as v1.5), where the paper has it in the first 1x1, which skips cells.
    shortcut: a name of SHORTCUTS, taken only where the shape changes; drop: probability to drop the branch.
    b c_in *grid -> b (4 width) *ceil(grid / stride)
    """

    expansion = 4

    def __init__(
        self,
        rank: int,
        c_in: int,
        width: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        drop: float = 0.0,
        shortcut: str = "projection",
    ):
        super().__init__()
        c_out = self.expansion * width
        self.conv1 = conv(rank, c_in, width, 1, bias=False)
        self.bn1 = nd("BatchNorm", rank)(width)
        self.conv2 = conv(rank, width, width, 3, stride=stride, dilation=dilation, bias=False)
        self.bn2 = nd("BatchNorm", rank)(width)
        self.conv3 = conv(rank, width, c_out, 1, bias=False)
        self.bn3 = nd("BatchNorm", rank)(c_out)
        self.relu = nn.ReLU(inplace=True)
        self.drop = BranchDropout(drop)
        build = find("shortcut", SHORTCUTS, shortcut)
        changes = stride != 1 or c_in != c_out
        self.downsample = build(rank, c_in, c_out, stride=stride) if changes else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        branch = self.relu(self.bn1(self.conv1(x)))
        branch = self.relu(self.bn2(self.conv2(branch)))
        branch = self.bn3(self.conv3(branch))
        return self.relu(self.drop(branch) + self.downsample(x))


class PreBasic(nn.Module):
    """Basic with norm and activation before each convolution. He et al. 2016, arxiv.org/abs/1603.05027.

    Nothing follows the sum, so a body ends with a norm and an activation of its own. Where the shape changes, the
    shortcut (a name of PRE_SHORTCUTS) starts behind the first activation, as in the authors' code.
    b c_in *grid -> b width *ceil(grid / stride)
    """

    expansion = 1

    def __init__(
        self,
        rank: int,
        c_in: int,
        width: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        drop: float = 0.0,
        shortcut: str = "projection",
    ):
        super().__init__()
        self.bn1 = nd("BatchNorm", rank)(c_in)
        self.conv1 = conv(rank, c_in, width, 3, stride=stride, dilation=dilation, bias=False)
        self.bn2 = nd("BatchNorm", rank)(width)
        self.conv2 = conv(rank, width, width, 3, dilation=dilation, bias=False)
        self.relu = nn.ReLU(inplace=True)
        self.drop = BranchDropout(drop)
        build = find("shortcut", PRE_SHORTCUTS, shortcut)
        changes = stride != 1 or c_in != width
        self.downsample = build(rank, c_in, width, stride=stride) if changes else None

    def forward(self, x: Tensor) -> Tensor:
        branch = self.relu(self.bn1(x))
        straight = x if self.downsample is None else self.downsample(branch)
        branch = self.conv1(branch)
        branch = self.conv2(self.relu(self.bn2(branch)))
        return straight + self.drop(branch)


class PreBottleneck(nn.Module):
    """Bottleneck with norm and activation before each convolution. He et al. 2016, arxiv.org/abs/1603.05027.

    Ends and shortcuts as in PreBasic; the stride is in the 3x3 convolution.
    b c_in *grid -> b (4 width) *ceil(grid / stride)
    """

    expansion = 4

    def __init__(
        self,
        rank: int,
        c_in: int,
        width: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        drop: float = 0.0,
        shortcut: str = "projection",
    ):
        super().__init__()
        c_out = self.expansion * width
        self.bn1 = nd("BatchNorm", rank)(c_in)
        self.conv1 = conv(rank, c_in, width, 1, bias=False)
        self.bn2 = nd("BatchNorm", rank)(width)
        self.conv2 = conv(rank, width, width, 3, stride=stride, dilation=dilation, bias=False)
        self.bn3 = nd("BatchNorm", rank)(width)
        self.conv3 = conv(rank, width, c_out, 1, bias=False)
        self.relu = nn.ReLU(inplace=True)
        self.drop = BranchDropout(drop)
        build = find("shortcut", PRE_SHORTCUTS, shortcut)
        changes = stride != 1 or c_in != c_out
        self.downsample = build(rank, c_in, c_out, stride=stride) if changes else None

    def forward(self, x: Tensor) -> Tensor:
        branch = self.relu(self.bn1(x))
        straight = x if self.downsample is None else self.downsample(branch)
        branch = self.conv1(branch)
        branch = self.conv2(self.relu(self.bn2(branch)))
        branch = self.conv3(self.relu(self.bn3(branch)))
        return straight + self.drop(branch)
