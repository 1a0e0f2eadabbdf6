"""Augments: pure functions of each sample and its key, with the distributions they promise."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats
from torch import Tensor

from multicnn.data.random import keys, uniform
from multicnn.errors import UsageError
from multicnn.image import AUGMENTS
from multicnn.image.colours import Blur, Brightness, Colour, Contrast, Grey, Noise
from multicnn.image.moves import Crop, Flip, FlipVertical, Shift
from multicnn.image.patches import CutMix, Cutout
from multicnn.image.warps import Affine, CropResize, Perspective, affine, planes, rotate, scale
from multicnn.names import schema
from multicnn.train.augment import partner
from multicnn.train.mixup import Mixup, beta

MIXING = ("mixup", "cutmix")
ALONE = [name for name in AUGMENTS if name not in MIXING]
UNFIT = (("flip-depth", 2), ("perspective", 3))
ON_BOTH = [(name, rank) for name in AUGMENTS for rank in (2, 3) if (name, rank) not in UNFIT]
ALONE_ON_BOTH = [case for case in ON_BOTH if case[0] not in MIXING]


def key(n: int, seed: int = 0) -> Tensor:
    return keys(seed, 0, torch.arange(n))


def noise(n: int, channels: int = 3, height: int = 12, width: int = 16) -> Tensor:
    return torch.randn(n, channels, height, width, generator=torch.Generator().manual_seed(1))


def batch(n: int, name: str, rank: int = 2) -> Tensor:
    """Stored pixels for what acts on these, a normalised grid for the others; pictures or volumes."""
    x = noise(n) if rank == 2 else noise(n, 3, 4, 8 * 9).view(n, 3, 4, 8, 9)
    return (128 + 50 * x).clamp(0, 255).byte() if AUGMENTS[name]().stage == "raw" else x


def labels(n: int, k: int = 5) -> Tensor:
    return torch.eye(k)[torch.arange(n) % k]


@pytest.mark.parametrize(("name", "rank"), ON_BOTH)
def test_same_key_gives_the_same_and_another_key_another(name: str, rank: int) -> None:
    augment, x, y = AUGMENTS[name](), batch(16, name, rank), labels(16)
    before = x.clone()
    one, again, other = augment(x, y, key(16)), augment(x, y, key(16)), augment(x, y, key(16, seed=1))
    assert torch.equal(x, before)  # the batch itself is left alone
    assert torch.equal(one[0], again[0])
    assert torch.equal(one[1], again[1])
    assert not torch.equal(one[0], other[0])
    assert (one[0].shape, one[0].dtype) == (x.shape, x.dtype)


@pytest.mark.parametrize(("name", "rank"), ALONE_ON_BOTH)
@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(9)), size=st.integers(1, 9))
def test_sample_does_not_depend_on_its_neighbours(name: str, rank: int, order: list[int], size: int) -> None:
    augment, x, y, k = AUGMENTS[name](), batch(9, name, rank), labels(9), key(9)
    whole, _ = augment(x, y, k)
    rows = order[:size]
    some, answers = augment(x[rows], y[rows], k[rows])
    torch.testing.assert_close(some, whole[rows], rtol=0, atol=1e-6)
    assert torch.equal(answers, y[rows])


@pytest.mark.parametrize("name", MIXING)
@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(4)), pairs=st.integers(1, 4))
def test_pair_does_not_depend_on_other_pairs(name: str, order: list[int], pairs: int) -> None:
    augment, x, y, k = AUGMENTS[name](), noise(8), labels(8), key(8)
    whole = augment(x, y, k)
    rows = [2 * j + side for j in order[:pairs] for side in (0, 1)]
    some = augment(x[rows], y[rows], k[rows])
    assert torch.equal(some[0], whole[0][rows])
    assert torch.equal(some[1], whole[1][rows])


@pytest.mark.parametrize(
    "augment",
    [
        Flip(p=0),
        FlipVertical(p=0),
        rotate(degrees=0),
        scale(low=1, high=1),
        Affine(degrees=0, low=1, high=1, shift=0),
        Shift(fraction=0),
        Crop(padding=0),
        Perspective(amount=0),
        CropResize(low=1, narrow=16 / 12, wide=16 / 12),
        Blur(sigma=0),
        Noise(sigma=0),
        Brightness(amount=0),
        Contrast(amount=0),
        Cutout(fraction=0),
        Colour(saturation=0, hue=0, gamma=0, gain=0),
        Grey(p=0),
    ],
    ids=lambda a: type(a).__name__,
)
def test_strength_zero_changes_nothing(augment: Any) -> None:
    x = batch(6, "colour") if augment.stage == "raw" else noise(6)
    torch.testing.assert_close(augment(x, labels(6), key(6))[0], x, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", MIXING)
def test_odd_last_sample_stays_itself(name: str) -> None:
    x, y = noise(5), labels(5)
    out, answers = AUGMENTS[name]()(x, y, key(5))
    torch.testing.assert_close(out[4], x[4])
    torch.testing.assert_close(answers[4], y[4])


def test_flips_are_exact_and_half_of_the_samples() -> None:
    x = noise(4000, channels=1, height=3, width=4)
    for augment, axis in ((Flip(), 3), (FlipVertical(), 2)):
        out, _ = augment(x, labels(4000), key(4000))
        flipped = (out == x.flip(axis)).flatten(1).all(1)
        kept = (out == x).flatten(1).all(1)
        assert (flipped ^ kept).all()
        assert stats.binomtest(int(flipped.sum()), 4000, 0.5).pvalue > 1e-4


@pytest.mark.parametrize(("augment", "down", "right"), [(Shift(fraction=0.25), 3, 4), (Crop(padding=2), 2, 2)])
def test_shifts_are_whole_pixels_and_all_equally_likely(augment: Any, down: int, right: int) -> None:
    """A picture of distinct numbers shows where it went; what came in is 0."""
    n, height, width = 4000, 12, 16
    x = (torch.arange(height * width).view(1, 1, height, width) + 1.0).expand(n, 1, -1, -1)
    out, _ = augment(x, labels(n), key(n))
    padded = np.pad(x[0, 0].numpy(), ((down, down), (right, right)))
    places = {
        padded[i : i + height, j : j + width].tobytes(): (i, j)
        for i in range(2 * down + 1)
        for j in range(2 * right + 1)
    }
    found = [places[picture.numpy().tobytes()] for picture in out[:, 0]]
    counts = [found.count(place) for place in places.values()]
    assert stats.chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_rotation_by_90_degrees_is_rot90(turns: int) -> None:
    x = noise(2, height=9, width=9)
    angle = torch.full((2,), turns * math.pi / 2)
    out = planes(x, affine(angle, torch.ones(2), torch.zeros(2), torch.zeros(2, 2), 1.0))
    torch.testing.assert_close(out, torch.rot90(x, turns, (2, 3)), atol=1e-5, rtol=0)


def test_affine_uses_the_whole_range_of_its_settings() -> None:
    """Measured on a dot right of the centre: where it goes is the angle and the scale."""
    n, side = 600, 65
    x = torch.zeros(1, 1, side, side)
    x[:, :, 32, 52] = 1
    x = x.expand(n, -1, -1, -1)
    out, _ = Affine(degrees=30, low=0.8, high=1.25, shift=0)(x, labels(n), key(n))
    mass = out[:, 0]
    place = torch.arange(side) - 32.0
    right = (mass * place).sum((1, 2)) / mass.sum((1, 2))
    down = (mass * place[:, None]).sum((1, 2)) / mass.sum((1, 2))
    angle = torch.rad2deg(torch.atan2(down, right))
    factor = torch.hypot(down, right) / 20
    assert stats.kstest(angle.numpy(), "uniform", (-30, 60)).pvalue > 1e-4
    assert stats.kstest(factor.numpy(), "uniform", (0.8, 0.45)).pvalue > 1e-4


def test_blur_is_scipys_gaussian() -> None:
    x, k = noise(6), key(6)
    out, _ = Blur(sigma=1.5)(x, labels(6), k)
    sigma = 1.5 * uniform(k, 1)[:, 0]
    for picture, given_picture, deviation in zip(out, x, sigma, strict=True):
        expected = ndimage.gaussian_filter(
            given_picture.double().numpy(), (0, float(deviation), float(deviation)), mode="nearest", radius=(0, 5, 5)
        )
        np.testing.assert_allclose(picture.numpy(), expected, atol=1e-5)


def test_brightness_adds_one_number_to_the_whole_picture() -> None:
    x = noise(500)
    added = (Brightness(amount=0.3)(x, labels(500), key(500))[0] - x).flatten(1)
    assert (added.amax(1) - added.amin(1)).max() < 1e-6
    assert stats.kstest(added[:, 0].numpy(), "uniform", (-0.3, 0.6)).pvalue > 1e-4


def test_contrast_keeps_the_mean_and_scales_the_deviation() -> None:
    x = noise(500)
    out, _ = Contrast(amount=0.4)(x, labels(500), key(500))
    torch.testing.assert_close(out.mean((1, 2, 3)), x.mean((1, 2, 3)), atol=1e-6, rtol=0)
    factor = out.flatten(1).std(1) / x.flatten(1).std(1)
    assert stats.kstest(factor.numpy(), "uniform", (0.6, 0.8)).pvalue > 1e-4


def test_cutout_blanks_one_square_cut_by_the_border() -> None:
    x = torch.ones(2000, 2, 20, 30)
    out, _ = Cutout(fraction=0.4)(x, labels(2000), key(2000))
    assert torch.equal(out[:, 0], out[:, 1])
    hole = out[:, 0] == 0
    rows, columns = hole.any(2), hole.any(1)
    assert torch.equal(hole, rows[:, :, None] & columns[:, None, :])
    assert rows.sum(1).max() == columns.sum(1).max() == 8
    assert rows.sum(1).min() == columns.sum(1).min() == 4  # the centre is always inside
    centres = hole[:, :, 15].sum()
    assert stats.binomtest(int((hole.sum((1, 2)) == 64).sum()), 2000, 13 / 20 * 23 / 30).pvalue > 1e-4
    assert centres > 0


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.5, 1.0, 3.0, 20.0])
def test_beta_draws_have_the_beta_distribution(alpha: float) -> None:
    """Compared in the lower half: in the upper one float32 rounds small alphas' draws to 1."""
    draws = beta(key(9000), alpha).double().numpy()
    low = draws[draws < 0.5]
    half = stats.beta(alpha, alpha)
    assert stats.kstest(low, lambda v: half.cdf(v) / 0.5).pvalue > 1e-4
    assert stats.binomtest(len(low), len(draws), 0.5).pvalue > 1e-4


