"""Sets of pictures: published counts, official splits, usual layouts; a missing set says how to get it."""

import gzip
import struct
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn.errors import DataError, UsageError
from multicnn.image import MODALITY
from multicnn.image.datasets import digits, fashion_mnist, idx, open_image
from multicnn.image.datasets.digits import FILE


def test_digits_are_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    table, expected = digits(), load_digits()
    assert np.array_equal(table.items, np.rint(expected.images * 255 / 16))
    assert np.array_equal(table.target, expected.target)
    assert table.items.dtype == np.uint8
    assert len(set(table.ids)) == len(table) == 1797


def test_digits_elsewhere_than_in_scikit_learn_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{FILE}: cannot be read"):
        digits(tmp_path)


def test_fashion_mnist_has_its_published_counts(shared_data) -> None:
    table = fashion_mnist(shared_data("fashion-mnist"))
    assert table.items.shape == (70_000, 28, 28)
    assert table.split is not None
    for part, each in (("train", 6000), ("test", 1000)):
        assert set(table.take(table.split == part).counts().values()) == {each}
    assert table.classes[0] == "T-shirt/top"
    assert table.classes[9] == "Ankle boot"
    share = np.bincount(table.items[:60_000].ravel(), minlength=256) / (60_000 * 28 * 28)
    mean = share @ np.arange(256)
    assert abs(mean / 255 - 0.2860) < 5e-5  # the constants that everyone normalises with
    assert abs(np.sqrt(share @ (np.arange(256) - mean) ** 2) / 255 - 0.3530) < 5e-5
    assert len(set(table.ids)) == 70_000


def test_its_folder_is_recognised_under_any_name(shared_data, tmp_path: Path) -> None:
    (tmp_path / "clothes").symlink_to(shared_data("fashion-mnist"))
    assert open_image(tmp_path / "clothes").classes[0] == "T-shirt/top"


def write_idx(path: Path, array: np.ndarray) -> None:
    data = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    """12 + 4 pictures in MNIST's files."""
    images = np.random.default_rng(0).integers(0, 256, (16, 6, 5), dtype=np.uint8)
    answers = np.arange(16, dtype=np.uint8) % 3
    for word, part in (("train", slice(12)), ("t10k", slice(12, 16))):
        write_idx(tmp_path / f"{word}-images-idx3-ubyte", images[part])
        write_idx(tmp_path / f"{word}-labels-idx1-ubyte.gz", answers[part])
    return tmp_path


def test_mnists_files_are_read_plain_or_packed_with_digits_as_classes(mnist: Path) -> None:
    table = open_image(mnist)
    assert table.classes == ("0", "1", "2")
    assert table.split is not None
    assert Counter(table.split) == {"train": 12, "test": 4}
    assert np.array_equal(table.target, np.arange(16) % 3)
    assert np.array_equal(table.items, np.random.default_rng(0).integers(0, 256, (16, 6, 5), dtype=np.uint8))


def test_spelling_with_a_dot_is_read_too(mnist: Path) -> None:
    for file in list(mnist.iterdir()):
        file.rename(mnist / file.name.replace("-idx", ".idx"))
    assert len(open_image(mnist)) == 16


def test_column_does_not_apply_to_idx_files(mnist: Path) -> None:
    with pytest.raises(UsageError, match="names a column"):
        open_image(mnist, label_column="y")


def test_missing_set_says_where_it_looked_and_how_to_get_it(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(DataError, match=f"{tmp_path}; install the Debian package dataset-fashion-mnist"):
        fashion_mnist(tmp_path)
    monkeypatch.setattr(idx, "USUAL", tmp_path / "nowhere")
    with pytest.raises(DataError, match="nowhere"):
        fashion_mnist()


def damage(folder: Path, what: str) -> None:
    images, answers = folder / "t10k-images-idx3-ubyte", folder / "t10k-labels-idx1-ubyte.gz"
    match what:
        case "missing":
            answers.unlink()
        case "short":
            images.write_bytes(images.read_bytes()[:-1])
        case "other":
            images.write_bytes(b"PNG")
        case "torn":
            answers.write_bytes(answers.read_bytes()[:-9])
        case "fewer":
            write_idx(answers, np.zeros(3, np.uint8))
        case "size":
            write_idx(images, np.zeros((4, 7, 7), np.uint8))


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("missing", "no t10k-labels-idx1-ubyte, plain or .gz"),
        ("short", "t10k-images-idx3-ubyte: not an idx file .* or cut short"),
        ("other", "t10k-images-idx3-ubyte: not an idx file"),
        ("torn", r"t10k-labels-idx1-ubyte\.gz: cannot be read"),
        ("fewer", "4 t10k images but 3 labels"),
        ("size", "differ in size"),
    ],
)
def test_damaged_idx_file_is_named(mnist: Path, what: str, reason: str) -> None:
    damage(mnist, what)
    with pytest.raises(DataError, match=reason):
        open_image(mnist)


def test_folders_and_tables_are_read_through_the_layouts(tmp_path: Path) -> None:
    for name, suffix in (("cat", "jpg"), ("dog", "PNG"), ("dog", "webp")):
        (tmp_path / "set" / name).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 8)).save(tmp_path / "set" / name / f"1.{suffix}")
    table = open_image(tmp_path / "set")
    assert table.counts() == {"cat": 1, "dog": 2}
    (tmp_path / "set.csv").write_text("image,label\nset/cat/1.jpg,cat\nset/dog/1.PNG,dog\n")
    assert open_image(tmp_path / "set.csv").counts() == {"cat": 1, "dog": 1}
    reader = MODALITY.kind(None).plan_reader(table, np.arange(3))
    assert [reader(item).shape for item in table.items] == [(3, 8, 9)] * 3
