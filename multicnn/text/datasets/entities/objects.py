"""JSON of annotation tools: the values of a file one by one, whether they are lines or one list."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from multicnn.data.layouts.encoding import read_as
from multicnn.data.layouts.objects import MAX_JSON
from multicnn.data.layouts.sheet import checked_lines
from multicnn.errors import DataError

SUFFIXES = (".json", ".jsonl", ".ndjson")
LISTS = ("annotations", "data", "examples", "documents", "items")  # keys of an object that holds a file's records


class Value(NamedTuple):
    """A record. id: the file's name and the record's line or number.  where: the same with the file's path."""

    value: Any
    id: str
    where: str


def read_values(path: Path, name: str, said: list[str]) -> list[Value]:
    """The records of a file: a line each, or those of a list. Raises DataError naming the row that is no JSON."""

    def parse(file: TextIO) -> list[Value]:
        if path.suffix.lower() == ".json":
            text = file.read(MAX_JSON + 1)
            if len(text) > MAX_JSON:
                raise DataError(f"{path}: more than {MAX_JSON:,} characters; save it as JSON Lines (.jsonl)")
            try:
                return listed(json.loads(text.lstrip("\ufeff")), path, name)
            except RecursionError:
                raise DataError(f"{path}: lists within lists without end; mend it") from None
            except ValueError as error:
                if not text.lstrip("\ufeff \t\r\n").startswith("{") or "Extra data" not in str(error):
                    raise DataError(f"{path}: not valid JSON ({error}); mend it") from None
                file.seek(0)
        lines = enumerate(checked_lines(file, path, MAX_JSON), start=1)
        return [
            Value(loaded(line, f"{path}: row {n}"), f"{name}:{n}", f"{path}: row {n}")
            for n, line in lines
            if line.strip()
        ]

    values, note = read_as(path, parse)
    if note:
        said.append(note)
    return values


def listed(value: Any, path: Path, name: str) -> list[Value]:
    """The records of a parsed file. Raises DataError for a number or a word."""
    if isinstance(value, dict):
        held = next((v for k in LISTS if isinstance(v := value.get(k), list)), None)
        value = [value] if held is None or "text" in value or isinstance(value.get("data"), dict) else held
    if not isinstance(value, list):
        raise DataError(f"{path}: neither a list nor an object; give a list of texts with their entities")
    records = enumerate((v for v in value if v is not None), start=1)
    return [Value(one, f"{name}:{n}", f"{path}: row {n}") for n, one in records]


def loaded(line: str, where: str) -> Any:
    """The value of a line. Raises DataError."""
    try:
        return json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where} is not valid JSON ({error}); mend it, one object a line") from None


def first_key(record: Any, keys: Sequence[str]) -> str | None:
    """The first of the keys that an object has with a value."""
    return next((k for k in keys if record.get(k) is not None), None)
