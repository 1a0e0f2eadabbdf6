"""Thumbnails of pictures, volumes and clips."""

import re
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from multicnn.image.media import media
from multicnn.image.reader import ImageReader
from multicnn.image.video import VideoReader
from multicnn.image.volume import VolumeReader


def shown(html: str) -> Image.Image:
    found = re.fullmatch(r'<img src="data:image/(png|jpeg);base64,([^"]+)" alt="[^"]+">', html)
    assert found
    return Image.open(BytesIO(b64decode(found[2])))


def test_small_pictures_are_shown_exactly_and_large_enough_to_see() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    image = shown(media(pixels, ImageReader(size=(8, 6))))
    assert image.size == (72, 96)
    assert (np.asarray(image)[6::12, 6::12] == pixels).all()


@pytest.mark.parametrize(("side", "channels"), [(128, 3), (512, 1), (1024, 3)])
def test_large_pictures_become_small_files(side: int, channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side // 2, channels), dtype=np.uint8)  # worst: noise
    html = media(pixels, ImageReader(size=(side, side // 2), channels=channels))
    assert max(shown(html).size) == min(side, 240)
    assert len(html) < 60_000


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_any_channels_and_depth_are_shown(channels: int, dtype: type) -> None:
    bits = 8 * np.dtype(dtype).itemsize
    pixels = np.full((32, 32, channels), 2**bits - 1, dtype=dtype)
    reader = ImageReader(size=(32, 32), channels=channels, depth=bits)
    image = shown(media(pixels, reader))
    assert image.mode == ("RGB" if channels >= 3 else "L")
    assert (np.asarray(image) == 255).all()


def test_volumes_and_clips_are_shown_by_their_middle() -> None:
    volume = np.zeros((5, 16, 16), dtype=np.uint8)
    volume[2] = 200
    assert (np.asarray(shown(media(volume, VolumeReader(size=(5, 16, 16), depth=8)))) == 200).all()
    clip = np.zeros((4, 16, 16, 3), dtype=np.uint8)
    clip[2] = (10, 20, 30)
    assert (np.asarray(shown(media(clip, VideoReader(frames=4, size=(16, 16))))) == (10, 20, 30)).all()
