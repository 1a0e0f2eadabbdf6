"""CSV, TSV and their like: records of cells between delimiters."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TextIO

from multicnn.data.layouts.columns import usual
from multicnn.data.layouts.sheet import Sheet, checked_lines
from multicnn.errors import DataError

SAMPLE = 1 << 16  # characters that vote on the delimiter
FIELD_LIMIT = Lock()  # the csv module has one limit for the whole process


def read_delimited(file: TextIO, path: Path, delimiter: str | None, limit: int) -> Sheet:
    """All records; without a `delimiter`, that which fits best. Raises DataError for a ragged or endless record."""
    with _field_limit(limit):
        delimiter = delimiter or _vote(_sample(file, path, limit))
        file.seek(0)
        names, rows, lines = _records(file, path, delimiter, limit, quoted=delimiter != "\t")
        if delimiter == "\t":  # a quote is a plain character in many such files, and cells hold no line ends
            if any(len(row) != len(names) for row in rows):
                file.seek(0)
                names, rows, lines = _records(file, path, delimiter, limit, quoted=True)
            else:
                rows = [[_unquoted(cell) for cell in row] for row in rows]
    width = _width(names, path)
    _refuse_ragged(rows, width, lines, path)
    columns = tuple(list(column) for column in islice(zip(*rows, strict=False), width)) or tuple([] for _ in names)
    return Sheet(path, tuple(names[:width]), columns, lines)


@contextmanager
def _field_limit(limit: int) -> Iterator[None]:
    with FIELD_LIMIT:
        before = csv.field_size_limit(limit)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _sample(file: TextIO, path: Path, limit: int) -> list[str]:
    """The first lines; the last is cut off where there are more."""
    sample, size = [], 0
    for line in checked_lines(file, path, limit):
        sample.append(line)
        size += len(line)
        if size > SAMPLE:
            return sample[:-1] or sample
    return sample


def _vote(sample: list[str]) -> str:
    """The delimiter that finds usual column names, and the header's width in most records."""

    def score(delimiter: str) -> tuple[bool, int, float, int]:
        try:
            records = [r for r in csv.reader(sample, delimiter=delimiter, skipinitialspace=True) if r]
        except csv.Error:
            return False, 0, 0.0, 0
        width = len(records[0]) if records else 0
        same = sum(len(r) == width for r in records) / max(1, len(records))
        return width > 1, sum(map(usual, records[0] if records else ())), same, width

    return max(",;\t|", key=score)


def _records(
    file: TextIO, path: Path, delimiter: str, limit: int, *, quoted: bool
) -> tuple[list[str], list[list[str]], list[int]]:
    """Header, records and the line each record starts on; blank records are passed over."""
    last: list[str] = []  # the lines of the record that is being read

    def remembered() -> Iterator[str]:
        for line in checked_lines(file, path, limit):
            last.append(line)
            yield line

    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(remembered(), delimiter=delimiter, skipinitialspace=True, quoting=quoting)
    rows: list[list[str]] = []
    lines: list[int] = []
    start, ended = 1, True
    try:
        for row in reader:
            if any(row):
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
            ended = (len(last) == 1 and '"' not in last[0]) or not quoted or _closes(last, delimiter)
            last.clear()
    except csv.Error as error:
        long = "limit" in str(error)
        why = (
            f"has a cell of more than {limit:,} characters; a quote may be left open, close it" if long else f"{error}"
        )
        raise DataError(f"{path}: row {start} {why}") from None
    if not ended:
        raise DataError(f"{path}: row {lines[-1]} opens a quote that is never closed; close it or double it")
    if not rows:
        raise DataError(f"{path}: the table is empty; give it a header and one sample a row")
    return [name.strip().lstrip("\ufeff") for name in rows[0]], rows[1:], lines[1:]


def _closes(lines: list[str], delimiter: str) -> bool:
    """Whether the record's quotes are closed at its end (the csv module ends an open one with the file)."""
    try:
        list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


def _unquoted(cell: str) -> str:
    """A cell without its quotes, where they are those of a CSV writer."""
    inner = cell[1:-1]
    if len(cell) < 2 or cell[0] != '"' or cell[-1] != '"' or '"' in inner.replace('""', ""):
        return cell
    return inner.replace('""', '"')


def _width(names: list[str], path: Path) -> int:
    """Columns that have a name, or lie left of one that has."""
    width = max((i + 1 for i, name in enumerate(names) if name), default=0)
    _refuse_twins(names[:width], path)
    return width


def _refuse_twins(names: list[str], path: Path) -> None:
    for name in names:
        if name and names.count(name) > 1:
            raise DataError(f"{path}: two columns are named {name!r}; rename one of them")


def _refuse_ragged(rows: list[list[str]], width: int, lines: list[int], path: Path) -> None:
    for row, line in zip(rows, lines, strict=True):
        if len(row) != width and (len(row) < width or any(row[width:])):
            raise DataError(
                f"{path}: row {line} has {len(row)} cells, the header has {width}; "
                "put a cell that holds the delimiter in double quotes"
            )
