"""What stands in for the defaults of classification: quicker and a little worse, or slower and better.

Both were put together by `recipes/image/speed_small.py`, whose lines say what each part is worth.
"""

from typing import Any

from multicnn.data.table import Table
from multicnn.image.defaults import defaults
from multicnn.image.reader import ImageReader
from multicnn.image.video import VideoReader
from multicnn.image.volume import VolumeReader

Reader = ImageReader | VolumeReader | VideoReader
SHORTER, LONGER = 0.3, 1.2  # of the default's epochs
FEWEST = 4  # epochs
SMALL = 64  # pixels of the longer side, up to which the whitening layer's maps in full size can be afforded
COLOURS = 4  # channels, up to which its patches have few directions
SMOOTHING = 0.1


def fast(table: Table, reader: Reader, n_train: int) -> dict[str, dict[str, Any]]:
    """A third of the epochs, softer labels, and a whitening layer before small pictures' network."""
    plain = defaults(table, reader, n_train)
    epochs = max(FEWEST, round(SHORTER * plain["train"]["epochs"]))
    return plain | {
        "model": network(reader),
        "task": {"smoothing": SMOOTHING},
        "train": {**plain["train"], "epochs": epochs},
    }


def best(table: Table, reader: Reader, n_train: int) -> dict[str, dict[str, Any]]:
    """The same parts, but a network with three times the parameters, and longer."""
    plain = defaults(table, reader, n_train)
    return plain | {
        "model": {**network(reader), "width": 56},
        "task": {"smoothing": SMOOTHING},
        "train": {**plain["train"], "epochs": round(LONGER * plain["train"]["epochs"])},
    }


def network(reader: Reader) -> dict[str, Any]:
    """The default network, behind a whitening layer where that can be afforded."""
    *grid, channels = *reader.shape[1:], reader.channels
    small = len(grid) == 2 and max(grid) <= SMALL and channels <= COLOURS
    return {"name": "compact_whitened" if small else "compact"}


PRESETS = {"fast": fast, "best": best}
