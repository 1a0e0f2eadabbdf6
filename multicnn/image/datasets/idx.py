"""MNIST and all that share its files: {train,t10k}-{images-idx3,labels-idx1}-ubyte, plain or .gz."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.errors import DataError

PARTS = {"train": "train", "t10k": "test"}  # the files' word -> ours
USUAL = Path("/usr/share/datasets/fashion-mnist")  # where Debian's package puts it
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
CLOTHES_CRC = 0x242BC73F  # of the 10,000 test labels: the files' names are MNIST's


def fashion_mnist(path: Path | None = None) -> Table:
    """60,000 + 10,000 grey pictures of clothes, 28 x 28, official test split. Xiao et al. 2017, arXiv 1708.07747, MIT.

    Raises DataError that says where it looked and how to get the set.
    """
    root = path or USUAL
    if not is_idx(root):
        raise DataError(
            f"fashion-mnist: no train-images-idx3-ubyte(.gz) in {root}; install the Debian package "
            "dataset-fashion-mnist, or fetch the four files named at github.com/zalandoresearch/fashion-mnist "
            "and give their folder"
        )
    return read_idx(root, name="fashion-mnist")


def is_idx(root: Path) -> bool:
    """Whether a folder holds such files."""
    return _file(root, "train-images-idx3-ubyte") is not None


def read_idx(root: Path, *, name: str | None = None) -> Table:
    """The four files of a folder, with the official test part. Raises DataError naming a missing or damaged one."""
    images, labels = [], []
    for word in PARTS:
        images.append(_read(root, f"{word}-images-idx3-ubyte", axes=3))
        labels.append(_read(root, f"{word}-labels-idx1-ubyte", axes=1))
        if len(images[-1]) != len(labels[-1]):
            raise DataError(
                f"{root}: {len(images[-1]):,} {word} images but {len(labels[-1]):,} labels; copy the files again"
            )
    if images[0].shape[1:] != images[1].shape[1:]:
        raise DataError(f"{root}: train and t10k images differ in size; copy the files again")
    sizes = [len(part) for part in labels]
    return Table(
        name=name or root.resolve().name,
        items=np.concatenate(images),
        ids=strings(f"{part}-{i}" for part, n in zip(PARTS.values(), sizes, strict=True) for i in range(n)),
        classes=_classes(labels),
        target=np.concatenate(labels).astype(np.int64),
        split=np.repeat(strings(PARTS.values()), sizes),
    )


def _classes(labels: list[np.ndarray]) -> tuple[str, ...]:
    if zlib.crc32(labels[1].tobytes()) == CLOTHES_CRC:
        return CLOTHES
    return tuple(str(k) for k in range(1 + max(int(part.max(initial=0)) for part in labels)))


def _file(root: Path, name: str) -> Path | None:
    """The file, plain or compressed; some copies have a dot for the last dash but one (train-images.idx3-ubyte)."""
    names = [name, name.replace("-idx", ".idx")]
    return next((f for n in names for f in (root / n, root / f"{n}.gz") if f.is_file()), None)


def _read(root: Path, name: str, axes: int) -> np.ndarray:
    file = _file(root, name)
    if file is None:
        raise DataError(f"{root}: no {name}, plain or .gz; it belongs to the set, copy it too")
    try:
        with gzip.open(file) if file.suffix == ".gz" else open(file, "rb") as stream:
            data = stream.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file}: cannot be read ({error}); copy it again") from error
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", axes, 4)) if len(data) >= 4 + 4 * axes else ()
    if data[:4] != bytes([0, 0, 8, axes]) or len(data) != 4 + 4 * axes + int(np.prod(shape)):
        raise DataError(f"{file}: not an idx file of bytes with {axes} axes, or cut short; copy it again")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)
