"""Augments of series: pure functions of the sample and its key, that leave its end where it is."""

import pytest
import torch
from torch import Tensor

from multicnn.audio import AUGMENTS
from multicnn.audio.series import ChannelDrop, Excerpt, Jitter, Scaling, SeriesReader, TimeWarp, Turn
from multicnn.audio.series.augment import lengths, read, rotation
from multicnn.data.random import keys
from multicnn.errors import UsageError
from multicnn.train.augment import Augment

N, T, C = 8, 40, 7
ALL = [Jitter(), Scaling(), TimeWarp(), Excerpt(fraction=0.9), ChannelDrop(share=0.5), Turn()]
STILL = [
    Jitter(share=0),
    Scaling(strength=0),
    TimeWarp(strength=0),
    Excerpt(fraction=0),
    ChannelDrop(share=0),
    Turn(degrees=0),
]
KEPT = [Jitter(), Scaling(), TimeWarp(), ChannelDrop(share=0.5), Turn()]  # the length
ENDS = (40, 40, 30, 20, 10, 3, 2, 1)


def series() -> Tensor:
    x = torch.randn(N, T, C, generator=torch.Generator().manual_seed(0)) + torch.arange(C)
    for row, end in zip(x, ENDS, strict=True):
        row[end:] = torch.nan
    return x


def key(epoch: int = 0) -> Tensor:
    return keys(0, epoch, torch.arange(N))


def changed(augment: Augment, x: Tensor, epoch: int = 0) -> Tensor:
    out, y = augment(x, torch.eye(len(x)), key(epoch)[: len(x)])
    torch.testing.assert_close(y, torch.eye(len(x)), rtol=0, atol=0)
    return out


