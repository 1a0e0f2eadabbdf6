"""The front-end computes what its settings say, from the training pictures alone."""

import numpy as np
import pytest
import torch
from torch import Tensor

from multicnn.errors import UsageError
from multicnn.image.frontend import Pixels
from multicnn.image.reader import ImageReader

READER = ImageReader(size=(5, 7))


def pictures(n: int = 50, depth: int = 8, channels: int = 3) -> Tensor:
    high = 2**depth
    kind = np.uint8 if depth == 8 else np.uint16
    values = np.random.default_rng(0).integers(0, high, (n, channels, 5, 7))
    values[:, 0] //= 3  # channels differ
    return torch.from_numpy(values.astype(kind))


def fitted(x: Tensor, reader: ImageReader = READER, normalise: str = "standard") -> Pixels:
    pixels = Pixels(reader, normalise=normalise)
    pixels.fit([x[:7], x[7:20], x[20:]])
    return pixels


def test_standard_is_numpys_mean_and_deviation() -> None:
    x = pictures()
    values = x.numpy().astype(np.float64)
    mean, deviation = values.mean((0, 2, 3), keepdims=True), values.std((0, 2, 3), keepdims=True)
    out = fitted(x)(x)
    assert out.dtype == torch.float32
    np.testing.assert_allclose(out.numpy(), (values - mean) / deviation, rtol=1e-5, atol=1e-6)


def test_mean_image_is_subtracted_and_white_is_one() -> None:
    x = pictures()
    values = x.numpy().astype(np.float64)
    out = fitted(x, normalise="mean-image")(x)
    np.testing.assert_allclose(out.numpy(), (values - values.mean(0)) / 255, rtol=1e-5, atol=1e-6)


def test_none_only_scales() -> None:
    x = pictures()
    np.testing.assert_array_equal(fitted(x, normalise="none")(x).numpy(), x.numpy().astype(np.float32) / 255)


def test_16_bit_pictures_are_normalised_by_their_own_range() -> None:
    reader = ImageReader(size=(5, 7), channels=1, depth=16)
    x = pictures(depth=16, channels=1)
    values = x.numpy().astype(np.float64)
    out = fitted(x, reader)(x)
    np.testing.assert_allclose(out.numpy(), (values - values.mean()) / values.std(), rtol=1e-5, atol=1e-5)
    assert fitted(x, reader, "none")(torch.full((1, 1, 5, 7), 65535, dtype=torch.uint16)).max() == 1


def test_constant_channel_gives_zeros_not_infinities() -> None:
    x = pictures()
    x[:, 1] = 201
    out = fitted(x)(x)
    assert torch.isfinite(out).all()
    assert (out[:, 1] == 0).all()


def test_statistics_do_not_depend_on_the_batches() -> None:
    x = pictures()
    whole = Pixels(READER)
    whole.fit([x])
    assert torch.equal(whole.offset, fitted(x).offset)
    assert torch.equal(whole.scale, fitted(x).scale)


@pytest.mark.parametrize("normalise", ["standard", "mean-image", "none"])
def test_statistics_travel_in_the_weights(normalise: str) -> None:
    x = pictures()
    pixels = fitted(x, normalise=normalise)
    other = Pixels(READER, normalise=normalise)
    other.load_state_dict(pixels.state_dict(), strict=True)
    assert torch.equal(other(x), pixels(x))


def test_autocast_does_not_round_the_pixels() -> None:
    x = pictures()
    pixels = fitted(x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = pixels(x)
    assert torch.equal(out, pixels(x))


def test_rank_and_channels_are_those_of_the_grid() -> None:
    pixels = Pixels(ImageReader(size=(5, 7), channels=1))
    assert (pixels.rank, pixels.channels) == (2, 1)
    assert pixels(pictures(4, channels=1)).shape == (4, 1, 5, 7)


def test_unknown_normalisation_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean standard"):
        Pixels(READER, normalise="standart")
