"""Augments that take the stems along."""

import pytest
import torch

from multicnn.audio.stems.augment import Polarity, Remix, Slide
from multicnn.data.random import keys
from multicnn.errors import UsageError

KEY = keys(3, 1, torch.arange(6))


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    y = torch.randn(6, 3, 50, generator=torch.Generator().manual_seed(0))
    return y.sum(1), y


@pytest.mark.parametrize("augment", [Remix(), Polarity(), Slide()])
def test_the_new_mixture_is_the_sum_of_the_new_stems_and_a_function_of_the_keys(augment):
    x, y = batch()
    new_x, new_y = augment(x, y, KEY)
    torch.testing.assert_close(new_x, new_y.sum(1))
    assert not torch.equal(new_y, y)
    torch.testing.assert_close(augment(x, y, KEY)[1], new_y, rtol=0, atol=0)
    assert not torch.equal(augment(x, y, KEY + 2)[1], new_y)


def test_remix_deals_every_stem_once_each_kind_its_own_way():
    x, y = batch()
    _, dealt = Remix(db=0)(x, y, KEY)
    orders = []
    for k in range(3):
        same = torch.cdist(dealt[:, k], y[:, k]) < 1e-4
        assert same.sum(0).eq(1).all()
        assert same.sum(1).eq(1).all()
        orders.append(tuple(same.int().argmax(1).tolist()))
    assert len({*orders}) > 1


def test_gains_are_within_their_bounds():
    ones = torch.ones(4000, 1, 1)
    _, y = Remix(db=6)(ones[:, 0], ones, keys(0, 0, torch.arange(4000)))
    level = 20 * y.flatten().log10()
    assert level.abs().max() <= 6
    assert level.min() < -5.9
    assert level.max() > 5.9
    assert level.mean().abs() < 0.2


def test_polarity_turns_half_of_the_stems():
    ones = torch.ones(1000, 2, 1)
    _, y = Polarity()(ones[..., 0], ones, keys(0, 0, torch.arange(1000)))
    assert 0.45 < (y == 1).float().mean() < 0.55
    assert y.abs().eq(1).all()
    assert 0.45 < (y[:, 0] == y[:, 1]).float().mean() < 0.55


def test_slide_turns_each_stem_by_so_much_at_most():
    y = torch.zeros(500, 2, 100)
    y[..., 50] = 1
    _, moved = Slide(fraction=0.2)(y.sum(1), y, keys(0, 0, torch.arange(500)))
    place = moved.argmax(-1)
    assert moved.sum(-1).eq(1).all()
    assert place.min() == 30
    assert place.max() == 70
    assert (place[:, 0] != place[:, 1]).float().mean() > 0.9


def test_settings_out_of_range_are_refused():
    with pytest.raises(UsageError, match=r"remix.db is -1; it must be at least 0"):
        Remix(db=-1)
    with pytest.raises(UsageError, match=r"slide.fraction is 2; it must be from 0 to 1"):
        Slide(fraction=2)