def test_mixup_fades_pictures_and_answers_alike() -> None:
    x, y = noise(40), labels(40)
    out, answers = Mixup(alpha=1.0)(x, y, key(40))
    other = partner(40, x.device)
    own = answers.gather(1, y.argmax(1, keepdim=True))
    torch.testing.assert_close(out, own[..., None, None] * x + (1 - own[..., None, None]) * x[other])
    torch.testing.assert_close(answers, own * y + (1 - own) * y[other])
    assert torch.equal(own[0::2], own[1::2])  # one share for both partners
    assert len(own.unique()) == 20


def test_mixing_keeps_the_mean_of_pictures_and_of_answers() -> None:
    x, y = noise(40), labels(40)
    for augment in (Mixup(alpha=0.4), CutMix()):
        out, answers = augment(x, y, key(40))
        torch.testing.assert_close(out.mean(0), x.mean(0), atol=1e-5, rtol=0)
        torch.testing.assert_close(answers.mean(0), y.mean(0))
        torch.testing.assert_close(answers.sum(1), torch.ones(40))


def test_cutmix_answer_is_the_share_of_pixels() -> None:
    n = 200
    x = torch.arange(n).float().view(n, 1, 1, 1).expand(n, 3, 13, 17)
    y = torch.eye(n)
    out, answers = CutMix()(x, y, key(n))
    own = (out == x)[:, 0].double().mean((1, 2))
    other = partner(n, x.device)
    assert torch.equal(out, torch.where(out == x, x, x[other]))
    torch.testing.assert_close(answers.diagonal().double(), own, atol=1e-6, rtol=0)
    torch.testing.assert_close(answers[torch.arange(n), other].double(), 1 - own, atol=1e-6, rtol=0)
    assert len(own.unique()) > 50


def test_scale_below_nothing_and_alpha_of_nothing_are_refused() -> None:
    with pytest.raises(UsageError, match="low must be above 0"):
        scale(low=0.0)
    with pytest.raises(UsageError, match=r"mixup\.alpha is 0"):
        Mixup(alpha=0)
    with pytest.raises(UsageError, match=r"cutmix\.alpha is -1"):
        CutMix(alpha=-1)


def test_stage_is_no_setting() -> None:
    for build in AUGMENTS.values():
        assert "stage" not in schema(build)
        assert build().stage in ("raw", "grid")
