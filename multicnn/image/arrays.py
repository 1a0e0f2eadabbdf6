"""Arrays in files: NumPy's .npy, and .npz that hold one."""

import os
from pathlib import Path

import numpy as np

from multicnn.errors import DataError
from multicnn.image.datasets.suffixes import ARRAYS

NAMES = ("image", "picture", "volume", "data", "x", "arr_0")  # of the array that is meant, where there are several
CHANNELS = 16  # the most that a picture is taken to have; an array with three longer axes is a volume


def is_array(path: str | os.PathLike[str]) -> bool:
    """Whether a file is an array, by its name."""
    return Path(path).suffix.lower() in ARRAYS


def load(path: str | os.PathLike[str]) -> np.ndarray:
    """The array; of .npy mapped, not read. Nothing is unpickled.

    Raises DataError where an archive holds several and none has a usual name.
    """
    file = np.load(path, mmap_mode="r", allow_pickle=False)
    if isinstance(file, np.ndarray):
        return file
    with file:
        if not file.files:
            raise DataError(f"{path}: the archive holds no array; save one with numpy.savez")
        usual = [name for name in NAMES if name in file.files]
        if len(file.files) > 1 and not usual:
            raise DataError(
                f"{path}: holds several arrays ({', '.join(file.files)}); call the one that is meant {NAMES[0]!r}"
            )
        return file[usual[0] if usual else file.files[0]]


def looks_flat(array: np.ndarray) -> bool:
    """Whether it is a picture, by its shape: two axes, or a third of at most 16 channels, first or last."""
    return array.ndim == 2 or (array.ndim == 3 and min(array.shape[0], array.shape[2]) <= CHANNELS)
