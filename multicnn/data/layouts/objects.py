"""JSON Lines and JSON lists: records that are objects."""

import json
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from multicnn.data.layouts.encoding import read_as
from multicnn.data.layouts.sheet import MAX_CELL, Sheet, checked_lines
from multicnn.errors import DataError

MAX_JSON = 200_000_000  # characters; a JSON list is parsed in one piece
Record = tuple[int, dict[str, Any]]  # its row, the object


def starts_list(file: TextIO) -> bool:
    """Whether a JSON file is one list, and not an object a line."""
    start = file.read(1000).lstrip("\ufeff \t\r\n")
    file.seek(0)
    return start.startswith("[")


def read_lines(file: TextIO, path: Path, limit: int) -> Sheet:
    """An object a line. Raises DataError naming the row that is none."""
    return _from_objects(path, _by_line(file, path, limit))


def read_list(file: TextIO, path: Path, limit: int) -> Sheet:
    """A list of objects; rows are counted from 1."""
    return _from_objects(path, _listed(file, path, limit))


def read_records(path: Path, *, limit: int = MAX_CELL) -> list[Record]:
    """The objects of a file that holds one list of them, or one a line, each with its row.

    Raises DataError naming the row that is none, and for a file without any.
    """

    def parse(file: TextIO) -> list[Record]:
        return (_listed if starts_list(file) else _by_line)(file, path, limit)

    records, _ = read_as(path, parse)
    if not records:
        raise DataError(f"{path}: no object in the file; write one a line, or a list of them")
    return records


def _by_line(file: TextIO, path: Path, limit: int) -> list[Record]:
    lines = enumerate(checked_lines(file, path, limit), start=1)
    return [(number, _object(line, f"{path}: row {number}")) for number, line in lines if line.strip()]


def _listed(file: TextIO, path: Path, limit: int) -> list[Record]:
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
    return list(enumerate(records, start=1))


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(f"{where} is not valid JSON ({error}); mend it, one object a line") from None
    if not isinstance(record, dict):
        raise DataError(f'{where} is no JSON object; write {{"text": ..., "label": ...}}')
    return record


def _from_objects(path: Path, records: list[Record]) -> Sheet:
    names = tuple(dict.fromkeys(chain.from_iterable(record for _, record in records)))
    columns = tuple([record.get(name) for _, record in records] for name in names)
    return Sheet(path, names, columns, [line for line, _ in records])
