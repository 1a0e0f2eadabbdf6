"""Pooling against the sums of its definition."""

from math import ceil as round_up

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.blocks import GLOBAL_POOLS, POOLS, GaussianPool, GlobalPool, LpPool, pool
from multicnn.errors import UsageError


def gaussian_mean(cells, places, centre, sigma):
    weights = [np.exp(-sum((a - b) ** 2 for a, b in zip(p, centre, strict=True)) / (2 * sigma**2)) for p in places]
    return sum(w * c for w, c in zip(weights, cells, strict=True)) / sum(weights)


def definition(name, cells, places, centre, kernel):
    """One window: the values (b, c) of its cells on the grid, their places, and the window's centre."""
    if name == "gaussian":
        return gaussian_mean(cells, places, centre, max(kernel) / 4)
    cells = np.stack(cells)
    rules = {"max": cells.max(0), "average": cells.mean(0), "sum": cells.sum(0), "l2": np.sqrt((cells**2).sum(0))}
    return rules[name]


def pooled(name, x, kernel, stride, padding, ceil):
    grid = x.shape[2:]
    windows = [range(-p, n + p - k + 1, s) for n, k, s, p in zip(grid, kernel, stride, padding, strict=True)]
    if ceil:  # as many as cover the padded grid, but none that starts behind the grid
        sides = zip(grid, kernel, stride, padding, strict=True)
        counts = [round_up((n + 2 * p - k) / s) + 1 for n, k, s, p in sides]
        starts = [[s * t - p for t in range(m)] for m, s, p in zip(counts, stride, padding, strict=True)]
        windows = [[a for a in side if a < n] for side, n in zip(starts, grid, strict=True)]
    out = np.zeros((*x.shape[:2], *map(len, windows)))
    for t in np.ndindex(*out.shape[2:]):
        first = [side[i] for side, i in zip(windows, t, strict=True)]
        places = [tuple(a + b for a, b in zip(first, u, strict=True)) for u in np.ndindex(*kernel)]
        places = [p for p in places if all(0 <= a < n for a, n in zip(p, grid, strict=True))]
        centre = [a + (k - 1) / 2 for a, k in zip(first, kernel, strict=True)]
        out[:, :, *t] = definition(name, [x[:, :, *p] for p in places], places, centre, kernel)
    return out


@st.composite
def pools(draw):
    """A pooling and a grid; every second one with windows that do not overlap."""
    rank = draw(st.integers(1, 3))
    axes = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(rank))  # noqa: E731
    kernel = axes(1, 4)
    stride = kernel if draw(st.booleans()) else axes(1, 4)
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    grid = tuple(draw(st.integers(k, k + 4 - rank + 1)) for k in kernel)
    return rank, grid, kernel, stride, padding, draw(st.booleans())


@settings(deadline=None, max_examples=120)
@given(st.sampled_from(sorted(POOLS)), pools())
def test_forward_is_the_definition_over_the_cells_that_exist(name, case):
    rank, grid, kernel, stride, padding, ceil = case
    x = np.random.default_rng(0).normal(size=(2, 2, *grid))
    y = pool(name, rank, kernel, stride=stride, padding=padding, ceil=ceil).double()(torch.from_numpy(x)).numpy()
    expected = pooled(name, x, kernel, stride, padding, ceil)
    tolerance = 1e-6 if name == "gaussian" else 1e-10  # its weights are stored in float32
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("name", sorted(POOLS))
def test_gradient_is_the_derivative(name, rank):
    x = torch.randn(1, 2, *[4] * rank, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(pool(name, rank, 3, stride=2, padding=1).double(), x)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_windows_are_disjoint_unless_a_stride_is_given(rank):
    assert pool("max", rank, 3)(torch.zeros(1, 1, *[9] * rank)).shape[2:] == (3,) * rank
    assert pool("max", rank, 3, stride=2)(torch.zeros(1, 1, *[9] * rank)).shape[2:] == (4,) * rank


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_gradient_of_max_goes_to_the_arg_max_alone(rank):
    x = torch.randperm(4**rank).double().reshape(1, 1, *[4] * rank).requires_grad_()
    y = pool("max", rank, 2)(x)
    y.sum().backward()
    assert torch.equal(x.grad == 1, torch.isin(x.detach(), y.detach()))
    assert x.grad.sum() == y.numel()


def test_gradient_of_max_is_not_shared_by_equal_cells():
    x = torch.ones(1, 1, 4, requires_grad=True)
    pool("max", 1, 2)(x).sum().backward()
    assert x.grad.tolist() == [[[1, 0, 1, 0]]]


def test_overlapping_windows_add_their_gradients():
    x = torch.tensor([[[0.0, 5.0, 1.0]]], requires_grad=True)
    pool("max", 1, 2, stride=1)(x).sum().backward()
    assert x.grad.tolist() == [[[0, 2, 0]]]


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0, 10.0])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_lp_is_the_papers_norm_for_any_p(rank, p):
    x = torch.randn(2, 3, *[4] * rank, dtype=torch.float64)
    y = LpPool(rank, 4, p=p)(x).flatten(1)
    np.testing.assert_allclose(y, (np.abs(x.numpy()).reshape(2, 3, -1) ** p).sum(2) ** (1 / p), rtol=1e-10)


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e-12, 1e-4])
@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0, 10.0])
def test_gradient_of_lp_is_finite_at_and_near_zero(p, scale):
    x = (torch.randn(1, 1, 64) * scale).requires_grad_()
    LpPool(1, 4, p=p)(x).sum().backward()
    assert x.grad.isfinite().all()
    assert x.grad.abs().max() <= 1.001  # as of any norm


