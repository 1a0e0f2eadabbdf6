"""CSV, TSV and their like: records of cells between delimiters."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import TextIO

from multicnn.data.layouts.columns import usual
from multicnn.data.layouts.sheet import Sheet, checked_lines
from multicnn.errors import DataError

TABBED = (".tsv", ".tab")
SAMPLE = 1 << 16  # characters that vote on the delimiter
FIELD_LIMIT = Lock()  # the csv module has one limit for the whole process
Record = tuple[int, list[str]]  # the line it starts on, its cells


def read_delimited(file: TextIO, path: Path, limit: int) -> Sheet:
    """All records, by the delimiter that fits best. Raises DataError naming the row that does not fit."""
    with field_limit(limit):
        delimiter = _vote(_sample(file, path, limit), path.suffix.lower() in TABBED)
        file.seek(0)
        if delimiter == "\t":
            try:
                return _sheet(path, _plain_records(file, path, limit))
            except DataError:  # a quoted cell may hold a tab or a line end
                file.seek(0)
        return _sheet(path, _records(file, path, delimiter, limit))


@contextmanager
def field_limit(limit: int) -> Iterator[None]:
    """The csv module's limit of the characters of a cell, as long as this lasts."""
    with FIELD_LIMIT:
        before = csv.field_size_limit(limit)
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _sample(file: TextIO, path: Path, limit: int) -> list[str]:
    """The first lines of a file."""
    sample, size = [], 0
    for line in checked_lines(file, path, limit):
        sample.append(line)
        size += len(line)
        if size > SAMPLE:
            break
    return sample


def _vote(sample: list[str], tabbed: bool) -> str:
    """The delimiter that finds usual column names, and the header's width in most records."""
    if tabbed and sample and "\t" in sample[0]:
        return "\t"

    def score(delimiter: str) -> tuple[bool, int, float, int]:
        records = list(_readable(csv.reader(sample, delimiter=delimiter, skipinitialspace=True)))
        header = records[0] if records else []
        same = sum(len(r) == len(header) for r in records) / max(1, len(records))
        return len(header) > 1, sum(map(usual, header)), same, len(header)

    return max(",;\t|", key=score)


def _readable(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """The records before the first that the csv module refuses, without blank ones."""
    with suppress(csv.Error):
        yield from filter(None, reader)


def _records(file: TextIO, path: Path, delimiter: str, limit: int) -> Iterator[Record]:
    """Records whose cells may be quoted; blank ones are passed over."""
    lines: list[str] = []  # of the record that is being read

    def remembered() -> Iterator[str]:
        for line in checked_lines(file, path, limit):
            lines.append(line)
            yield line

    reader = csv.reader(remembered(), delimiter=delimiter, skipinitialspace=True)
    start, held, held_lines = 1, None, []
    try:
        for row in reader:
            if held:
                yield held
            held, held_lines = (start, row) if any(row) else None, lines.copy()
            start = reader.line_num + 1
            lines.clear()
    except csv.Error as error:
        why = f"has a cell of more than {limit:,} characters" if "limit" in str(error) else f"cannot be read ({error})"
        raise DataError(f"{path}: row {start} {why}; close its quotes, or cut it") from None
    if held and not _closes(held_lines, delimiter):
        raise DataError(f"{path}: row {held[0]} opens a quote that is never closed; close it or double it")
    if held:
        yield held


def _closes(lines: list[str], delimiter: str) -> bool:
    """Whether the record's quotes are closed at its end (the csv module lets the end of a file close them)."""
    try:
        list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        return "unexpected end" not in str(error)
    return True


def _plain_records(file: TextIO, path: Path, limit: int) -> Iterator[Record]:
    """A record a line, cells between tabs: a quote within a cell is a plain character, as many such files have it."""
    for number, line in enumerate(checked_lines(file, path, limit), start=1):
        cells = [_unquoted(cell) for cell in line.rstrip("\r\n").split("\t")]
        if any(cells):
            yield number, cells


def _unquoted(cell: str) -> str:
    """A cell without the quotes and the doubling of a CSV writer."""
    if len(cell) < 2 or cell[0] != '"' or cell[-1] != '"':
        return cell
    inner = cell[1:-1]
    return cell if '"' in inner.replace('""', "") else inner.replace('""', '"')


def _sheet(path: Path, records: Iterator[Record]) -> Sheet:
    """Columns, of which the first record holds the names; cells right of the last name must be empty."""
    _, header = next(records, (0, []))
    names = _names(path, header)
    rows, lines = [], []
    for line, row in records:
        if len(row) < len(names) or any(row[len(names) :]):
            raise DataError(
                f"{path}: row {line} has {len(row)} cells, the header has {len(names)}; "
                "put a cell that holds the delimiter in double quotes"
            )
        rows.append(row)
        lines.append(line)
    columns = zip(*rows, strict=False) if rows else ([] for _ in names)
    return Sheet(path, names, tuple(list(column) for _, column in zip(names, columns, strict=False)), lines)


def _names(path: Path, header: list[str]) -> tuple[str, ...]:
    """The names of the columns, up to the last that has one."""
    names = [name.strip().lstrip("\ufeff") for name in header]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise DataError(f"{path}: the table is empty; give it a header and one sample a row")
    if len(names) == 1 and not usual(names[0]):
        raise DataError(f"{path}: one column only, {names[0][:60]!r}; give a header and a delimiter, as in text,label")
    for name in names:
        if name and names.count(name) > 1:
            raise DataError(f"{path}: two columns are named {name!r}; rename one of them")
    return tuple(names)
