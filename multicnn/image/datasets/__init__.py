"""Sets of pictures, volumes and clips, by name or in a usual layout."""

from pathlib import Path

from multicnn.data.layouts.layout import open_layout
from multicnn.data.table import Table
from multicnn.image.datasets.digits import digits
from multicnn.image.datasets.frames import frames
from multicnn.image.datasets.idx import fashion_mnist, is_idx, read_idx
from multicnn.image.datasets.imagenet import imagenet_place, read_imagenet
from multicnn.image.datasets.openimages import open_lists, read_labels
from multicnn.image.datasets.suffixes import SUFFIXES

__all__ = ["SUFFIXES", "digits", "fashion_mnist", "frames", "open_image"]


def open_image(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """A folder of class folders, the same in train, val and test folders, a table with a path column, idx files,
    ImageNet's synsets or Open Images' lists.

    Raises DataError for what is none of them, UsageError for a column that does not apply.
    """
    if not (item_column or label_column or split_column or group_column) and (known := published(path)):
        return known
    return open_layout(
        path,
        item="path",
        suffixes=SUFFIXES,
        item_column=item_column,
        label_column=label_column,
        split_column=split_column,
        group_column=group_column,
    )


def published(path: Path) -> Table | None:
    """A set in the files that it is published in; None for another."""
    if is_idx(path):
        return read_idx(path)
    if path.is_dir() and (place := imagenet_place(path)):
        return read_imagenet(path, place)
    if (path.is_dir() or path.suffix.lower() == ".csv") and (lists := open_lists(path, boxes=False)):
        return read_labels(lists)
    return None
