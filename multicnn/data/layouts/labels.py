"""Class numbers from the label cells of a table: one label a cell, several, or one 0/1 column a class."""

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

import numpy as np

from multicnn.data.layouts.columns import SEVERAL, plain
from multicnn.data.layouts.sheet import Sheet
from multicnn.data.table import natural, number, number_several
from multicnn.errors import DataError

Labels = tuple[tuple[str, ...], np.ndarray, list[str]]  # classes, target, said
YES = frozenset({"1", "1.0", "true", "yes"})
NO = frozenset({"0", "0.0", "false", "no", ""})


def read_labels(sheet: Sheet, name: str) -> Labels:
    """Labels of one column. Raises DataError naming a row without its label."""
    cells = [_cell(value) for value in sheet.column(name)]
    if plain(name) not in SEVERAL and all(isinstance(cell, list) and len(cell) == 1 for cell in cells):
        cells = [cell[0] for cell in cells]  # a column `label` of lists, as doccano writes it
    kinds = {cell for cell in cells if isinstance(cell, str)}
    mark = "|" if any("|" in cell for cell in kinds) else _recurring(cells, kinds, name)
    if mark is None and len(single := [cell for cell in cells if isinstance(cell, str)]) == len(cells):
        return _read_single(sheet, name, single)
    split = {cell: _pieces(cell, mark) for cell in kinds}
    samples = [split[cell] if isinstance(cell, str) else cell for cell in cells]
    classes, target = number_several(samples)
    how = f"pieces of column {name!r} between {mark!r}" if mark else f"lists in column {name!r}"
    bare = int((~target.any(axis=1)).sum())
    said = [f"several labels a sample: {how}, {len(classes)} classes"]
    return classes, target, said + ([f"{bare} of {len(cells)} samples carry no label"] if bare else []) + twins(classes)


def _read_single(sheet: Sheet, name: str, cells: list[str]) -> Labels:
    if "" in cells:
        first, count = sheet.where(cells.index("")), f"{cells.count('')} of {len(cells)} rows have none"
        raise DataError(f"{first} has no label in column {name!r} ({count}); fill it in or remove the row")
    classes, target = number(cells)
    joined = [c for c in classes if "," in c or ";" in c]
    said = twins(classes)
    if joined:
        said.append(f"label {joined[0]!r} is taken as one label; write a|b to give a sample several")
    return classes, target, said


def read_indicators(sheet: Sheet, names: Sequence[str]) -> Labels:
    """Labels of one 0/1 column a class; one label a sample where each row has exactly one 1."""
    names = sorted(names, key=lambda n: (natural(n), n))
    classes = tuple(normalize("NFC", n) for n in names)
    columns = [[_flag(sheet, name, row, value) for row, value in enumerate(sheet.column(name))] for name in names]
    target = np.array(columns, dtype=bool).T
    if (target.sum(axis=1) == 1).all():
        return classes, target.argmax(axis=1), [f"one label a sample, from {len(names)} columns of 0 and 1"]
    said = f"several labels a sample, from {len(names)} columns of 0 and 1: {', '.join(classes[:12])}"
    return classes, target, [said]


def indicators(sheet: Sheet, taken: Sequence[str]) -> list[str]:
    """The columns that hold only 0 and 1, apart from those `taken`; none unless there are two or more."""
    names = [n for n in sheet.names if n and n not in taken and all(_is_flag(v) for v in sheet.column(n))]
    return names if len(names) > 1 else []


def twins(classes: Sequence[str]) -> list[str]:
    """A warning for classes that differ only by case or spaces."""
    spellings: dict[str, list[str]] = defaultdict(list)
    for c in classes:
        spellings["".join(c.casefold().split())].append(c)
    return [
        f"warning: classes {' and '.join(map(repr, same))} differ only by case or spaces; give them one spelling"
        for same in spellings.values()
        if len(same) > 1
    ]


def _cell(value: Any) -> str | list[str]:
    """A label cell as text, or as a list of labels where it is a list, or the text of one."""
    if isinstance(value, str):
        value = value.strip()
        return _list(value) if value[:1] == "[" and value[-1:] == "]" else normalize("NFC", value)
    if isinstance(value, (list, tuple)):
        return [normalize("NFC", _plain(v)) for v in value if _plain(v)]
    return normalize("NFC", _plain(value))


def _list(cell: str) -> str | list[str]:
    """A list written by JSON or by Python; any other text is left as it is."""
    for parse in (json.loads, ast.literal_eval):
        try:
            values = parse(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(values, list) and all(isinstance(v, (str, int, float)) for v in values):
            return [normalize("NFC", _plain(v)) for v in values if _plain(v)]
    return cell


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def _recurring(cells: Sequence[str | list[str]], kinds: set[str], name: str) -> str | None:
    """The comma or semicolon between labels: only in a column with a plural name whose every piece recurs."""
    if plain(name) not in SEVERAL:
        return None
    for mark in ",;":
        if not any(mark in cell for cell in kinds):
            continue
        counts = Counter(piece for cell in cells if isinstance(cell, str) for piece in _pieces(cell, mark))
        if min(counts.values()) > 1:
            return mark
    return None


def _pieces(cell: str, mark: str | None) -> list[str]:
    pieces = [piece.strip() for piece in cell.split(mark)] if mark else [cell]
    return [piece for piece in dict.fromkeys(pieces) if piece]


def _is_flag(value: Any) -> bool:
    return (text := _plain(value).lower()) in YES or text in NO


def _flag(sheet: Sheet, name: str, row: int, value: Any) -> bool:
    if not _is_flag(value):
        raise DataError(f"{sheet.where(row)}: {value!r} in column {name!r} is neither 0 nor 1; correct it")
    return _plain(value).lower() in YES
