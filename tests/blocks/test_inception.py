"""Inception and parallel branches against compositions by hand."""

import pytest
import torch
from torch import nn
from torch.nn.functional import relu

from multicnn.blocks import Inception, Parallel
from multicnn.blocks.nd import nd_function

RANKS = pytest.mark.parametrize("rank", [1, 2, 3])
# GoogLeNet's inception (3a), table 1 of the paper
FIRST = {"c1": 64, "c3_reduce": 96, "c3": 128, "c5_reduce": 16, "c5": 32, "pool_proj": 32}


def by_hand(block, rank, x):
    convolve, largest = nd_function("conv", rank), nd_function("max_pool", rank)

    def step(x, layer, padding):
        return relu(convolve(x, layer.conv.weight, layer.conv.bias, padding=padding))

    three = step(step(x, block.branch2[0], 0), block.branch2[1], 1)
    five = step(step(x, block.branch3[0], 0), block.branch3[1], 2)
    pooled = step(largest(x, 3, stride=1, padding=1), block.branch4[1], 0)
    return torch.cat([step(x, block.branch1, 0), three, five, pooled], 1)


@RANKS
def test_inception_is_four_branches_side_by_side(rank):
    block = Inception(rank, 6, c1=2, c3_reduce=3, c3=4, c5_reduce=2, c5=3, pool_proj=5)
    x = torch.randn(2, 6, *[5] * rank)
    assert block(x).shape == (2, block.channels, *[5] * rank) == (2, 14, *[5] * rank)
    torch.testing.assert_close(block(x), by_hand(block, rank, x))


def test_inception_3a_has_the_weights_of_the_paper():
    weights = 192 * 64 + 192 * 96 + 96 * 128 * 9 + 192 * 16 + 16 * 32 * 25 + 192 * 32
    biases = 64 + 96 + 128 + 16 + 32 + 32
    assert sum(p.numel() for p in Inception(2, 192, **FIRST).parameters()) == weights + biases


def test_torchvisions_inception_is_the_one_with_norm_and_a_small_five():
    from torchvision.models.googlenet import Inception as Theirs

    theirs = Theirs(192, 64, 96, 128, 16, 32, 32)
    theirs(torch.randn(2, 192, 7, 7))
    ours = Inception(2, 192, **FIRST, norm="batch", kernel_5=3)
    ours.load_state_dict({name.replace(".bn.", ".norm."): w for name, w in theirs.state_dict().items()})
    for layer in ours.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.eps = 1e-3  # torchvision's choice there
    x = torch.randn(1, 192, 7, 7)
    assert torch.equal(ours.eval()(x), theirs.eval()(x))


@RANKS
@pytest.mark.parametrize("stride", [1, 2])
def test_parallel_branches_keep_one_grid_for_all_kernels(rank, stride):
    block = Parallel(rank, 4, 3, kernels=(1, 2, 3, 4), stride=stride)
    x = torch.randn(2, 4, *[7] * rank)
    y = block(x)
    assert y.shape == (2, block.channels, *[-(-7 // stride)] * rank)
    for i, branch in enumerate(block.branches):
        assert torch.equal(y[:, 3 * i : 3 * i + 3], branch(x))


def test_parallel_sees_every_window_of_its_width():
    """The maximum over a sentence is that of Kim's valid convolution where the padding adds nothing larger."""
    block = Parallel(1, 8, 5)
    x = torch.randn(3, 8, 20)
    y = block(x).split(5, dim=1)
    for kernel, branch, out in zip((3, 4, 5), block.branches, y, strict=True):
        layer = branch.conv if isinstance(branch.conv, nn.Conv1d) else branch.conv[1]
        valid = relu(nn.functional.conv1d(x, layer.weight, layer.bias))
        before = (kernel - 1) // 2
        torch.testing.assert_close(out[..., before : before + valid.shape[-1]], valid)


def test_textcnn_has_the_weights_of_the_formula():
    assert sum(p.numel() for p in Parallel(1, 300, 100).parameters()) == 300 * 100 * (3 + 4 + 5) + 300
