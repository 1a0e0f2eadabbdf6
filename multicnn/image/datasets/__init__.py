"""Sets of pictures, volumes and clips, by name or in a usual layout."""

from pathlib import Path

from multicnn.data.layouts.layout import open_layout
from multicnn.data.table import Table
from multicnn.image.datasets.digits import digits
from multicnn.image.datasets.frames import frames
from multicnn.image.datasets.idx import fashion_mnist, is_idx, read_idx
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
    """A folder of class folders, the same in train, val and test folders, a table with a path column, or idx files.

    Raises DataError for what is none of them, UsageError for a column that does not apply.
    """
    if is_idx(path) and not (item_column or label_column or split_column or group_column):
        return read_idx(path)
    return open_layout(
        path,
        item="path",
        suffixes=SUFFIXES,
        item_column=item_column,
        label_column=label_column,
        split_column=split_column,
        group_column=group_column,
    )
