"""Size, channels and depth: what the reader makes of a picture, and what the training rows settle."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError
from multicnn.image.decode import decode
from multicnn.image.reader import ImageReader, plan_reader


def photo() -> np.ndarray:
    """A real photograph, 427 x 640 x 3."""
    from sklearn.datasets import load_sample_image

    return load_sample_image("china.jpg").copy()


def table_of(items: np.ndarray) -> Table:
    n = len(items)
    return Table("set", items, strings(range(n)), ("a",), np.zeros(n, np.int64))


def files(folder: Path, **pictures: Image.Image) -> Table:
    for name, picture in pictures.items():
        picture.save(folder / f"{name}.png")
    return table_of(strings(folder / f"{name}.png" for name in pictures))


def plan(table: Table, **settings: object) -> ImageReader:
    return plan_reader(table, np.arange(len(table)), **settings)  # type: ignore[arg-type]


def test_resize_is_torchs_antialiased_bilinear() -> None:
    picture = photo()
    x = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
    expected = F.interpolate(x, (96, 80), mode="bilinear", antialias=True)[0].round().byte().numpy()
    out = ImageReader(size=(96, 80), resize="squash")(picture)
    assert np.abs(out.astype(int) - expected).max() <= 1


def test_crop_resizes_the_centre_of_the_targets_aspect() -> None:
    picture = photo()[:, :636]
    middle = picture[:, (636 - 426) // 2 : (636 - 426) // 2 + 426][:426]
    out = ImageReader(size=(71, 71))(picture[:426])
    expected = ImageReader(size=(71, 71), resize="squash")(middle)
    inner = (slice(None), slice(None), slice(2, -2))  # at the cut, the kernel still sees what lies beyond it
    assert np.abs(out[inner].astype(int) - expected[inner]).max() <= 1


def test_pad_keeps_the_whole_picture_on_the_background() -> None:
    out = ImageReader(size=(64, 64), resize="pad", background=(1, 2, 3))(photo())
    inside = ImageReader(size=(43, 64), resize="squash")(photo())
    assert np.array_equal(out[:, 10:53], inside)
    assert (out[:, :10] == np.array([1, 2, 3])[:, None, None]).all()
    assert (out[:, 53:] == np.array([1, 2, 3])[:, None, None]).all()


def test_16_bit_pictures_are_resized_with_all_their_bits() -> None:
    deep = np.random.default_rng(0).integers(0, 65536, (40, 60), dtype=np.uint16)
    x = torch.from_numpy(deep.astype(np.float64))[None, None]
    expected = F.interpolate(x, (20, 20), mode="bilinear", antialias=True)[0].numpy()
    out = ImageReader(size=(20, 20), channels=1, depth=16, resize="squash")(deep)
    assert np.abs(out - expected).max() <= 1


def test_file_and_array_of_one_jpeg_agree(tmp_path: Path) -> None:
    """The file is decoded at a fraction of its size, the array was not."""
    Image.fromarray(photo()[:424]).save(tmp_path / "a.jpg", quality=90)
    pixels = np.asarray(Image.open(tmp_path / "a.jpg"))
    assert decode(tmp_path / "a.jpg", (50, 50)).shape == (106, 160, 3)
    for side in (50, 70, 100, 140, 200):
        reader = ImageReader(size=(side, side))
        assert np.abs(reader(str(tmp_path / "a.jpg")).astype(int) - reader(pixels)).mean() < 1.5


def test_jpeg_of_odd_size_is_not_shifted_by_decoding_it_small(tmp_path: Path) -> None:
    Image.fromarray(photo()).save(tmp_path / "a.jpg", quality=90)  # 427 rows
    pixels = np.asarray(Image.open(tmp_path / "a.jpg"))
    reader = ImageReader(size=(60, 60))
    assert np.abs(reader(str(tmp_path / "a.jpg")).astype(int) - reader(pixels)).mean() < 1


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 1), (1, 20, 30), (20, 30, 3), (3, 20, 30)])
def test_arrays_may_have_channels_first_or_last_or_none(shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    expected = array if shape[0] in (1, 3) else np.atleast_3d(array).transpose(2, 0, 1)
    assert np.array_equal(ImageReader(size=(20, 30), channels=len(expected))(array), expected)


def test_five_channels_are_resized_one_by_one() -> None:
    array = np.random.default_rng(0).integers(0, 256, (20, 30, 5), dtype=np.uint8)
    out = ImageReader(size=(10, 10), channels=5)(array)
    one = ImageReader(size=(10, 10), channels=1)
    assert np.array_equal(out, np.concatenate([one(array[..., c]) for c in range(5)]))


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((4, 4), np.float32), "float32: has no agreed black and white"),
        (np.zeros((4, 0), np.uint8), "not a picture"),
        (np.zeros((2, 3, 4, 5), np.uint8), "not a picture"),
        (np.zeros((8, 9, 5), np.uint8), "5 channels where 3 are read"),
    ],
)
def test_array_that_is_no_picture_is_refused(array: np.ndarray, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        ImageReader(size=(4, 4))(array)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"size": (0, 4)}, "image size is"),
        ({"size": (4,)}, "image size is"),
        ({"size": (4, 4), "depth": 12}, "8 or 16 bits"),
        ({"size": (4, 4), "resize": "cropp"}, "did you mean crop"),
    ],
)
def test_wrong_setting_is_named(settings: dict[str, object], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        ImageReader(**settings)  # type: ignore[arg-type]


def test_settings_rebuild_the_reader_after_json() -> None:
    reader = ImageReader(size=(12, 34), channels=1, depth=16, resize="pad", background=(1, 2, 3), said=("x",))
    assert ImageReader(**json.loads(json.dumps(reader.settings()))) == reader


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([1, 3, 4]),
    st.sampled_from([1, 3, 4]),
    st.sampled_from([8, 16]),
    st.sampled_from(["crop", "pad", "squash"]),
)
def test_any_picture_comes_in_the_promised_shape(
    height: int, width: int, given_channels: int, channels: int, depth: int, resize: str
) -> None:
    reader = ImageReader(size=(7, 11), channels=channels, depth=depth, resize=resize)
    array = np.full((height, width, given_channels), 255, dtype=np.uint8)
    out = reader(array)
    assert out.shape == reader.shape
    assert out.dtype == reader.dtype
    assert out.flags.c_contiguous
    assert (out == 2**depth - 1).all()  # white stays white, whatever is done to it


def test_threads_read_what_one_thread_reads(tmp_path: Path) -> None:
    picture = photo()
    paths = []
    for i in range(24):
        paths.append(tmp_path / f"{i}.{('jpg', 'png', 'gif')[i % 3]}")
        Image.fromarray(picture[i : 200 + i, 2 * i : 300 + i]).save(paths[-1])
    reader = ImageReader(size=(50, 50))
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(reader, paths))
    assert all(np.array_equal(a, reader(p)) for a, p in zip(together, paths, strict=True))


def test_small_pictures_of_one_size_stay_as_they_are() -> None:
    reader = plan(table_of(np.zeros((5, 28, 20), np.uint8)))
    assert reader == ImageReader(size=(28, 20), channels=1)
    assert "28 x 20 pixels, as they are" in reader.said[0]


def test_photographs_become_squares_of_at_most_128(tmp_path: Path) -> None:
    reader = plan(files(tmp_path, a=Image.new("RGB", (640, 480)), b=Image.new("RGB", (300, 400))))
    assert reader.size == (128, 128)
    assert "300 x 400 to 480 x 640" not in reader.said[0]  # heights first
    assert "400 x 300 to 480 x 640 pixels become 128 x 128 (crop)" in reader.said[0]


def test_smaller_ones_become_squares_of_the_median_shorter_side(tmp_path: Path) -> None:
    table = files(tmp_path, a=Image.new("L", (50, 90)), b=Image.new("L", (60, 99)), c=Image.new("L", (200, 300)))
    assert plan(table) == ImageReader(size=(60, 60), channels=1)


def test_one_colour_picture_makes_three_channels(tmp_path: Path) -> None:
    table = files(tmp_path, a=Image.new("L", (8, 8)), b=Image.new("RGB", (8, 8)))
    assert plan(table).channels == 3
    assert plan(table, channels=1).channels == 1


def test_16_bits_only_where_all_are(tmp_path: Path) -> None:
    deep, flat = Image.fromarray(np.zeros((8, 8), np.uint16)), Image.new("L", (8, 8))
    assert plan(files(tmp_path, a=deep, b=deep)).depth == 16
    assert plan(files(tmp_path, a=deep, b=flat)).depth == 8


def test_the_users_size_is_taken(tmp_path: Path) -> None:
    table = files(tmp_path, a=Image.new("RGB", (640, 480)))
    assert plan(table, image_size=200).size == (200, 200)
    assert plan(table, image_size=(30, 40), resize="pad").settings()["size"] == [30, 40]


def test_only_training_rows_settle_the_reader() -> None:
    sizes = {0: (8, 8), 1: (8, 8), 2: (90, 90)}
    items = np.empty(3, dtype=object)
    items[:] = [np.zeros(sizes[i], np.uint8) for i in range(3)]
    assert plan_reader(table_of(items), np.array([0, 1])).size == (8, 8)


def test_bad_file_does_not_stop_the_plan_but_only_bad_ones_do(tmp_path: Path) -> None:
    table = files(tmp_path, a=Image.new("L", (8, 8)), b=Image.new("L", (8, 8)))
    (tmp_path / "a.png").write_bytes(b"")
    assert plan(table).size == (8, 8)
    (tmp_path / "b.png").write_text("text")
    with pytest.raises(DataError, match=r"b\.png: not a picture"):
        plan(table)


def test_set_without_training_pictures_is_refused() -> None:
    with pytest.raises(DataError, match="no training pictures"):
        plan_reader(table_of(np.zeros((3, 8, 8), np.uint8)), np.array([], dtype=np.int64))
