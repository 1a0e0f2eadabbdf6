"""LeNet-5 against torch's own layers and the paper's table."""

from collections import Counter

import pytest
import torch
from torch import nn
from torch.nn import functional

from multicnn.errors import UsageError
from multicnn.zoo import lenet5, lenet5_1998
from multicnn.zoo.lenet import SEEN_BY_C3, PartialConv, ScaledTanh, Subsample


def copied(source: nn.Module, target: nn.Module) -> nn.Module:
    """The weights of one network in the order of its layers, put into another."""
    pairs = zip(source.parameters(), target.parameters(), strict=True)
    for ours, theirs in pairs:
        theirs.data = ours.data.reshape(theirs.shape)
    return target


@pytest.mark.parametrize("side", [28, 32])
def test_the_modern_form_is_torchs_layers_in_a_row(side):
    ours = lenet5(2, 1, grid=(side, side), act="tanh", down="average")
    layers = [nn.Conv2d(1, 6, 5, padding=(32 - side) // 2), nn.Tanh(), nn.AvgPool2d(2)]
    layers += [nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten()]
    layers += [nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh()]
    x = torch.randn(3, 1, side, side)
    torch.testing.assert_close(ours(x)[0].flatten(1), copied(ours, nn.Sequential(*layers))(x))


def test_c3_sees_ten_maps_of_each_s2_map_and_as_many_as_the_paper_says():
    assert Counter(len(seen) for seen in SEEN_BY_C3) == {3: 6, 4: 9, 6: 1}
    assert Counter(c for seen in SEEN_BY_C3 for c in seen) == dict.fromkeys(range(6), 10)
    assert len(set(SEEN_BY_C3)) == 16


def test_partial_convolution_is_a_full_one_with_kernels_of_zeros():
    partial = PartialConv(2, SEEN_BY_C3)
    full, row = torch.zeros(16, 6, 5, 5), 0
    for part in partial.convs:
        for kernels in part.weight:
            full[row, list(SEEN_BY_C3[row])] = kernels
            row += 1
    bias = torch.cat([part.bias for part in partial.convs])
    x = torch.randn(2, 6, 14, 14)
    torch.testing.assert_close(partial(x), functional.conv2d(x, full, bias), rtol=1e-4, atol=1e-5)


def test_subsampling_adds_four_cells_and_learns_a_coefficient_and_a_bias():
    layer = Subsample(2, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([1.0, 2.0, -1.0])[:, None, None])
        layer.bias.copy_(torch.tensor([0.0, 1.0, 5.0])[:, None, None])
    x = torch.arange(12.0).reshape(1, 3, 2, 2)
    assert layer(x).flatten().tolist() == [6.0, 45.0, -33.0]


def test_the_squashing_function_is_one_at_one():
    ends = ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0, 1e9]))
    torch.testing.assert_close(ends, torch.tensor([-1.0, 0.0, 1.0, 1.7159]), rtol=0, atol=2e-5)


def test_the_1998_form_starts_within_the_papers_bounds():
    c5 = lenet5_1998(2, 1, grid=(32, 32)).layers["c5"][0].weight
    assert 0.99 * 2.4 / 400 < c5.abs().max() <= 2.4 / 400


@pytest.mark.parametrize(("build", "name"), [(lenet5, "lenet5"), (lenet5_1998, "lenet5_1998")])
def test_a_grid_too_small_is_refused_with_the_smallest_that_works(build, name):
    sentence = rf"{name} needs a grid of at least 12 x 12 cells, got 8 x 8; .*--image-size 32.* another model"
    with pytest.raises(UsageError, match=sentence):
        build(2, 1, grid=(8, 8))
    assert build(2, 1, grid=(12, 12))(torch.randn(1, 1, 12, 12))[0].shape == (1, 84, 1, 1)
