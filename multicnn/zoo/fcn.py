"""Fully convolutional networks. Long, Shelhamer, Darrell 2014, arxiv.org/abs/1411.4038; the form is torchvision's."""

from torch import Tensor

from multicnn.blocks import kaiming
from multicnn.zoo.body import Body
from multicnn.zoo.cells import narrow
from multicnn.zoo.resnet import ResNet, resnet50, resnet101


class Fcn(Body):
    """A ResNet whose last stages dilate, and a 3x3 convolution to a quarter of its channels.

    aux: with it the third stage is a level of its own, before the last, which a side head learns from.
    b c_in *grid -> [b channels[-1] *ceil(grid / strides[-1])]
    """

    side_weight = 0.5  # torchvision's

    def __init__(self, rank: int, backbone: ResNet, *, aux: bool, drop: float):
        super().__init__()
        self.backbone = backbone
        c = backbone.channels[-1]
        self.classifier = kaiming(narrow(rank, c, c // 4, drop=drop))
        self.side = (0,) if aux else ()
        self.channels = [backbone.channels[-2] for _ in self.side] + [c // 4]
        self.strides = [backbone.strides[-2] for _ in self.side] + [backbone.strides[-1]]

    def forward(self, x: Tensor) -> list[Tensor]:
        *_, third, fourth = self.backbone(x)
        return [third for _ in self.side] + [self.classifier(fourth)]


def fcn_resnet50(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    stem: str = "imagenet",
    output_stride: int = 8,
    aux: bool = False,
    drop: float = 0.1,
) -> Fcn:
    """FCN on ResNet-50: 32,957,013 parameters for 3 channels and 21 classes at rank 2, 35,322,218 with its side head.

    width, stem, output_stride: of the ResNet. aux: whether the third stage teaches through a head of its own while
    training. drop: probability to drop an element before the last convolution.
    b c_in *grid -> [b (8 width) *ceil(grid / output_stride)], with aux a level b (16 width) before it
    """
    backbone = resnet50(rank, c_in, width=width, stem=stem, output_stride=output_stride)
    return Fcn(rank, backbone, aux=aux, drop=drop)


def fcn_resnet101(
    rank: int,
    c_in: int,
    *,
    width: int = 64,
    stem: str = "imagenet",
    output_stride: int = 8,
    aux: bool = False,
    drop: float = 0.1,
) -> Fcn:
    """FCN on ResNet-101: 54,314,346 parameters with its side head. Settings as `fcn_resnet50`."""
    backbone = resnet101(rank, c_in, width=width, stem=stem, output_stride=output_stride)
    return Fcn(rank, backbone, aux=aux, drop=drop)
