"""Sets of sounds, by name or in a usual layout."""

from pathlib import Path

from multicnn.audio.datasets.esc10 import esc10, is_esc10
from multicnn.audio.datasets.fsdd import fsdd, fsdd_speakers, is_fsdd
from multicnn.audio.datasets.instruments import instruments
from multicnn.audio.datasets.listed import read_listed
from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.data.layouts.layout import open_layout
from multicnn.data.layouts.tabular import SUFFIXES as TABLES
from multicnn.data.table import Table

__all__ = ["SUFFIXES", "esc10", "fsdd", "fsdd_speakers", "instruments", "open_audio"]


def open_audio(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """A folder of class folders, the same in train, val and test folders, or a table with a path column.

    The folders of FSDD and ESC-10 are known by the names of their files. Raises DataError for what is none of these,
    UsageError for a column that does not apply.
    """
    if not (item_column or label_column or split_column or group_column):
        if is_fsdd(path):
            return fsdd(path)
        if is_esc10(path):
            return esc10(path)
    columns = {
        "item_column": item_column, "label_column": label_column, "split_column": split_column,
        "group_column": group_column,
    }  # fmt: skip
    if path.is_file() and path.suffix.lower() in TABLES:
        return read_listed(path, **columns)
    return open_layout(path, item="path", suffixes=SUFFIXES, **columns)
