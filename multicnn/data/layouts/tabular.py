"""A table file with a row a sample: paths or texts, labels, and, where the file has them, split, folds and groups."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TextIO

import numpy as np

from multicnn.data.layouts.arrow import SUFFIXES as ARROW
from multicnn.data.layouts.arrow import read_arrow
from multicnn.data.layouts.columns import candidates, chosen, missing, text_columns
from multicnn.data.layouts.delimited import read_delimited
from multicnn.data.layouts.encoding import read_as
from multicnn.data.layouts.files import existing, once
from multicnn.data.layouts.labels import Labels, indicators, read_indicators, read_labels
from multicnn.data.layouts.objects import read_lines, read_list, starts_list
from multicnn.data.layouts.orange import is_orange, without_header
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.sheet import MAX_CELL, Sheet, as_text
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError

SUFFIXES = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", *ARROW)
LONGEST_CELL = 100  # characters
FEW_GROUPS = 5  # with fewer, no part of 15 % can be made of whole groups


def read_table(
    path: Path,
    *,
    item: Literal["path", "text"],
    suffixes: frozenset[str] | None = None,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
    root: Path | None = None,
    name: str | None = None,
) -> Table:
    """The samples of a CSV, TSV, JSON Lines or JSON list file, by the usual names of its columns or the given ones.

    Paths are relative to `root`, or else to the table's own folder, and must end in one of `suffixes`.
    `label_column` may name several columns of 0 and 1, with commas between. Raises DataError naming the row that cannot
    be used, and UsageError for a column that the table lacks.
    """
    sheet = read_sheet(path)
    table = as_table(
        sheet, item=item, suffixes=suffixes, item_column=item_column, label_column=label_column,
        split_column=split_column, group_column=group_column, root=root, name=name,
    )  # fmt: skip
    return once(sheet, table) if item == "path" else table


def as_table(
    sheet: Sheet,
    *,
    item: Literal["path", "text"],
    suffixes: frozenset[str] | None = None,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
    root: Path | None = None,
    name: str | None = None,
) -> Table:
    """A sample a record, as `read_table` makes them, those that repeat a path and label too."""
    said = list(sheet.said)
    item_names = (_text_columns if item == "text" else _path_column)(sheet, item_column, said)
    used, split, fold = _split(sheet, split_column, said)
    group = _group(sheet, group_column, said, used)
    classes, target, how = _labels(sheet, label_column, [*item_names, *used], said)
    said += how
    cells = sheet.joined(item_names)
    items, ids = _texts(sheet, cells, said) if item == "text" else existing(sheet, cells, root, suffixes)
    return Table(
        name or sheet.path.stem, items, ids, classes, target, split, fold, group, said=tuple(said),
        more=more(sheet, item_names),
    )  # fmt: skip


def more(sheet: Sheet, taken: Sequence[str]) -> dict[str, np.ndarray]:
    """The other columns, by which results may be told apart; none of texts that are longer than a name."""
    found = {name: strings(map(as_text, sheet.column(name))) for name in sheet.names if name not in taken}
    return {name: column for name, column in found.items() if max(map(len, column), default=0) <= LONGEST_CELL}


def read_sheet(path: Path, *, max_cell: int = MAX_CELL) -> Sheet:
    """All records of a table file. Raises DataError naming the row that breaks its format."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(f"{path}: not a table; save it as one of {', '.join(SUFFIXES)}")
    if suffix in ARROW:
        return _filled(read_arrow(path))

    def parse(file: TextIO) -> Sheet:
        if suffix == ".json" and starts_list(file):
            return read_list(file, path, max_cell)
        if suffix in (".jsonl", ".ndjson", ".json"):
            return read_lines(file, path, max_cell)
        return read_delimited(file, path, max_cell)

    sheet, note = read_as(path, parse)
    sheet = replace(sheet, said=(note,) if note else ())
    return _filled(without_header(sheet) if is_orange(sheet) else sheet)


def _filled(sheet: Sheet) -> Sheet:
    if not len(sheet):
        raise DataError(f"{sheet.path}: no sample in the table; add one a row below the header")
    return sheet


def _choose(sheet: Sheet, role: str, override: str | None, free: Sequence[str], said: list[str]) -> str:
    """The column the user named, or the likeliest of the `free` ones. Raises DataError where there is none."""
    if override:
        return chosen(sheet.names, role, override)
    if sheet.roles.get(role) in free:
        return sheet.roles[role]
    found = candidates(free, role)
    if not found:
        raise missing(sheet.path, sheet.names, role)
    if len(found) > 1:
        said.append(f"column {found[0]!r} is taken for the {role}s; {', '.join(map(repr, found[1:]))} would do too")
    return found[0]


