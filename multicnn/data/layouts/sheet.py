"""The raw cells of a table file, and its lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from multicnn.errors import DataError

MAX_CELL = 10_000_000  # characters; a longer cell is a quote that is never closed, or no sample


@dataclass(frozen=True, eq=False)
class Sheet:
    """Columns of cells as the file gives them (strings, or any JSON value), and the line each record starts on.

    files: of the folder `path`, the file that each row is in; None where `path` is the file.
    roles: "text" or "label" -> the column that the file itself says is that.
    """

    path: Path
    names: tuple[str, ...]
    columns: tuple[list[Any], ...]
    lines: list[int]
    said: tuple[str, ...] = ()
    files: list[str] | None = None
    roles: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, row: int) -> str:
        """`photos.csv: row 12`, as an editor or a spreadsheet counts."""
        return f"{self.path / self.files[row] if self.files else self.path}: row {self.lines[row]}"

    def name(self, row: int) -> str:
        """`photos.csv:12`"""
        return f"{self.files[row] if self.files else self.path.name}:{self.lines[row]}"

    def take(self, rows: Sequence[int]) -> "Sheet":
        """The same columns with only `rows`."""
        columns = tuple([column[row] for row in rows] for column in self.columns)
        files = [self.files[row] for row in rows] if self.files else None
        return replace(self, columns=columns, lines=[self.lines[row] for row in rows], files=files)

    def column(self, name: str) -> list[Any]:
        return self.columns[self.names.index(name)]

    def joined(self, names: Sequence[str]) -> list[Any]:
        """The cells of one column, or the texts of several that are not empty, a line each."""
        if len(names) == 1:
            return self.column(names[0])
        rows = zip(*(self.column(name) for name in names), strict=True)
        return ["\n".join(text for cell in row if (text := as_text(cell))) for row in rows]


class Piece(NamedTuple):
    """A file of a set that lies in several: its name below the folder, the part it holds ("" unknown), its rows."""

    file: str
    part: str
    sheet: Sheet


def stacked(folder: Path, pieces: Sequence[Piece], said: Sequence[str] = ()) -> Sheet:
    """All rows of the files of a folder. Where their parts are known, column `split` tells them, and no other does.

    A column that some files lack holds None there.
    """
    parts = any(piece.part for piece in pieces)
    names = [
        n for n in dict.fromkeys(chain.from_iterable(p.sheet.names for p in pieces)) if not (parts and n == "split")
    ]
    columns = [
        [cell for p in pieces for cell in (p.sheet.column(n) if n in p.sheet.names else [None] * len(p.sheet))]
        for n in names
    ]
    if parts:
        names.append("split")
        columns.append([p.part for p in pieces for _ in p.sheet.lines])
    lines = [line for p in pieces for line in p.sheet.lines]
    notes = (*dict.fromkeys([*said, *(note for p in pieces for note in p.sheet.said)]),)
    files = [p.file for p in pieces for _ in p.sheet.lines]
    roles = {role: name for p in pieces for role, name in p.sheet.roles.items()}
    return Sheet(folder, tuple(names), tuple(columns), lines, notes, files, roles)


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
