"""The whitening layer against torch's own patches and against what whitening means."""

import pytest
import torch
from torch.nn import functional

from multicnn.blocks import Whiten
from multicnn.blocks.whiten import LEAST, patches


def smooth(rank: int, c: int = 2) -> torch.Tensor:
    """Neighbouring cells, and the channels, are alike."""
    x = torch.randn(16, c, *[14] * rank)
    for axis in range(2, rank + 2):
        x = x + x.roll(1, axis) + x.roll(2, axis)
    return x + 0.5 * x.flip(1)


def test_patches_are_those_of_torch():
    x = torch.randn(3, 2, 5, 6)
    assert torch.equal(patches(x, 3), functional.unfold(x, 3).mT.flatten(0, 1))


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kernel", [2, 3])
def test_answers_within_the_grid_are_white(rank, kernel):
    x = smooth(rank)
    layer = Whiten(rank, 2, kernel=kernel)
    layer.fit([x[:5], x[5:]])
    inside = (..., *[slice(kernel - 1, 1 - kernel)] * rank)
    rows = layer(x)[inside].movedim(1, -1).flatten(0, -2)
    half = rows.shape[1] // 2
    assert torch.equal(rows[:, :half], -rows[:, half:])
    moments = rows[:, :half].T @ rows[:, :half] / len(rows)
    off = moments - torch.diag(moments.diag())
    assert off.abs().max() < 0.15  # the rim is left out here, but was measured
    assert moments.diag().max() < 1.2


def test_a_variance_becomes_nearly_one_and_none_is_blown_up():
    x = torch.zeros(4, 1, 50)
    x[:, 0, ::2] = torch.randn(4, 25)
    flat = torch.cat([x, torch.zeros_like(x)], 1)  # a channel in which nothing varies
    layer = Whiten(1, 2, kernel=1)
    layer.fit([flat])
    variance = x.square().mean()
    expected = torch.tensor([(variance / (variance + LEAST)), 0.0])
    torch.testing.assert_close(layer(flat)[:, :2].square().mean((0, 2)), expected)


def test_only_the_bias_learns_and_the_grid_keeps_its_size():
    layer = Whiten(2, 3, kernel=2)
    assert [name for name, _ in layer.named_parameters()] == ["bias"]
    assert layer(torch.randn(2, 3, 7, 8)).shape == (2, 24, 7, 8)
    assert layer.state_dict()["filters"].shape == (24, 3, 2, 2)
