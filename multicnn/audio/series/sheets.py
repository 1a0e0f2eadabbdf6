"""One series as a CSV or TSV file: a row a step, a column a channel, with or without a header and a column of times."""

import csv
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np

from multicnn.audio.series.signal import Signal
from multicnn.audio.series.ts import MISSING
from multicnn.data.layouts.columns import candidates, plain
from multicnn.data.layouts.encoding import read_as
from multicnn.errors import DataError

TIMES = {  # usual names of a column of times, and the seconds of its unit
    **dict.fromkeys(("time", "t", "times", "timestamp", "seconds", "sec", "time_s", "time_sec", "time(s)"), 1.0),
    **dict.fromkeys(("время", "секунды", "datetime", "date_time", "elapsed"), 1.0),
    **dict.fromkeys(("time_ms", "t_ms", "timestamp_ms", "ms", "milliseconds", "time(ms)"), 1e-3),
    **dict.fromkeys(("time_us", "t_us", "timestamp_us", "us", "microseconds"), 1e-6),
    **dict.fromkeys(("time_ns", "t_ns", "timestamp_ns", "ns", "nanoseconds"), 1e-9),
}
LABELS = ("label", "labels", "class", "activity", "annotation", "метка", "класс")  # not y, which is an axis
FIRST = 20  # lines that tell what a table holds
DELIMITERS = ",;\t|"


class Rows(NamedTuple):
    """Cells, the lines they stand on, and the header's names, none where there is no header."""

    names: list[str]
    cells: list[list[str]]
    lines: list[int]


def read_sheet(path: Path) -> Signal:
    """The channels of a file. Raises DataError naming the row and the column of what is no number.

    A column named time, timestamp or the like holds seconds (time_ms: milliseconds) or dates as 2024-01-31T12:00:00.5;
    a column named label or the like is no channel.
    """
    rows, _ = read_as(path, lambda file: _rows(path, file))
    if not rows.cells:
        raise DataError(f"{path}: no numbers in the file; give a row a step, a column a channel")
    width = len(rows.names) or len(rows.cells[0])
    for cells, line in zip(rows.cells, rows.lines, strict=True):
        if len(cells) != width:
            raise DataError(f"{path}: row {line} has {len(cells)} cells, the first row {width}; make them alike")
    kinds = [plain(name) for name in rows.names]
    clock = next((i for i, name in enumerate(kinds) if name in TIMES), None)
    out = [i for i, name in enumerate(kinds) if name in LABELS]
    kept = [i for i in range(width) if i != clock and i not in out]
    if not kept:
        raise DataError(f"{path}: no channel beside {', '.join(rows.names)}; add a column of numbers")
    columns = [_numbers(path, rows, i) for i in kept]
    times = None if clock is None else _times(path, rows, clock) * TIMES[kinds[clock]]
    names = tuple(rows.names[i] for i in kept) if rows.names else ()
    return Signal(np.stack(columns, axis=1), names, times, left_out=tuple(rows.names[i] for i in out))


def header(path: Path) -> list[str]:
    """The names of the columns, none where the first row holds numbers or the file cannot be read."""
    try:
        return read_as(path, lambda file: _rows(path, file, most=FIRST))[0].names
    except DataError:
        return []


def steps_in(path: Path) -> int:
    """The columns of a table of numbers without a column of paths or texts; 0 for another."""
    try:
        rows = read_as(path, lambda file: _rows(path, file, most=FIRST))[0]
    except DataError:
        return 0
    if not rows.cells or any(candidates(rows.names, role) for role in ("path", "text")):
        return 0
    width = len(rows.cells[0])
    other = [i for i, name in enumerate(rows.names) if plain(name) in (*TIMES, *LABELS)]
    kept = [i for i in range(width) if i not in other]
    numbers = all(len(c) == width and _number(c[i]) is not None for c in rows.cells for i in kept)
    return width if numbers and kept else 0


def _rows(path: Path, file: TextIO, most: int = 0) -> Rows:
    """All rows, or the first ones, by the delimiter of the first line; blank lines and # lines are passed over."""
    found = [(n, line) for n, line in enumerate(islice(file, most or None), start=1) if line.strip()]
    found = [(n, line) for n, line in found if not line.lstrip().startswith("#")]
    if not found:
        raise DataError(f"{path}: the file is empty; give a row a step, a column a channel")
    table, lines = _table(path, [line for _, line in found]), [n for n, _ in found]
    if len(table) != len(lines):
        raise DataError(f"{path}: a quoted cell goes on in the next line; remove the quotes")
    if all(_number(cell) is not None for cell in table[0]):
        return Rows([], table, lines)
    names = [name.strip().lstrip("\ufeff") or f"column {i}" for i, name in enumerate(table[0], start=1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise DataError(f"{path}: two columns are named {twice!r}; rename one of them")
    return Rows(names, table[1:], lines[1:])


def _table(path: Path, lines: list[str]) -> list[list[str]]:
    """The cells of each line; between semicolons a comma may stand before the decimals."""
    delimiter = max(DELIMITERS, key=lambda d: (lines[0].count(d), d == ";"))
    try:
        table = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise DataError(f"{path}: not a table that can be read ({error}); save it again") from None
    if delimiter == ";" and not any("." in cell for row in table for cell in row):
        return [[cell.replace(",", ".") for cell in row] for row in table]
    return table


def _number(cell: str) -> float | None:
    """The number in a cell, NaN for a missing one, None for what is none."""
    if cell.strip().lower() in (*MISSING, "na", "null", "none"):
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        return None


def _numbers(path: Path, rows: Rows, i: int) -> np.ndarray:
    found = [_number(cells[i]) for cells in rows.cells]
    if None in found:
        bad = found.index(None)
        name = repr(rows.names[i]) if rows.names else str(i + 1)
        raise DataError(
            f"{path}: row {rows.lines[bad]}, column {name}: {rows.cells[bad][i][:30]!r} is no number; correct it, "
            "leave it empty where it is missing, or remove the column"
        )
    return np.array(found, dtype=np.float64)


def _times(path: Path, rows: Rows, i: int) -> np.ndarray:
    """Seconds from the first row. Raises DataError where they do not ascend.  -> t"""
    found = np.array([_seconds(path, line, cells[i]) for cells, line in zip(rows.cells, rows.lines, strict=True)])
    falls = np.flatnonzero(np.diff(found) <= 0)
    if len(falls):
        at = int(falls[0]) + 1
        raise DataError(
            f"{path}: row {rows.lines[at]}: time {rows.cells[at][i]} is not after {rows.cells[at - 1][i]} of the row "
            "before; sort the rows and remove repeated ones"
        )
    return found - found[0]


def _seconds(path: Path, line: int, cell: str) -> float:
    number = _number(cell)
    if number is not None and np.isfinite(number):
        return number
    try:
        date = datetime.fromisoformat(cell.strip())
    except ValueError:
        raise DataError(f"{path}: row {line}: time {cell[:30]!r} is neither a number nor a date; correct it") from None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
