"""Sets of sounds and of series, by name or in a usual layout."""

from pathlib import Path

from multicnn.audio.datasets.esc10 import esc10, is_esc10
from multicnn.audio.datasets.fsdd import fsdd, fsdd_speakers, is_fsdd
from multicnn.audio.datasets.instruments import instruments
from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.audio.series import files
from multicnn.audio.series.layouts import holds_series, open_collections, refuse_mixed, refuse_single
from multicnn.data.layouts.layout import open_layout
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

    Of sounds or of series (.npy, .csv, .bvh ...); also files that hold many series (.ts, .arff, .npz). The folders of
    FSDD and ESC-10 are known by the names of their files. Raises DataError for what is none of these or a mixture of
    sounds and series, UsageError for a column that does not apply.
    """
    if not (item_column or label_column or split_column or group_column):
        if is_fsdd(path):
            return fsdd(path)
        if is_esc10(path):
            return esc10(path)
        if known := open_collections(path):
            return known
        refuse_single(path)
    series = path.is_dir() and holds_series(path, SUFFIXES)
    table = open_layout(
        path,
        item="path",
        suffixes=files.SUFFIXES if series else SUFFIXES if path.is_dir() else SUFFIXES | files.SUFFIXES,
        item_column=item_column,
        label_column=label_column,
        split_column=split_column,
        group_column=group_column,
    )
    refuse_mixed(table)
    return table
