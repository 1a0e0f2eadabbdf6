"""What stands in for the defaults of classification: quicker and a little worse, or slower and better."""

from typing import Any

from multicnn.data.table import Table
from multicnn.image.defaults import defaults
from multicnn.image.reader import ImageReader
from multicnn.image.video import VideoReader
from multicnn.image.volume import VolumeReader

Reader = ImageReader | VolumeReader | VideoReader
SHORTER, LONGER = 0.3, 1.6  # of the default's epochs
FEWEST = 4  # epochs


def fast(table: Table, reader: Reader, n_train: int) -> dict[str, dict[str, Any]]:
    """The default network in a third of the epochs."""
    plain = defaults(table, reader, n_train)
    epochs = max(FEWEST, round(SHORTER * plain["train"]["epochs"]))
    return plain | {"train": plain["train"] | {"epochs": epochs}}


def best(table: Table, reader: Reader, n_train: int) -> dict[str, dict[str, Any]]:
    """A network with three times the parameters, longer, with holes cut into the pictures and softer labels."""
    plain = defaults(table, reader, n_train)
    return {
        "model": {"name": "compact", "width": 56},
        "task": {"smoothing": 0.05},
        "train": plain["train"] | {"epochs": round(LONGER * plain["train"]["epochs"])},
        "augment": plain["augment"] | {"cutout": {"fraction": 0.3}},
    }


PRESETS = {"fast": fast, "best": best}
