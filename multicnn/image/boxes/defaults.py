"""What pictures with boxes are read and trained with, unless the user says otherwise."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.image.reader import ImageReader, plan_reader

SIDE = 256  # pixels that pictures are fitted into
AS_IS = 320  # pixels: pictures of one size up to this stay as they are
SEEN = {
    "detect": 12_000,
    "localize": 30_000,
    "instances": 12_000,
}  # pictures in a whole run, counting repeats: minutes on two cores


def plan_whole(
    table: Table,
    rows: np.ndarray,
    *,
    image_size: int | tuple[int, int] | None = None,
    channels: int | None = None,
    resize: str = "pad",
    background: tuple[int, int, int] = (255, 255, 255),
    span: Sequence[float] | None = None,
) -> ImageReader:
    """`plan_reader` for pictures that may lose no part: fitted into 256 x 256 pixels, or as they are if small."""
    if image_size is None:
        assert table.answer is not None
        sizes = {tuple(json.loads(line)["size"]) for line in table.answer[rows].tolist()}
        (height, width), *others = sizes
        image_size = (height, width) if not others and max(height, width) <= AS_IS else SIDE
    return plan_reader(
        table, rows, image_size=image_size, channels=channels, resize=resize, background=background, span=span
    )


def detect_defaults(table: Table, reader: ImageReader, n_train: int) -> dict[str, dict[str, Any]]:
    """A narrow ResNet-18, whose levels are 4 to 32 pixels apart."""
    return _defaults(reader, n_train, {"name": "resnet18", "width": 24}, SEEN["detect"])


def localize_defaults(table: Table, reader: ImageReader, n_train: int) -> dict[str, dict[str, Any]]:
    """The same network, for a task that asks less of it."""
    return _defaults(reader, n_train, {"name": "resnet18", "width": 24}, SEEN["localize"])


def instances_defaults(table: Table, reader: ImageReader, n_train: int) -> dict[str, dict[str, Any]]:
    """As to detect."""
    return _defaults(reader, n_train, {"name": "resnet18", "width": 24}, SEEN["instances"])


def _defaults(reader: ImageReader, n_train: int, model: dict[str, Any], seen: int) -> dict[str, dict[str, Any]]:
    return {
        "model": model,
        "train": {
            "epochs": min(300, max(10, seen // max(n_train, 1))),
            "batch_size": 16,
            "optimizer": "adamw",
            "lr": 2e-3,
            "weight_decay": 0.05,
            "patience": 0,
        },
        "augment": ({"flip": {}} if reader.channels >= 3 else {})
        | {"affine": {"degrees": 0.0, "low": 0.8, "high": 1.25, "shift": 0.1}},
    }
