"""Sounds with what is said in them, by name or in a usual layout."""

from pathlib import Path

from multicnn.audio.datasets.transcripts.morse import morse
from multicnn.audio.datasets.transcripts.rows import read_rows
from multicnn.data.layouts.layout import refuse_columns
from multicnn.data.table import Table
from multicnn.errors import DataError

__all__ = ["DATASETS", "open_transcripts"]

DATASETS = {"morse": morse}


def open_transcripts(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """A table with columns path and text.

    Raises DataError for what is none of these, UsageError for a column that does not apply.
    """
    columns = {
        "--path-column": item_column,
        "--label-column": label_column,
        "--split-column": split_column,
        "--group-by": group_column,
    }
    if path.is_file():
        return read_rows(
            path, item_column=item_column, label_column=label_column, split_column=split_column,
            group_column=group_column,
        )  # fmt: skip
    refuse_columns(columns, path, "a folder")
    raise DataError(f"{path}: no transcripts")
