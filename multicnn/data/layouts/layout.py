"""Open whatever the user points at: a folder of class folders, or a table file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from multicnn.data.layouts.encoding import read_noted
from multicnn.data.layouts.folder import read_folder
from multicnn.data.layouts.tabular import SUFFIXES, read_table
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError

PACKED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")
SHEETS = (".xlsx", ".xls", ".ods", ".pkl")


def open_layout(
    path: Path,
    *,
    item: Literal["path", "text"],
    suffixes: frozenset[str],
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """The table of a folder or a table file; `item` "text" reads the texts of a folder's files too.

    suffixes: of the sample files (lower case, with the dot). Raises DataError for what is no data set, and UsageError
    for a column named for a folder, or one that the table lacks.
    """
    columns = {
        f"--{item}-column": item_column,
        "--label-column": label_column,
        "--split-column": split_column,
        "--group-by": group_column,
    }
    if path.is_dir():
        refuse_columns(columns, path, "a folder")
        table = read_folder(path, suffixes)
        return table if item == "path" else _with_texts(table)
    _refuse_others(path, suffixes)
    return read_table(
        path,
        item=item,
        suffixes=suffixes if item == "path" else None,
        item_column=item_column,
        label_column=label_column,
        split_column=split_column,
        group_column=group_column,
    )


def refuse_columns(columns: Mapping[str, str | None], path: Path, what: str) -> None:
    """Raises UsageError for a column, by its flag, that is named of what is not a table."""
    if named := [flag for flag, column in columns.items() if column]:
        raise UsageError(f"{named[0]} names a column, but {path} is {what}; give a table file, or leave it out")


def _with_texts(table: Table) -> Table:
    read = [read_noted(Path(path)) for path in table.items]
    notes = [note for _, note in read if note]
    said = (*table.said, f"{len(notes):,} of {len(read):,} files: {notes[0]}") if notes else table.said
    return replace(table, items=strings(text for text, _ in read), said=said)


def _refuse_others(path: Path, suffixes: frozenset[str]) -> None:
    """Raises DataError that says what to do with a path that is neither folder nor table."""
    suffix = path.suffix.lower()
    if not path.exists():
        raise DataError(f"no such file or folder: {path}; check the name, or run `multicnn datasets` for named sets")
    if suffix in PACKED:
        raise DataError(f"{path} is packed; unpack it first and give the folder or table inside")
    if suffix in SHEETS:
        raise DataError(f"{path}: {suffix} files are not read; save the table as CSV or JSON Lines")
    if suffix in suffixes and suffix not in SUFFIXES:
        raise DataError(f"{path} is a single sample; give a folder with a folder per class, or a table file")
