"""The raw cells of a table file: CSV, TSV, JSON Lines or a JSON list."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from multicnn.data.layouts.columns import usual
from multicnn.data.layouts.encoding import read_as
from multicnn.errors import DataError

MAX_CELL = 10_000_000  # characters; a longer cell is a quote that is never closed, or no sample
MAX_JSON = 200_000_000  # characters; a JSON list is parsed in one piece
SAMPLE = 1 << 16  # characters that vote on the delimiter
FIELD_LIMIT = Lock()  # the csv module has one limit for the whole process
SUFFIXES = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json")


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


def read_sheet(path: Path, *, max_cell: int = MAX_CELL) -> Sheet:
    """All records of a table file. Raises DataError naming the row that breaks its format."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(f"{path}: not a table; save it as one of {', '.join(SUFFIXES)}")

    def parse(file: TextIO) -> Sheet:
        if suffix == ".json" and _starts_list(file):
            return _read_list(file, path, max_cell)
        if suffix in (".jsonl", ".ndjson", ".json"):
            return _read_lines(file, path, max_cell)
        return _read_csv(file, path, "\t" if suffix in (".tsv", ".tab") else None, max_cell)

    sheet, note = read_as(path, parse)
    if not len(sheet):
        raise DataError(f"{path}: no sample in the table; add one a row below the header")
    return Sheet(sheet.path, sheet.names, sheet.columns, sheet.lines, (note,) if note else ())


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


# --- CSV ---


def _read_csv(file: TextIO, path: Path, delimiter: str | None, limit: int) -> Sheet:
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


# --- JSON ---


def _starts_list(file: TextIO) -> bool:
    start = file.read(1000).lstrip("\ufeff \t\r\n")
    file.seek(0)
    return start.startswith("[")


def _read_lines(file: TextIO, path: Path, limit: int) -> Sheet:
    records, lines = [], []
    for number, line in enumerate(checked_lines(file, path, limit), start=1):
        if line.strip():
            records.append(_object(line, f"{path}: row {number}"))
            lines.append(number)
    return _from_objects(path, records, lines)


def _read_list(file: TextIO, path: Path, limit: int) -> Sheet:
    text = file.read(MAX_JSON + 1)
    if len(text) > MAX_JSON:
        raise DataError(f"{path}: a JSON list of more than {MAX_JSON:,} characters; save it as JSON Lines (.jsonl)")
    try:
        records = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"{path}: not valid JSON ({error}); mend it") from None
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise DataError(f'{path}: row {number} is no JSON object; write {{"text": ..., "label": ...}}')
        if any(isinstance(cell, str) and len(cell) > limit for cell in record.values()):
            raise DataError(f"{path}: row {number} has a cell of more than {limit:,} characters; cut it or remove it")
    return _from_objects(path, records, list(range(1, len(records) + 1)))


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"{where} is not valid JSON ({error}); mend it, one object a line") from None
    if not isinstance(record, dict):
        raise DataError(f'{where} is no JSON object; write {{"text": ..., "label": ...}}')
    return record


def _from_objects(path: Path, records: list[dict[str, Any]], lines: list[int]) -> Sheet:
    names = tuple(dict.fromkeys(chain.from_iterable(records)))
    return Sheet(path, names, tuple([record.get(name) for record in records] for name in names), lines)
