"""The files that a table lists."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.layouts.sheet import Sheet, as_text
from multicnn.data.layouts.tree import kind
from multicnn.data.table import Table, strings
from multicnn.errors import DataError


def existing(
    sheet: Sheet, cells: list[Any], root: Path | None, suffixes: frozenset[str] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Absolute paths, and paths as the table gives them. Raises DataError for an empty cell or a missing file."""
    names = [as_text(value) for value in cells]
    for row, name in enumerate(names):
        if not name:
            raise DataError(f"{sheet.where(row)} has no path; fill it in or remove the row")
        if suffixes and kind(name) not in suffixes:
            raise DataError(f"{sheet.where(row)}: {name!r} does not end in {' or '.join(sorted(suffixes))}; correct it")
    start = str((root or sheet.path.parent).absolute())
    paths = [_path(start, name) for name in names]
    absent = [row for row, path in enumerate(paths) if not os.path.isfile(path)]
    if absent:
        count = f"{len(absent)} of {len(paths)} files {'is' if len(absent) == 1 else 'are'} missing"
        where = f"{sheet.where(absent[0])}: no such file {paths[absent[0]]}"
        raise DataError(f"{where}; {count}, paths are relative to {start}")
    return strings(paths), strings(os.path.normpath(name.replace("\\", "/")).replace(os.sep, "/") for name in names)


def _path(start: str, name: str) -> str:
    """Where the file lies; a path that was written on Windows is read with its slashes turned."""
    path = os.path.normpath(os.path.join(start, name))
    if "\\" not in name or os.path.isfile(path):
        return path
    return os.path.normpath(os.path.join(start, name.replace("\\", "/")))


def once(sheet: Sheet, table: Table) -> Table:
    """Each file in one row. Raises DataError where another row gives it another label, part or fold."""
    first: dict[str, int] = {}
    repeated = [(row, before) for row, path in enumerate(table.items) if (before := first.setdefault(path, row)) != row]
    if not repeated:
        return table
    for row, before in repeated:
        for what, column in (("label", table.target), ("split", table.split), ("fold", table.fold)):
            if column is not None and not np.array_equal(column[before], column[row]):
                several = ", or give the file several labels as a|b" if what == "label" else ""
                raise DataError(
                    f"{sheet.where(row)}: {table.ids[row]} has another {what} than in row {sheet.lines[before]}; "
                    f"keep one of the rows{several}"
                )
    count = f"{len(repeated)} row{'s' * (len(repeated) > 1)}"
    said = f"{count} left out that repeat the path and label of an earlier row"
    return replace(table.take(np.array(sorted(first.values()))), said=(*table.said, said))
