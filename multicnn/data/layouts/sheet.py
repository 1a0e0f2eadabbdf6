"""The raw cells of a table file, and its lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from multicnn.errors import DataError

MAX_CELL = 10_000_000  # characters; a longer cell is a quote that is never closed, or no sample


@dataclass(frozen=True, eq=False)
class Sheet:
    """Columns of cells as the file gives them (strings, or any JSON value), and the line each record starts on."""

    path: Path
    names: tuple[str, ...]
    columns: tuple[list[Any], ...]
    lines: list[int]
    said: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: int) -> str:
        """`photos.csv: row 12`, as an editor or a spreadsheet counts."""
        return f"{self.path}: row {self.lines[row]}"

    def column(self, name: str) -> list[Any]:
        return self.columns[self.names.index(name)]


def as_text(value: Any) -> str:
    """A cell as text without the spaces round it; nothing for a missing one."""
    return "" if value is None else str(value).strip()


def checked_lines(file: TextIO, path: Path, limit: int) -> Iterator[str]:
    """The lines of a file with their ends, never more than `limit` characters in memory at once."""
    number = 0
    while line := file.readline(limit + 1):
        number += 1
        if len(line) > limit:
            raise DataError(f"{path}: row {number} has a cell of more than {limit:,} characters; cut it or remove it")
        if "\0" in line:
            raise DataError(f"{path}: row {number} has a NUL character; the file is damaged, save it again as UTF-8")
        yield line
