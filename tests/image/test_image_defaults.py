"""What pictures are trained with, and how one is shown."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn.image import AUGMENTS
from multicnn.image.datasets import digits
from multicnn.image.defaults import defaults
from multicnn.image.reader import ImageReader
from multicnn.image.show import draw
from multicnn.names import check, schema


@pytest.mark.parametrize(("channels", "side", "flipped"), [(1, 28, False), (3, 128, True), (3, 16, False)])
def test_only_photographs_are_mirrored(channels: int, side: int, flipped: bool) -> None:
    reader = ImageReader(size=(side, side), channels=channels)
    assert ("flip" in defaults(digits(), reader, 1000)["augment"]) == flipped


@pytest.mark.parametrize("n_train", [1, 1_000, 60_000, 10_000_000])
def test_defaults_are_settings_that_exist(n_train: int) -> None:
    for channels in (1, 3):
        tables = defaults(digits(), ImageReader(size=(64, 64), channels=channels), n_train)
        assert 1 <= tables["train"]["epochs"] <= 40
        for name, settings in tables["augment"].items():
            check(name, AUGMENTS[name], settings)
            AUGMENTS[name](**settings)


def test_augments_take_plain_settings() -> None:
    assert {type(v) for build in AUGMENTS.values() for v in schema(build).values()} == {float, int}


@pytest.mark.parametrize(("channels", "depth"), [(1, 8), (3, 8), (4, 8), (1, 16)])
def test_drawing_shows_the_picture(tmp_path: Path, channels: int, depth: int) -> None:
    array = np.full((8, 8, channels), 2**depth - 1, dtype=np.uint8 if depth == 8 else np.uint16)
    array[:4] = 0
    reader = ImageReader(size=(8, 8), channels=channels, depth=depth)
    draw(array, reader, tmp_path / "a.png", answer="a $5 & <7>")
    drawn = np.asarray(Image.open(tmp_path / "a.png").convert("L"))
    assert (drawn < 10).mean() > 0.3
    assert (drawn > 245).mean() > 0.3
