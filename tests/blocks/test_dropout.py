"""Dropout drops what it says, as often as it says, and nothing when evaluating."""

import pytest
import torch

from multicnn.blocks import DROPS
from multicnn.errors import UsageError

KEPT_AXES = {"element": None, "channel": 2, "branch": 1}  # leading axes that have a coin of their own; None: all


def dropped(name, x):
    """Where the coin of each element, channel or sample fell on drop; fails if their cells disagree."""
    zero = x == 0
    coins = zero if KEPT_AXES[name] is None else zero.flatten(KEPT_AXES[name])[..., 0]
    shape = (*coins.shape, *[1] * (x.ndim - coins.ndim))
    assert torch.equal(zero, coins.view(shape).expand_as(x))
    return coins


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("name", sorted(DROPS))
def test_a_coin_falls_for_each_element_channel_or_sample(name, rank):
    coins = dropped(name, DROPS[name](0.3)(torch.ones(200, 20, *[3] * rank)))
    n = coins.numel()
    assert coins.float().mean().item() == pytest.approx(0.3, abs=4 * (0.3 * 0.7 / n) ** 0.5)


@pytest.mark.parametrize("name", sorted(DROPS))
def test_the_expectation_is_the_input(name):
    layer, x = DROPS[name](0.25), torch.randn(1, 4, 5, dtype=torch.float64)
    mean = layer(x.expand(20_000, -1, -1)).mean(0)
    deviation = x[0].abs() * (0.25 / 0.75 / 20_000) ** 0.5
    assert ((mean - x[0]).abs() < 5 * deviation).all()


@pytest.mark.parametrize("name", sorted(DROPS))
def test_what_is_kept_grows_by_one_over_what_is_kept(name):
    y = DROPS[name](0.2)(torch.full((50, 10, 4), 2.0))
    torch.testing.assert_close(y[y != 0], torch.full_like(y[y != 0], 2.5))


@pytest.mark.parametrize("name", sorted(DROPS))
def test_evaluation_is_the_identity(name):
    x = torch.randn(2, 3, 4)
    assert torch.equal(DROPS[name](0.9).eval()(x), x)
    assert torch.equal(DROPS[name](0.0)(x), x)


@pytest.mark.parametrize("name", sorted(DROPS))
def test_gradient_passes_where_the_input_passed(name):
    x = torch.ones(20, 10, 4, dtype=torch.float64, requires_grad=True)
    y = DROPS[name](0.5)(x)
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


@pytest.mark.parametrize("name", sorted(DROPS))
def test_half_precision_stays(name):
    assert DROPS[name](0.5)(torch.ones(4, 4, 4, dtype=torch.bfloat16)).dtype == torch.bfloat16


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5, float("nan")])
@pytest.mark.parametrize("name", sorted(DROPS))
def test_a_probability_outside_zero_to_one_is_refused(name, p):
    with pytest.raises(UsageError, match=rf"cannot drop with probability {p}; choose 0 <= p < 1"):
        DROPS[name](p)
