"""Augments of sounds: pure functions of the sample and its key."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from multicnn.audio import AUGMENTS
from multicnn.audio.augment import Gain, Noise, Roll, Shift, SpecAugment, Speed, Warp
from multicnn.audio.reader import Hearing
from multicnn.audio.speech.augment import Stretch
from multicnn.data.random import keys
from multicnn.errors import UsageError
from multicnn.train.augment import Augment

RAW = [Gain(), Shift(), Roll(), Speed(), Noise()]
N, T = 8, 1_000


def raw(seed: int = 0) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    return torch.randint(-20_000, 20_000, (N, T), dtype=torch.int16, generator=random)


def grid(seed: int = 0) -> Tensor:
    return torch.randn(N, 1, 40, 50, generator=torch.Generator().manual_seed(seed))


def key(epoch: int = 0) -> Tensor:
    return keys(0, epoch, torch.arange(N))


def answers() -> Tensor:
    return torch.eye(N)


CASES = [*((a, raw) for a in RAW), (SpecAugment(), grid), (Warp(), grid)]


@pytest.mark.parametrize(("augment", "batch"), CASES)
def test_the_same_key_gives_the_same_sound_and_another_key_another(augment: Augment, batch: Callable[[], Tensor]):
    first, y = augment(batch(), answers(), key())
    again, _ = augment(batch(), answers(), key())
    other, _ = augment(batch(), answers(), key(1))
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    torch.testing.assert_close(y, answers(), rtol=0, atol=0)
    assert first.shape == batch().shape
    assert first.dtype == torch.float32
    assert all((first[i] != other[i]).any() for i in range(N))


@pytest.mark.parametrize(("augment", "batch"), CASES)
def test_a_sample_does_not_depend_on_its_batch(augment: Augment, batch: Callable[[], Tensor]):
    together, _ = augment(batch(), answers(), key())
    order = torch.tensor([5, 2, 7])
    alone, _ = augment(batch()[order], answers()[order], key()[order])
    torch.testing.assert_close(alone, together[order], rtol=0, atol=0)


@pytest.mark.parametrize(("augment", "batch"), CASES)
def test_the_given_batch_is_left_alone(augment: Augment, batch: Callable[[], Tensor]):
    x = batch()
    augment(x, answers(), key())
    torch.testing.assert_close(x, batch(), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("augment", "batch"),
    [
        (Gain(db=0), raw),
        (Shift(fraction=0), raw),
        (Roll(fraction=0), raw),
        (Speed(semitones=0), raw),
        (Noise(low=400, high=400), raw),
        (SpecAugment(width=0, length=0), grid),
        (Warp(time=0, bands=0), grid),
    ],
)
def test_no_strength_changes_nothing(augment: Augment, batch: Callable[[], Tensor]):
    x = batch()
    out, _ = augment(x, answers(), key())
    torch.testing.assert_close(out, x.float() / 32768 if x.dtype == torch.int16 else x, rtol=0, atol=1e-7)


def test_floating_sound_is_taken_as_it_is():
    whole, _ = Gain()(raw(), answers(), key())
    floating, _ = Gain()(raw() / 32768, answers(), key())
    torch.testing.assert_close(whole, floating, rtol=0, atol=0)


def test_gain_is_within_its_bounds_in_db():
    out, _ = Gain(db=6)(raw(), answers(), key())
    ratio = 20 * torch.log10(out.norm(dim=1) / (raw() / 32768).norm(dim=1))
    assert ratio.abs().max() <= 6.0001
    assert ratio.max() - ratio.min() > 3


@pytest.mark.parametrize(("augment", "wraps"), [(Shift(fraction=0.2), False), (Roll(fraction=0.2), True)])
def test_moves_are_whole_and_bounded(augment: Augment, wraps: bool):
    out, _ = augment(raw(), answers(), key())
    for before, after in zip((raw() / 32768).numpy(), out.numpy(), strict=True):
        moved = {move: np.roll(before, move) for move in range(-200, 201)}
        if not wraps:
            for move, sound in moved.items():
                sound[: max(move, 0)] = 0
                sound[T + min(move, 0) :] = 0
        assert sum(np.array_equal(after, sound) for sound in moved.values()) == 1


def test_noise_has_the_ratio_asked_for_and_leaves_silence():
    x = torch.cat([raw()[:4], torch.zeros(4, T, dtype=torch.int16)])
    out, _ = Noise(low=20, high=20)(x, answers(), key())
    noise = out - x.float() / 32768
    ratio = 10 * torch.log10((x[:4].float() / 32768).square().mean(1) / noise[:4].square().mean(1))
    torch.testing.assert_close(ratio, torch.full((4,), 20.0), rtol=0, atol=0.6)
    assert not out[4:].any()


def test_speed_moves_the_pitch_by_the_semitones_it_says():
    t = torch.arange(8_000) / 16_000
    x = torch.sin(2 * torch.pi * 1_000 * t).repeat(N, 1)
    out, _ = Speed(semitones=3)(x, answers(), key())
    peaks = torch.fft.rfft(out[:, :6_000] * torch.hann_window(6_000)).abs().argmax(1) * 16_000 / 6_000
    semitones = 12 * torch.log2(peaks / 1_000)
    assert semitones.abs().max() <= 3.05
    assert semitones.max() - semitones.min() > 2


@pytest.mark.parametrize("shape", [(N, 1, 40, 50), (N, 40, 50)])
def test_masks_are_whole_bands_and_frames_within_their_bounds(shape: tuple[int, ...]):
    ones = torch.ones(shape)
    hidden = (SpecAugment(bands=1, width=0.2, times=1, length=0.1)(ones, answers(), key())[0] == 0).view(N, 40, 50)
    bands, frames = hidden.all(2), hidden.all(1)
    torch.testing.assert_close(hidden, bands[:, :, None] | frames[:, None, :])
    assert bands.sum(1).max() <= 8
    assert frames.sum(1).max() <= 5
    assert hidden.any((1, 2)).sum() > N // 2
    for mask in (*bands, *frames):
        assert (mask.int().diff() == 1).sum() <= 1


@pytest.mark.parametrize("shape", [(N, 2, 40, 50), (N, 40, 50)])
def test_a_warp_stretches_bands_and_time_by_the_shares_it_says(shape: tuple[int, ...]):
    ramp = torch.arange(50.0).expand(shape)
    across = Warp(time=0.2, bands=0.0)(ramp, answers(), key())[0].reshape(N, -1, 50)[:, 0]
    ratio = (across[:, 30] - across[:, 0]) / 30
    assert ratio.sub(1).abs().max() <= 0.2
    assert ratio.max() - ratio.min() > 0.1
    torch.testing.assert_close(across, (ratio[:, None] * torch.arange(50)).clamp(max=49), rtol=1e-4, atol=1e-3)
    if len(shape) == 4:
        rows = torch.arange(40.0)[:, None].expand(shape)
        down = Warp(time=0.0, bands=0.1)(rows, answers(), key())[0][:, 0, :, 0]
        assert (down[:, 20] / 20 - 1).abs().max() <= 0.1
        assert down[:, 0].abs().max() < 1e-4


def test_every_augment_of_the_table_runs_in_its_stage():
    for build in AUGMENTS.values():
        if hasattr(build, "only") or getattr(build, "reads", Hearing) is not Hearing:
            continue  # for answers or samples of another kind
        augment = build()
        x = raw() if augment.stage == "raw" else grid()
        out, y = augment(x, answers(), key())
        assert out.shape == x.shape or build is Stretch  # which makes room for slower ones
        torch.testing.assert_close(y.sum(1), torch.ones(N))


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Shift(fraction=1.5), r"shift\.fraction is 1\.5; it must be from 0 to 1"),
        (lambda: Roll(fraction=-1), r"roll\.fraction is -1"),
        (lambda: SpecAugment(width=2), r"specaugment\.width is 2"),
        (lambda: SpecAugment(length=2), r"specaugment\.length is 2"),
        (lambda: Warp(time=1), r"warp\.time is 1"),
        (lambda: Warp(bands=-0.1), r"warp\.bands is -0\.1"),
        (lambda: Noise(low=9, high=3), "noise from 9 to 3 dB"),
    ],
)
def test_strengths_out_of_range_are_refused(build: Callable[[], Augment], says: str):
    with pytest.raises(UsageError, match=says):
        build()
