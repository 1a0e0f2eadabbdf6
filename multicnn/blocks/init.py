"""Initial weights that keep the variance of signals from layer to layer."""

from math import prod, sqrt
from typing import Literal, TypeVar

from torch import nn
from torch.nn.modules.conv import _ConvNd

Net = TypeVar("Net", bound=nn.Module)
Layer = _ConvNd | nn.Linear


def kaiming(net: Net, *, fan: Literal["in", "out"] = "in") -> Net:
    """Normal weights of variance 2 / fan, for ReLU, and zero biases. He et al. 2015, arxiv.org/abs/1502.01852.

    Changes every convolution and affine layer of `net` and returns it. fan: "in" keeps the variance of signals,
    "out" that of gradients (torchvision's ResNets).
    """
    for layer in layers(net):
        zero(layer)
        fan_in, fan_out = fans(layer)
        nn.init.normal_(layer.weight, std=sqrt(2 / (fan_in if fan == "in" else fan_out)))
    return net


def xavier(net: Net) -> Net:
    """Uniform weights of variance 2 / (fan in + fan out), and zero biases. Glorot, Bengio 2010, AISTATS.

    Changes every convolution and affine layer of `net` and returns it.
    """
    for layer in layers(net):
        zero(layer)
        bound = sqrt(6 / sum(fans(layer)))
        nn.init.uniform_(layer.weight, -bound, bound)
    return net


def layers(net: nn.Module) -> list[Layer]:
    """Every convolution and affine layer of `net`; none on the meta device, where there is nothing to draw."""
    return [layer for layer in net.modules() if isinstance(layer, Layer) and not layer.weight.is_meta]


def zero(layer: Layer) -> None:
    """Set a layer's bias to 0, where it has one."""
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def fans(layer: Layer) -> tuple[int, int]:
    """How many numbers each output sums, and how many outputs each input reaches (at stride 1)."""
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    cells = prod(layer.kernel_size)  # torch's own count forgets the groups in fan out
    return layer.in_channels // layer.groups * cells, layer.out_channels // layer.groups * cells