def same(a: Tensor, b: Tensor) -> None:
    torch.testing.assert_close(a, b, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("augment", ALL)
def test_the_same_key_gives_the_same_series_and_another_key_another(augment):
    first, again, other = (changed(augment, series(), e) for e in (0, 0, 1))
    same(first, again)
    assert first.shape == series().shape
    assert (first[:4].nan_to_num(9) != other[:4].nan_to_num(9)).flatten(1).any(1).float().mean() > 0.7


@pytest.mark.parametrize("augment", ALL)
def test_a_series_does_not_depend_on_its_batch(augment):
    together, order = changed(augment, series()), torch.tensor([5, 2, 7])
    alone, _ = augment(series()[order], torch.eye(3), key()[order])
    torch.testing.assert_close(alone, together[order], rtol=1e-5, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("augment", ALL)
def test_the_given_batch_is_left_alone(augment):
    x = series()
    changed(augment, x)
    same(x, series())


@pytest.mark.parametrize("augment", STILL)
def test_no_strength_changes_nothing(augment):
    same(changed(augment, series()), series())


@pytest.mark.parametrize("augment", KEPT)
def test_the_end_stays_where_it_is(augment):
    assert lengths(changed(augment, series())).tolist() == list(ENDS)
    assert changed(augment, series()).isnan().equal(series().isnan())


@pytest.mark.parametrize("augment", ALL)
def test_padding_changes_no_step(augment):
    x = series()
    if isinstance(augment, Jitter):
        return  # its noise is drawn for the whole window, which is one for all batches of a run
    padded = torch.cat([x, torch.full((N, 5, C), torch.nan)], dim=1)
    torch.testing.assert_close(
        changed(augment, padded)[:, :T], changed(augment, x), rtol=1e-5, atol=1e-6, equal_nan=True
    )


def test_jitter_is_a_share_of_each_channels_own_deviation():
    x = torch.randn(1, 5_000, 2, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 100.0])
    noise = changed(Jitter(share=0.1), x) - x
    torch.testing.assert_close(noise.std(1) / x.std(1), torch.tensor([[0.1, 0.1]]), rtol=0.05, atol=0)


def test_a_stretch_keeps_each_channels_mean():
    x = series()
    out = changed(Scaling(strength=0.5), x)
    torch.testing.assert_close(out.nanmean(1), x.nanmean(1), rtol=1e-4, atol=1e-5)
    ratio = (out - out.nanmean(1, keepdim=True)) / (x - x.nanmean(1, keepdim=True))
    torch.testing.assert_close(ratio[0, 0], ratio[0, 30], rtol=1e-2, atol=1e-2)


def test_a_warp_keeps_order_start_and_end():
    ramp = torch.arange(20.0).expand(4, 20)[..., None]
    out = changed(TimeWarp(strength=1.0), ramp)[..., 0]
    assert (out.diff(dim=1) >= 0).all()
    torch.testing.assert_close(out[:, [0, -1]], torch.tensor([[0.0, 19.0]]).expand(4, 2), rtol=1e-5, atol=1e-4)
    assert (out - ramp[..., 0]).abs().amax(1).min() > 0.5


def test_an_excerpt_is_a_stretch_of_the_series_and_holds_one_step_at_least():
    ramp = torch.arange(40.0).expand(N, T)[..., None].clone()
    ramp[7, 1:] = torch.nan
    out = changed(Excerpt(fraction=1.0), ramp)[..., 0]
    for row in out:
        kept = row[~row.isnan()]
        assert len(kept) >= 1
        assert (kept.diff() == 1).all()
    assert len({int((~row.isnan()).sum()) for row in out}) > 3


def test_a_dropped_channel_rests_at_its_mean_and_one_stays():
    x = series()[:4]
    out = changed(ChannelDrop(share=1.0), x)
    still = (out - x.nanmean(1, keepdim=True)).nan_to_num(0).abs().amax(1) < 1e-6
    assert still.sum(1).tolist() == [C - 1] * 4


def test_a_turn_is_one_rotation_of_each_sensor():
    x = series()[:2]
    out = changed(Turn(degrees=90), x)
    for sensor in (slice(0, 3), slice(3, 6)):
        torch.testing.assert_close(out[..., sensor].norm(dim=2), x[..., sensor].norm(dim=2), rtol=1e-5, atol=1e-5)
    same(out[..., 6:], x[..., 6:])
    turned = torch.linalg.lstsq(x[0, :, :3], out[0, :, :3]).solution
    other = torch.linalg.lstsq(x[0, :, 3:6], out[0, :, 3:6]).solution
    torch.testing.assert_close(turned, other, rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(turned @ turned.T, torch.eye(3), rtol=1e-3, atol=1e-4)


def test_a_rotation_turns_a_right_angle_round_an_axis():
    found = rotation(torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[torch.pi / 2]]))
    torch.testing.assert_close(torch.tensor([[1.0, 0, 0]]) @ found[0], torch.tensor([[0.0, 1, 0]]), rtol=0, atol=1e-6)


def test_between_two_steps_lies_a_straight_line():
    x = torch.tensor([[[0.0], [10], [20], [torch.nan]]])
    found = read(x, torch.tensor([[0.0, 0.25, 1.5, 1.0]]))
    torch.testing.assert_close(found[0, :3, 0], torch.tensor([0.0, 2.5, 15.0]))
    assert found[0, 3].isnan()


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Excerpt(fraction=1.5), r"excerpt\.fraction is 1\.5; it must be from 0 to 1"),
        (lambda: ChannelDrop(share=-1), r"channel-drop\.share is -1"),
        (lambda: TimeWarp(knots=0), r"time-warp\.knots is 0; it must be at least 1"),
        (lambda: Turn()(torch.zeros(1, 5, 2), torch.eye(1), key()[:1]), "augment turn: the series have 2 channels"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(build, says):
    with pytest.raises(UsageError, match=says):
        build()


def test_all_are_for_series_alone():
    found = {name for name, build in AUGMENTS.items() if getattr(build, "reads", None) is SeriesReader}
    assert found == {"jitter", "scaling", "time-warp", "excerpt", "channel-drop", "turn"}