def test_lp_does_not_overflow_in_half_precision():
    y = LpPool(1, 2)(torch.full((1, 1, 2), 300.0, dtype=torch.float16))  # 300^2 does not fit
    assert y.dtype == torch.float16
    assert y.item() == pytest.approx(300 * 2**0.5, rel=1e-3)


@pytest.mark.parametrize("p", [0.5, 0.0, -1.0, float("inf"), float("nan")])
def test_a_p_that_makes_no_norm_is_refused(p):
    with pytest.raises(UsageError, match=r"makes no norm; choose p >= 1, or max pooling for infinity"):
        LpPool(2, 2, p=p)


def test_gaussian_sigma_goes_from_the_centre_cell_to_the_average():
    x = torch.randn(1, 1, 5, 5)
    narrow, wide = GaussianPool(2, 5, sigma=0.01)(x), GaussianPool(2, 5, sigma=1e4)(x)
    assert narrow.item() == pytest.approx(x[0, 0, 2, 2].item())
    assert wide.item() == pytest.approx(x.mean().item(), abs=1e-6)


def test_gaussian_weighs_by_distance():
    layer = GaussianPool(1, 3, sigma=1.0)
    weights = [layer(torch.eye(3)[i].view(1, 1, 3)).item() for i in range(3)]
    assert weights == pytest.approx(np.exp([-0.5, 0, -0.5]) / (1 + 2 * np.exp(-0.5)))


def test_gaussian_has_nothing_to_learn_or_to_save():
    layer = GaussianPool(2, 3)
    assert not list(layer.parameters())
    assert not layer.state_dict()


def test_a_sigma_of_zero_is_refused():
    with pytest.raises(UsageError, match=r"sigma = 0 makes no Gaussian; choose a number of cells above 0"):
        GaussianPool(2, 3, sigma=0)


def test_an_unknown_pooling_is_refused():
    with pytest.raises(UsageError, match=r"no pooling named 'avrage'; did you mean average"):
        pool("avrage", 2, 2)


@pytest.mark.parametrize("name", sorted(POOLS))
def test_more_padding_than_half_the_kernel_is_refused(name):
    with pytest.raises(UsageError, match=r"padding \(2, 2\) is more than half the kernel \(3, 3\); choose less"):
        pool(name, 2, 3, padding=2)


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("name", sorted(GLOBAL_POOLS))
def test_global_pooling_is_one_window_over_the_grid(name, rank):
    x = torch.randn(2, 3, *[4] * rank, dtype=torch.float64)
    expected = pool(name, rank, 4)(x).flatten(1)
    torch.testing.assert_close(GlobalPool(name)(x), expected, rtol=1e-12, atol=1e-12)
    assert torch.autograd.gradcheck(GlobalPool(name), x.requires_grad_())


def test_gradients_of_global_pooling_are_single_or_finite():
    x = torch.zeros(1, 2, 3, 3, requires_grad=True)
    GlobalPool("max")(x).sum().backward()
    assert x.grad.count_nonzero() == 2
    x.grad = None
    GlobalPool("l2")(x).sum().backward()
    assert x.grad.count_nonzero() == 0


def test_an_unknown_global_pooling_is_refused():
    with pytest.raises(UsageError, match=r"no global pooling named 'mean'; "):
        GlobalPool("mean")
