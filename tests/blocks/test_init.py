"""Initial weights have the variances of the papers, and keep those of signals."""

from math import sqrt

import pytest
import torch
from torch import nn

from multicnn.blocks import conv, kaiming, nd, xavier

LAYERS = {  # layer: fan in, fan out
    "affine": (lambda: nn.Linear(300, 200), 300, 200),
    "rank 1": (lambda: conv(1, 64, 128, 5), 64 * 5, 128 * 5),
    "rank 2": (lambda: conv(2, 32, 64, 3), 32 * 9, 64 * 9),
    "rank 3": (lambda: conv(3, 16, 32, 3), 16 * 27, 32 * 27),
    "groups": (lambda: conv(2, 64, 128, 3, groups=4), 16 * 9, 32 * 9),
    "depthwise": (lambda: conv(2, 2048, 2048, 3, groups=2048), 9, 9),
    "transposed": (lambda: nd("ConvTranspose", 2)(32, 64, 3), 32 * 9, 64 * 9),
}
EACH = pytest.mark.parametrize("name", LAYERS)


def near(weight, std):
    """Within 5 standard errors of the sample's deviation (at most that of a normal), and of its mean."""
    n = weight.numel()
    assert weight.std().item() == pytest.approx(std, rel=5 / sqrt(2 * n))
    assert weight.mean().item() == pytest.approx(0, abs=5 * std / sqrt(n))


@EACH
@pytest.mark.parametrize("fan", ["in", "out"])
def test_kaiming_has_variance_two_over_fan(name, fan):
    build, fan_in, fan_out = LAYERS[name]
    near(kaiming(build(), fan=fan).weight, sqrt(2 / (fan_in if fan == "in" else fan_out)))


@EACH
def test_xavier_has_variance_two_over_both_fans(name):
    build, fan_in, fan_out = LAYERS[name]
    weight = xavier(build()).weight
    near(weight, sqrt(2 / (fan_in + fan_out)))
    assert weight.abs().max() <= sqrt(6 / (fan_in + fan_out))


@pytest.mark.parametrize("start", [kaiming, xavier])
def test_biases_are_zero_and_norms_are_left_alone(start):
    net = nn.Sequential(conv(2, 3, 8), nn.BatchNorm2d(8), nn.Sequential(nn.Linear(8, 4)), conv(2, 3, 8, 2, bias=False))
    nn.init.constant_(net[1].bias, 7)
    assert start(net) is net
    assert not net[0].bias.any()
    assert not net[2][0].bias.any()
    assert (net[1].bias == 7).all()
    assert (net[1].weight == 1).all()


def depth(act, size=256, layers=30):
    return nn.Sequential(*[nn.Sequential(nn.Linear(size, size), act()) for _ in range(layers)])


def test_kaiming_keeps_signals_alive_through_thirty_relus():
    """The point of the paper: the second moment behind a layer stays; with xavier's weights it halves 30 times."""
    x = torch.randn(512, 256)
    assert 0.25 < kaiming(depth(nn.ReLU))(x).square().mean() * 2 < 4
    assert xavier(depth(nn.ReLU))(x).square().mean() < 1e-6


def test_xavier_keeps_signals_alive_through_thirty_affine_layers():
    assert 0.25 < xavier(depth(nn.Identity))(torch.randn(512, 256)).var() < 4