def _path_column(sheet: Sheet, override: str | None, said: list[str]) -> list[str]:
    return [_choose(sheet, "path", override, sheet.names, said)]


def _text_columns(sheet: Sheet, override: str | None, said: list[str]) -> list[str]:
    """The columns that are the texts, said aloud where the user named none and several would do."""
    if override or sheet.roles.get("text") in sheet.names:
        return text_columns(sheet.names, override) if override else [sheet.roles["text"]]
    found = text_columns(sheet.names, None)
    if len(found) < 2:
        return [_choose(sheet, "text", None, sheet.names, said)]
    said.append(f"texts are the columns {' and '.join(map(repr, found))}; --text-column {found[-1]} takes one alone")
    return found


def _labels(sheet: Sheet, override: str | None, taken: Sequence[str], said: list[str]) -> Labels:
    if override and override not in sheet.names and "," in override:
        return read_indicators(sheet, [chosen(sheet.names, "label", n.strip()) for n in override.split(",")])
    free = [n for n in sheet.names if n not in taken]
    known = candidates(free, "label") or "label" in sheet.roles
    if not override and not known and (names := indicators(sheet, taken)):
        return read_indicators(sheet, names)
    name = _choose(sheet, "label", override, free, said)
    if name in taken:
        raise UsageError(f"--label-column: column {name!r} is already taken for another role; name another column")
    return read_labels(sheet, name)


def _split(
    sheet: Sheet, override: str | None, said: list[str]
) -> tuple[list[str], np.ndarray | None, np.ndarray | None]:
    """The columns used, official parts, and official folds; a split column that holds numbers gives folds."""
    parts = [chosen(sheet.names, "split", override)] if override else candidates(sheet.names, "split")[:1]
    folds = [] if override else candidates(sheet.names, "fold")[:1]
    cells = [as_text(value) for value in sheet.column(parts[0])] if parts else []
    if cells and all(re.fullmatch(r"\d+(\.0)?", cell) for cell in cells):
        return parts + folds, None, _folds(sheet, (folds or parts)[0])
    fold = _folds(sheet, folds[0]) if folds else None
    if parts and not override and not any(map(part_of, cells)):  # `part` and `set` have other meanings too
        said.append(f"column {parts[0]!r} names no train, val and test; it is not used")
        return folds, None, fold
    return parts + folds, _parts(sheet, parts[0], cells) if parts else None, fold


def _parts(sheet: Sheet, name: str, cells: list[str]) -> np.ndarray:
    known = {cell: part_of(cell) if cell else "" for cell in set(cells)}
    for row, cell in enumerate(cells):
        if known[cell] is None:
            raise DataError(
                f"{sheet.where(row)}: {cell!r} in column {name!r} is none of train, val and test; "
                "correct it, or name the right column with --split-column"
            )
    return strings(known[cell] for cell in cells)


def _folds(sheet: Sheet, name: str) -> np.ndarray:
    """Fold numbers; `fold3` is 3."""
    folds = np.zeros(len(sheet), dtype=np.int64)
    for row, value in enumerate(sheet.column(name)):
        match = re.fullmatch(r"\D*(\d+)(\.0)?", as_text(value))
        if not match:
            raise DataError(f"{sheet.where(row)}: {value!r} in column {name!r} is no fold number; correct it")
        folds[row] = int(match[1])
    return folds


def _group(sheet: Sheet, override: str | None, said: list[str], used: list[str]) -> np.ndarray | None:
    """The group of each sample, its column added to those `used`. A row without one is a group of its own."""
    named = [chosen(sheet.names, "group", override)] if override else candidates(sheet.names, "group")[:1]
    if not named:
        return None
    name, cells = named[0], [as_text(value) for value in sheet.column(named[0])]
    n = len(set(cells))
    if not override and n < FEW_GROUPS:
        said.append(
            f"column {name!r} has only {n} values and is not used; to keep each in one part, set --group-by {name}"
        )
        return None
    used.append(name)
    said.append(f"samples with the same {name!r} stay in one part ({n} groups)")
    return strings(cell or f"row {line}" for cell, line in zip(cells, sheet.lines, strict=True))


def _texts(sheet: Sheet, cells: list[Any], said: list[str]) -> tuple[np.ndarray, np.ndarray]:
    for row, value in enumerate(cells):
        if value is not None and not isinstance(value, (str, int, float)):
            raise DataError(f"{sheet.where(row)}: the text is a {type(value).__name__}, not a string; correct it")
    texts = strings("" if value is None else value for value in cells)
    empty = [row for row, text in enumerate(texts) if not text.strip()]
    if empty:
        said.append(f"{len(empty)} of {len(texts)} texts are empty, the first in row {sheet.lines[empty[0]]}")
    return texts, strings(sheet.name(row) for row in range(len(sheet)))
