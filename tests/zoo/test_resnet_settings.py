"""Stem, width, stochastic depth and initial weights of the ResNets."""

from math import sqrt

import pytest
import torch

from multicnn.blocks import BranchDropout
from multicnn.errors import UsageError
from multicnn.zoo import preresnet18, resnet18, resnet50


def test_the_stem_decides_how_many_cells_are_left():
    for build in (resnet18, preresnet18):
        assert build(2, 1, width=2).strides == [4, 8, 16, 32]
        assert build(2, 1, width=2, stem="small").strides == [1, 2, 4, 8]


def test_an_unknown_stem_gets_the_near_name():
    for build in (resnet18, preresnet18):
        with pytest.raises(UsageError, match="no stem named 'smal'; did you mean small"):
            build(2, 1, stem="smal")


def test_branches_are_dropped_more_often_the_deeper_they_are():
    rates = [m.p for m in resnet18(2, 1, width=2, drop=0.7).modules() if isinstance(m, BranchDropout)]
    assert rates == pytest.approx([0.1 * i for i in range(8)])


def test_convolutions_start_with_the_variance_of_he_for_their_outputs():
    weight = resnet18(2, 3).layer4[1].conv2.weight
    assert weight.std().item() == pytest.approx(sqrt(2 / (512 * 9)), rel=0.01)


@pytest.mark.parametrize("build", [resnet18, resnet50])
def test_zero_init_starts_every_block_as_its_shortcut(build):
    body = build(2, 1, width=4, zero_init=True)
    for layer in (body.layer1, body.layer2, body.layer3, body.layer4):
        for block in layer:
            x = torch.randn(2, block.conv1.in_channels, 6, 6)
            assert torch.equal(block(x), block.downsample(x).relu())


def test_pre_activation_ends_with_norm_and_activation():
    last = preresnet18(2, 1, width=4).train()(torch.randn(16, 1, 64, 64))[-1]
    assert last.min() == 0  # the sum alone would be negative somewhere
    assert (last > 0).float().mean() == pytest.approx(0.5, abs=0.15)
