"""What a set of pictures is trained with, unless the user says otherwise."""

from typing import Any

from multicnn.data.table import Table
from multicnn.image.reader import ImageReader

SEEN = 900_000  # pictures in a whole run, counting repeats: about 5 minutes of 28 x 28 on two cores
MANY = 10_000  # training pictures that afford large batches
PHOTO = 32  # pixels of the shorter side from which a colour picture counts as a photograph


def defaults(table: Table, reader: ImageReader, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, training and augmentation for `n_train` pictures as `reader` makes them."""
    batch_size = 64 if n_train < MANY else 256
    return {
        "model": {"name": "compact"},
        "train": {
            "epochs": min(40, max(10, SEEN // max(n_train, 1))),
            "batch_size": batch_size,
            "optimizer": "muon",
            "lr": 0.05,
            "weight_decay": 0.05,
        },
        "augment": _augment(reader),
    }


def _augment(reader: ImageReader) -> dict[str, dict[str, Any]]:
    """Mirrored photographs still show the same thing; mirrored digits, letters, maps and charts do not.

    Small or grey pictures may be any of these, so they are only moved, by a pixel in 28 (and in 8 not at all). On 1,000
    and on 51,000 training pictures of Fashion-MNIST, turning and scaling too cost a point or two of accuracy.
    """
    if reader.channels >= 3 and min(reader.size) >= PHOTO:
        return {"flip": {}, "affine": {"degrees": 10.0, "low": 0.8, "high": 1.25, "shift": 0.1}}
    return {"shift": {"fraction": 0.04}}
