"""Norms against their formulas."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from multicnn.blocks import NORMS, norm
from multicnn.blocks.norm import lrn
from multicnn.errors import UsageError

RANKS = pytest.mark.parametrize("rank", [1, 2, 3])


def grid(rank, c=8):
    return torch.randn(4, c, *[3] * rank, dtype=torch.float64) * 2 + 1


def standard(x, cells):
    return (x - x.mean(cells, keepdims=True)) / np.sqrt(x.var(cells, keepdims=True) + 1e-5)


@RANKS
def test_batch_norm_standardises_each_channel_over_batch_and_grid(rank):
    x = grid(rank)
    expected = standard(x.numpy(), (0, *range(2, x.ndim)))
    np.testing.assert_allclose(norm("batch", rank, 8).double()(x).detach(), expected, atol=1e-10)


@RANKS
def test_batch_norm_evaluates_by_its_running_statistics(rank):
    x, layer = grid(rank), norm("batch", rank, 8).double()
    layer(x)
    flat = x.transpose(0, 1).flatten(1).numpy()
    shape = (1, 8, *[1] * rank)
    mean, variance = 0.1 * flat.mean(1), 0.9 + 0.1 * flat.var(1, ddof=1)
    expected = (x.numpy() - mean.reshape(shape)) / np.sqrt(variance.reshape(shape) + 1e-5)
    np.testing.assert_allclose(layer.eval()(x).detach(), expected, atol=1e-10)


@RANKS
@pytest.mark.parametrize("groups", [1, 2, 8])
def test_group_norm_standardises_each_sample_by_groups_of_channels(rank, groups):
    x = grid(rank)
    expected = standard(x.numpy().reshape(4, groups, -1), 2).reshape(x.shape)
    np.testing.assert_allclose(norm("group", rank, 8, groups=groups).double()(x).detach(), expected, atol=1e-10)


@given(st.integers(1, 2048))
def test_groups_divide_any_number_of_channels(c):
    layer = norm("group", 2, c)
    assert c % layer.num_groups == 0
    assert layer.num_groups == 1 or (layer.num_groups <= 32 and c // layer.num_groups >= 4)


def test_groups_are_the_papers_where_they_can_be():
    assert [norm("group", 2, c).num_groups for c in (128, 256, 512, 64, 100, 3)] == [32, 32, 32, 16, 25, 1]


def krizhevsky(x, n, k, alpha, beta):
    """Section 3.3 of the paper: the sum over channels max(0, i - n/2) to min(N - 1, i + n/2)."""
    y = np.empty_like(x)
    for i in range(x.shape[1]):
        near = x[:, max(0, i - n // 2) : min(x.shape[1] - 1, i + n // 2) + 1]
        y[:, i] = x[:, i] / (k + alpha * (near**2).sum(1)) ** beta
    return y


@RANKS
def test_local_response_norm_is_krizhevskys(rank):
    x = grid(rank)
    np.testing.assert_allclose(norm("lrn", rank, 8)(x), krizhevsky(x.numpy(), 5, 2.0, 1e-4, 0.75), rtol=1e-12)


@RANKS
def test_local_response_norm_takes_the_papers_letters(rank):
    x = grid(rank)
    y = lrn(rank, 8, n=3, k=1.0, alpha=0.5, beta=0.6)(x)
    np.testing.assert_allclose(y, krizhevsky(x.numpy(), 3, 1.0, 0.5, 0.6), rtol=1e-12)


@RANKS
@pytest.mark.parametrize("name", sorted(NORMS))
def test_gradient_is_the_derivative(name, rank):
    x = torch.randn(2, 4, *[2] * rank, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(norm(name, rank, 4).double(), x)


def test_none_is_the_identity():
    assert type(norm("none", 2, 8)) is nn.Identity


def test_an_unknown_norm_is_refused():
    with pytest.raises(UsageError, match=r"no norm named 'bach'; did you mean batch"):
        norm("bach", 2, 8)


def test_groups_that_do_not_divide_are_refused():
    with pytest.raises(UsageError, match=r"3 groups do not divide 8 channels; choose a divisor of 8"):
        norm("group", 2, 8, groups=3)


def test_groups_of_another_norm_are_refused():
    with pytest.raises(UsageError, match=r"no setting of norm 'batch' named 'groups'"):
        norm("batch", 2, 8, groups=2)
