"""Masks are read as they were meant, on the pictures as they are turned upright, or refused by name."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn.errors import DataError
from multicnn.image.decode import ORIENTATION, decode
from multicnn.image.masks import MaskReader

NAMES = {"0": "background", "1": "cell", "2": "wall", "255": None}
CLASSES = ("background", "cell", "wall")
MASK = np.arange(24, dtype=np.uint8).reshape(4, 6) % 3


def asked(picture: Path, mask: Path, names: dict = NAMES) -> str:
    return f"{picture}\0{json.dumps({'mask': str(mask), 'is': names})}"


def reader(height: int, width: int, way: str = "pad", classes=CLASSES) -> MaskReader:
    return MaskReader(classes=classes, size=(height, width), resize=way)


def picture(path: Path, height: int = 4, width: int = 6, orientation: int = 1) -> Path:
    image = Image.fromarray(np.zeros((height, width, 3), np.uint8))
    exif = image.getexif()
    exif[ORIENTATION] = orientation
    image.save(path, exif=exif)
    return path


def mask(path: Path, array: np.ndarray = MASK, **options) -> Path:
    Image.fromarray(array).save(path, **options)
    return path


def test_numbers_become_class_numbers_by_name(tmp_path):
    item = asked(picture(tmp_path / "p.png"), mask(tmp_path / "m.png"))
    assert np.array_equal(reader(4, 6)(item), MASK)
    other = reader(4, 6, classes=("wall", "background", "cell"))
    assert np.array_equal(other(item), np.array([1, 2, 0], np.uint8)[MASK])


def test_what_nobody_knows_and_what_is_outside_is_255(tmp_path):
    item = asked(picture(tmp_path / "p.png"), mask(tmp_path / "m.png", np.where(MASK == 1, 255, MASK).astype(np.uint8)))
    read = reader(6, 6)(item)
    assert (read[0] == 255).all()
    assert (read[-1] == 255).all()
    assert np.array_equal(read[1:5] == 255, MASK == 1)


@pytest.mark.parametrize("kind", ["L", "P", "I;16", "RGB", "RGBA"])
def test_every_way_to_store_numbers(tmp_path, kind):
    image = Image.fromarray(MASK.astype(np.uint16) if kind == "I;16" else MASK)
    if kind == "P":
        image.putpalette(bytes(range(255, -1, -1)) * 3)
    elif kind.startswith("RGB"):
        image = image.convert(kind)
    image.save(tmp_path / "m.png")
    assert np.array_equal(reader(4, 6)(asked(picture(tmp_path / "p.png"), tmp_path / "m.png")), MASK)


def test_what_is_transparent_is_black(tmp_path):
    alpha = np.zeros((4, 6, 4), np.uint8)
    alpha[..., 0] = 200
    alpha[1:3, 1:3, 3] = 255
    names = {"0,0,0": "background", "200,0,0": "cell"}
    read = reader(4, 6)(asked(picture(tmp_path / "p.png"), mask(tmp_path / "m.png", alpha), names))
    assert np.array_equal(read == 1, alpha[..., 3] > 0)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("drawn", ["stored", "upright"])
def test_masks_follow_the_orientation_of_their_pictures(tmp_path, orientation, drawn):
    stored = (MASK == 1) * np.uint8(255)
    image = Image.fromarray(np.repeat(stored[..., None], 3, axis=2))
    exif = image.getexif()
    exif[ORIENTATION] = orientation
    image.save(tmp_path / "p.png", exif=exif)
    upright = decode(tmp_path / "p.png", (1, 1))[..., 0] > 127
    array = (stored > 0).astype(np.uint8) if drawn == "stored" else upright.astype(np.uint8)
    item = asked(tmp_path / "p.png", mask(tmp_path / "m.png", array))
    if 2 <= orientation <= 4:
        with pytest.raises(DataError, match=f"its EXIF orientation is {orientation}, and nothing says whether"):
            reader(*upright.shape)(item)
    else:
        assert np.array_equal(reader(*upright.shape)(item) == 1, upright)


def test_a_mask_of_another_size_names_both(tmp_path):
    item = asked(picture(tmp_path / "p.png", 8, 6), mask(tmp_path / "m.png"))
    with pytest.raises(DataError, match=r"m\.png: the mask has 4 x 6 pixels, its picture .*p\.png has 8 x 6"):
        reader(4, 4)(item)


def test_a_value_that_is_no_class_names_file_value_and_place(tmp_path):
    item = asked(picture(tmp_path / "p.png"), mask(tmp_path / "m.png", np.where(MASK == 1, 7, MASK).astype(np.uint8)))
    with pytest.raises(DataError, match=r"m\.png: value 7 at row 0, column 1 is no class \(0 background; 1 cell"):
        reader(4, 6)(item)


def test_a_jpeg_mask_is_refused(tmp_path):
    item = asked(picture(tmp_path / "p.png"), mask(tmp_path / "m.jpg"))
    with pytest.raises(
        DataError, match=r"m\.jpg: a JPEG mask, whose numbers lossy compression changed; save it as PNG"
    ):
        reader(4, 6)(item)


def test_a_mask_of_colours_among_numbers_is_refused(tmp_path):
    colours = np.zeros((4, 6, 3), np.uint8)
    colours[0, 0] = 1, 2, 3
    item = asked(picture(tmp_path / "p.png"), mask(tmp_path / "m.png", colours))
    with pytest.raises(DataError, match=r"m\.png: a mask of colours, where the others hold class numbers"):
        reader(4, 6)(item)


def test_a_damaged_mask_is_named(tmp_path):
    (tmp_path / "m.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"m\.png: not a picture"):
        reader(4, 6)(asked(picture(tmp_path / "p.png"), tmp_path / "m.png"))


def test_masks_of_classes_must_have_one_size(tmp_path):
    files = {"cell": str(mask(tmp_path / "a.png")), "wall": str(mask(tmp_path / "b.png", MASK.T.copy()))}
    item = f"{picture(tmp_path / 'p.png')}\0{json.dumps({'masks': files})}"
    with pytest.raises(DataError, match=r"b\.png: a mask of 6 x 4 pixels beside others of 4 x 6"):
        reader(4, 6)(item)


def test_the_files_of_an_answer_are_those_it_is_read_from(tmp_path):
    item = asked(tmp_path / "p.png", tmp_path / "m.png")
    assert [Path(f).name for f in reader(4, 6).files(item)] == ["p.png", "m.png"]
    assert type(reader(4, 6))(**reader(4, 6).settings()).settings() == reader(4, 6).settings()
