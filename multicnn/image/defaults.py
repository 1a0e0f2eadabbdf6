"""What a set of pictures is trained with, unless the user says otherwise."""

from math import prod
from typing import Any

from multicnn.data.table import Table
from multicnn.image.reader import ImageReader
from multicnn.image.video import VideoReader
from multicnn.image.volume import VolumeReader

SEEN = 900_000  # pictures in a whole run, counting repeats: about 5 minutes of 28 x 28 on two cores
MANY = 10_000  # training pictures that afford large batches
PHOTO = 32  # pixels of the shorter side from which a colour picture counts as a photograph
CELLS = 28 * 28 * SEEN  # of volumes and clips in a whole run
STEP = 2**20  # cells of volumes or clips in a batch: 32 channels of them take 128 MiB


def defaults(table: Table, reader: ImageReader | VolumeReader | VideoReader, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, training and augmentation for `n_train` samples as `reader` makes them."""
    plan = _pictures(n_train) if isinstance(reader, ImageReader) else _grids(n_train, prod(reader.shape[1:]))
    return {
        "model": {"name": "compact"},
        "train": {**plan, "optimizer": "muon", "lr": 0.05, "weight_decay": 0.05},
        "augment": _augment(reader),
    }


def _pictures(n: int) -> dict[str, int]:
    return {"epochs": min(40, max(10, SEEN // max(n, 1))), "batch_size": 64 if n < MANY else 256}


def _grids(n: int, cells: int) -> dict[str, int]:
    """Of n volumes or clips of so many cells each; such sets are small, and some steps an epoch it takes."""
    size = max(2, min(64, STEP // cells, max(8, n // 8)))
    return {"epochs": min(40, max(10, CELLS // max(n * cells, 1))), "batch_size": size}


def _augment(reader: ImageReader | VolumeReader | VideoReader) -> dict[str, dict[str, Any]]:
    """Mirrored photographs still show the same thing; mirrored digits, letters, maps and charts do not.

    Small or grey pictures may be any of these, so they are only moved, by a pixel in 28 (and in 8 not at all). On 1,000
    and on 51,000 training pictures of Fashion-MNIST, turning and scaling too cost a point or two of accuracy.
    Organs have a left and a right, and clips a direction.
    """
    if isinstance(reader, ImageReader) and reader.channels >= 3 and min(reader.size) >= PHOTO:
        return {"flip": {}, "affine": {"degrees": 10.0, "low": 0.8, "high": 1.25, "shift": 0.1}}
    return {"shift": {"fraction": 0.04}}
