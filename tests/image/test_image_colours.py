"""Changes of colour against torchvision; noise against its distribution."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch import Tensor
from torchvision.transforms.v2 import functional as tv

from multicnn.data.random import keys, uniform
from multicnn.errors import UsageError
from multicnn.image.colours import Colour, Grey, Noise, luma, saturated, turned

ANSWERS = torch.zeros(6)


def key(n: int = 6) -> Tensor:
    return keys(0, 0, torch.arange(n))


def picture(n: int, seed: int, levels: int = 256) -> Tensor:
    """Few levels make greys and equal channels common."""
    random = torch.Generator().manual_seed(seed)
    return torch.randint(0, levels, (n, 3, 8, 9), generator=random) / (levels - 1)


@settings(max_examples=30, deadline=None)
@given(turn=st.floats(-0.5, 0.5), seed=st.integers(0, 999), levels=st.sampled_from([2, 3, 256]))
def test_hue_is_torchvisions(turn: float, seed: int, levels: int) -> None:
    x = picture(2, seed, levels)
    torch.testing.assert_close(turned(x, torch.tensor([turn, 0.0]))[:1], tv.adjust_hue(x, turn)[:1], atol=2e-5, rtol=0)
    torch.testing.assert_close(turned(x, torch.zeros(2)), x, atol=1e-6, rtol=0)


@settings(max_examples=30, deadline=None)
@given(factor=st.floats(0, 3), seed=st.integers(0, 999))
def test_saturation_is_torchvisions(factor: float, seed: int) -> None:
    x = picture(2, seed)
    expected = tv.adjust_saturation(x, factor)
    torch.testing.assert_close(saturated(x, torch.full((2,), factor)), expected, atol=1e-5, rtol=0)


def test_gamma_is_torchvisions() -> None:
    x = (255 * picture(6, 0)).byte()
    out, _ = Colour(saturation=0, hue=0, gamma=0.5, gain=0)(x, ANSWERS, key())
    for was, now, u in zip(x, out, uniform(key(), 6)[:, 2].tolist(), strict=True):
        expected = tv.adjust_gamma(was / 255, 1.5 ** (2 * u - 1)) * 255
        assert (now - expected).abs().max() <= 0.501


def test_gain_multiplies_each_channel_by_its_own_number() -> None:
    x = torch.full((400, 3, 2, 2), 100, dtype=torch.uint8)
    out, _ = Colour(saturation=0, hue=0, gamma=0, gain=0.2)(x, torch.zeros(400), key(400))
    factor = out[:, :, 0, 0].float() / 100
    for channel in factor.T:
        assert stats.kstest(channel.numpy(), "uniform", (0.8, 0.4)).statistic < 0.09
    assert torch.corrcoef(factor.T).fill_diagonal_(0).abs().max() < 0.2


@pytest.mark.parametrize("kind", [torch.uint8, torch.uint16])
def test_grey_pictures_have_torchvisions_brightness_in_every_channel(kind: torch.dtype) -> None:
    white = torch.iinfo(kind).max
    x = (picture(300, 0) * white).round().to(kind)
    out, _ = Grey(p=0.3)(x, torch.zeros(300), key(300))
    grey = (out.int() != x.int()).flatten(1).any(1)
    assert stats.binomtest(int(grey.sum()), 300, 0.3).pvalue > 1e-4
    expected = tv.rgb_to_grayscale(x.float() / white, num_output_channels=3) * white
    assert (out[grey].float() - expected[grey]).abs().max() <= 0.51 + white * 1e-6
    torch.testing.assert_close(luma(picture(2, 1)), tv.rgb_to_grayscale(picture(2, 1)))


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_only_colours_are_turned_and_saturated(channels: int) -> None:
    x = torch.randint(0, 256, (6, channels, 5, 5)).byte()
    assert torch.equal(Colour(saturation=1, hue=0.5, gamma=0, gain=0)(x, ANSWERS, key())[0], x)
    assert torch.equal(Grey(p=1)(x, ANSWERS, key())[0], x)


def test_pixels_of_unknown_white_are_refused() -> None:
    with pytest.raises(UsageError, match=r"8 or 16 bits, these are torch\.int16"):
        Colour()(torch.zeros(6, 3, 2, 2, dtype=torch.int16), ANSWERS, key())


def test_noise_is_normal_and_its_deviation_uniform() -> None:
    x = torch.zeros(500, 2, 20, 20)
    out, _ = Noise(sigma=0.5)(x, torch.zeros(500), key(500))
    deviation = out.flatten(1).std(1)
    assert stats.kstest(deviation.numpy(), "uniform", (0, 0.5)).pvalue > 1e-4
    assert stats.kstest((out / deviation.view(-1, 1, 1, 1)).flatten()[::7].numpy(), "norm").pvalue > 1e-4
    assert abs(float(torch.corrcoef(out.transpose(0, 1).flatten(1))[0, 1])) < 0.01
