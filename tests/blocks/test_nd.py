"""Rank is a number."""

import pytest
from torch import nn

from multicnn.blocks import nd, same
from multicnn.blocks.nd import axes, nd_function
from multicnn.errors import UsageError

TORCH = {
    "Conv": [nn.Conv1d, nn.Conv2d, nn.Conv3d],
    "BatchNorm": [nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d],
    "MaxPool": [nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d],
}


@pytest.mark.parametrize("layer", TORCH)
def test_layers_are_torchs_own(layer):
    assert [nd(layer, rank) for rank in (1, 2, 3)] == TORCH[layer]


def test_functions_are_torchs_own():
    functional = nn.functional
    assert [nd_function("conv", r) for r in (1, 2, 3)] == [functional.conv1d, functional.conv2d, functional.conv3d]


@pytest.mark.parametrize("rank", [0, 4, -1, "2", None])
def test_another_rank_is_refused(rank):
    with pytest.raises(UsageError, match=rf"no grid of rank {rank!r}; a grid has 1, 2 or 3 axes"):
        nd("Conv", rank)


def test_one_number_serves_all_axes():
    assert axes("kernel", 3, 2) == (3, 3)
    assert axes("kernel", (3, 5), 2) == (3, 5)


def test_a_wrong_number_of_sizes_is_refused():
    with pytest.raises(UsageError, match=r"kernel \(3, 5\) has 2 numbers for a grid of rank 3; give one, or 3"):
        axes("kernel", (3, 5), 3)


def test_same_is_half_of_the_kernels_reach():
    assert [same(k) for k in (1, 2, 3, 4, 5, 7)] == [0, 0, 1, 1, 2, 3]
    assert [same(3, d) for d in (1, 2, 3)] == [1, 2, 3]
