"""JSON Lines and JSON lists: records that are objects."""

import json
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from multicnn.data.layouts.sheet import Sheet, checked_lines
from multicnn.errors import DataError

MAX_JSON = 200_000_000  # characters; a JSON list is parsed in one piece


def starts_list(file: TextIO) -> bool:
    """Whether a JSON file is one list, and not an object a line."""
    start = file.read(1000).lstrip("\ufeff \t\r\n")
    file.seek(0)
    return start.startswith("[")


def read_lines(file: TextIO, path: Path, limit: int) -> Sheet:
    """An object a line. Raises DataError naming the row that is none."""
    records, lines = [], []
    for number, line in enumerate(checked_lines(file, path, limit), start=1):
        if line.strip():
            records.append(_object(line, f"{path}: row {number}"))
            lines.append(number)
    return _from_objects(path, records, lines)


def read_list(file: TextIO, path: Path, limit: int) -> Sheet:
    """A list of objects; rows are counted from 1."""
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
