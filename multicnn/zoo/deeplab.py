"""DeepLabV3 and V3+: convolutions of several dilations side by side see objects of several sizes.

V3: Chen et al. 2017, arxiv.org/abs/1706.05587, in torchvision's form. V3+: Chen et al. 2018, arxiv.org/abs/1802.02611.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from multicnn.blocks import Dropout, conv, kaiming, nd
from multicnn.zoo.body import Body
from multicnn.zoo.cells import stretch
from multicnn.zoo.resnet import ResNet, resnet50, resnet101

RATES = (6, 12, 18)  # dilations where a cell stands for 16; twice as much where it stands for 8


class Pyramid(nn.Module):
    """Atrous spatial pyramid pooling: 1x1, three dilated 3x3 and the mean over the grid, joined by a 1x1 convolution.

    b c_in *grid -> b c_out *grid
    """

    def __init__(self, rank: int, c_in: int, c_out: int, rates: Sequence[int], drop: float):
        super().__init__()
        branches = [normed(rank, c_in, c_out, 1), *[normed(rank, c_in, c_out, 3, dilation=rate) for rate in rates]]
        whole = normed(rank, c_in, c_out, 1).insert(0, nd("AdaptiveAvgPool", rank)(1))
        self.convs = nn.ModuleList([*branches, whole])
        self.project = normed(rank, len(self.convs) * c_out, c_out, 1).append(Dropout(drop))

    def forward(self, x: Tensor) -> Tensor:
        *seen, whole = [branch(x) for branch in self.convs]
        return self.project(torch.cat([*seen, whole.expand_as(seen[0])], dim=1))


def normed(rank: int, c_in: int, c_out: int, kernel: int, *, dilation: int = 1) -> nn.Sequential:
    """Convolution, batch norm, ReLU; numbered as torchvision's.  b c_in *grid -> b c_out *grid"""
    line = conv(rank, c_in, c_out, kernel, dilation=dilation, bias=False)
    return nn.Sequential(line, nd("BatchNorm", rank)(c_out), nn.ReLU(inplace=True))


def rates(output_stride: int) -> list[int]:
    """The papers' dilations, in proportion to the cells' size; at least 1."""
    return [max(1, rate * 16 // output_stride) for rate in RATES]


class DeepLabV3(Body):
    """A ResNet whose last stages dilate, the pyramid, and a 3x3 convolution.

    aux: with it the third stage is a level of its own, before the last, which a side head learns from.
    b c_in *grid -> [b (4 width) *ceil(grid / output_stride)]
    """

    side_weight = 0.5  # torchvision's

    def __init__(self, rank: int, backbone: ResNet, *, width: int, aux: bool, drop: float):
        super().__init__()
        self.backbone = backbone
        pyramid = Pyramid(rank, backbone.channels[-1], 4 * width, rates(backbone.strides[-1]), drop)
        self.classifier = kaiming(normed(rank, 4 * width, 4 * width, 3).insert(0, pyramid))
        self.side = (0,) if aux else ()
        self.channels = [backbone.channels[-2] for _ in self.side] + [4 * width]
        self.strides = [backbone.strides[-2] for _ in self.side] + [backbone.strides[-1]]

    def forward(self, x: Tensor) -> list[Tensor]:
        *_, third, fourth = self.backbone(x)
        return [third for _ in self.side] + [self.classifier(fourth)]


class DeepLabV3Plus(Body):
    """DeepLabV3's pyramid, stretched to the first stage's cells, and a decoder of two 3x3 convolutions over both.

    b c_in *grid -> [b (4 width) *ceil(grid / strides[0])]
    """

    def __init__(self, rank: int, backbone: ResNet, *, width: int, drop: float):
        super().__init__()
        self.backbone = backbone
        fine, beside = backbone.channels[0], max(1, 3 * width // 4)  # 48 of 256: few, so as not to outweigh the pyramid
        self.pyramid = kaiming(Pyramid(rank, backbone.channels[-1], 4 * width, rates(backbone.strides[-1]), drop))
        self.beside = kaiming(normed(rank, fine, beside, 1))
        first, second = normed(rank, 4 * width + beside, 4 * width, 3), normed(rank, 4 * width, 4 * width, 3)
        self.decoder = kaiming(nn.Sequential(first, second))
        self.channels, self.strides = [4 * width], [backbone.strides[0]]

    def forward(self, x: Tensor) -> list[Tensor]:
        first, *_, last = self.backbone(x)
        beside = self.beside(first)
        return [self.decoder(torch.cat([stretch(self.pyramid(last), beside.shape[2:]), beside], dim=1))]


def deeplabv3_resnet50(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    stem: str = "imagenet",
    output_stride: int = 8,
    aux: bool = False,
    drop: float = 0.5,
) -> DeepLabV3:
    """DeepLabV3 on ResNet-50: 39,638,869 parameters for 3 channels and 21 classes, 42,004,074 with its side head.

    width, stem, output_stride: of the ResNet; 16 costs a quarter of 8. aux: whether the third stage teaches through a
    head of its own while training. drop: probability to drop an element behind the pyramid.
    b c_in *grid -> [b (4 width) *ceil(grid / output_stride)], with aux a level b (16 width) before it
    """
    backbone = resnet50(rank, c_in, width=width, stem=stem, output_stride=output_stride)
    return DeepLabV3(rank, backbone, width=width, aux=aux, drop=drop)


def deeplabv3_resnet101(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    stem: str = "imagenet",
    output_stride: int = 8,
    aux: bool = False,
    drop: float = 0.5,
) -> DeepLabV3:
    """DeepLabV3 on ResNet-101: 60,996,202 parameters with its side head. Settings as `deeplabv3_resnet50`."""
    backbone = resnet101(rank, c_in, width=width, stem=stem, output_stride=output_stride)
    return DeepLabV3(rank, backbone, width=width, aux=aux, drop=drop)


def deeplabv3plus_resnet50(
    rank: int, c_in: int, *, width: int = 64, stem: str = "imagenet", output_stride: int = 16, drop: float = 0.5
) -> DeepLabV3Plus:
    """DeepLabV3+ on ResNet-50: finer borders than DeepLabV3's at a fraction of its cost.

    Its convolutions are plain, not separable. width, stem, output_stride: of the ResNet. drop: probability to drop an
    element behind the pyramid.
    b c_in *grid -> [b (4 width) *ceil(grid / 4)], with stem "small" [b (4 width) *grid]
    """
    backbone = resnet50(rank, c_in, width=width, stem=stem, output_stride=output_stride)
    return DeepLabV3Plus(rank, backbone, width=width, drop=drop)


def deeplabv3plus_resnet101(
    rank: int, c_in: int, *, width: int = 64, stem: str = "imagenet", output_stride: int = 16, drop: float = 0.5
) -> DeepLabV3Plus:
    """DeepLabV3+ on ResNet-101. Settings as `deeplabv3plus_resnet50`."""
    backbone = resnet101(rank, c_in, width=width, stem=stem, output_stride=output_stride)
    return DeepLabV3Plus(rank, backbone, width=width, drop=drop)
