"""Mixtures with their stems, in the usual layouts."""

from pathlib import Path

from multicnn.audio.datasets.stems.folders import read_tracks
from multicnn.audio.datasets.stems.parallel import read_parallel
from multicnn.audio.datasets.stems.sheets import read_stem_sheet
from multicnn.data.layouts.layout import refuse_columns
from multicnn.data.table import Table
from multicnn.errors import DataError

__all__ = ["open_stems"]


def open_stems(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """A folder a track with a file a stem (MUSDB18-HQ), folders mix, s1, s2 (LibriMix), or a table of stems.

    Raises DataError for what is none of them, UsageError for a column that does not apply.
    """
    if path.is_file():
        return read_stem_sheet(
            path,
            item_column=item_column,
            label_column=label_column,
            split_column=split_column,
            group_column=group_column,
        )
    columns = {
        "--path-column": item_column,
        "--label-column": label_column,
        "--split-column": split_column,
        "--group-by": group_column,
    }
    refuse_columns(columns, path, "no table")
    found = read_parallel(path) or read_tracks(path)
    if found is None:
        raise DataError(
            f"{path}: no mixtures with stems; give a folder a track with a file a stem (and mixture.wav), folders mix, "
            "s1 and s2 with files of the same names, or a table with columns mixture and a column of files a stem"
        )
    return found
