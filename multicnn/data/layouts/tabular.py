"""A table file with a row a sample: paths or texts, labels, and, where the file has them, split, folds and groups."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from multicnn.data.layouts.columns import candidates, chosen, missing
from multicnn.data.layouts.labels import Labels, indicators, read_indicators, read_labels
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.sheet import Sheet, read_sheet
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError

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
    said = list(sheet.said)
    items = _choose(sheet, item, item_column, said)
    split_name = _optional(sheet, "split", split_column)
    fold_name = None if split_column else _optional(sheet, "fold", None)
    group_name = _optional(sheet, "group", group_column)
    taken = [n for n in (items, split_name, fold_name, group_name) if n]
    classes, target, how = _labels(sheet, label_column, taken, said)
    split, fold = _split(sheet, split_name, fold_name)
    group = _group(sheet, group_name, group_column is not None, said)
    table = Table(
        name=name or path.stem,
        items=strings(()),
        ids=strings(()),
        classes=classes,
        target=target,
        split=split,
        fold=fold,
        group=group,
        said=(*said, *how),
    )
    cells = sheet.column(items)
    return _with_texts(sheet, cells, table) if item == "text" else _with_paths(sheet, cells, table, root, suffixes)


def _choose(sheet: Sheet, role: str, override: str | None, said: list[str]) -> str:
    if override:
        return chosen(sheet.names, role, override)
    found = candidates(sheet.names, role)
    if not found:
        raise missing(sheet.path, sheet.names, role)
    if len(found) > 1:
        said.append(f"column {found[0]!r} is taken for the {role}s; {', '.join(map(repr, found[1:]))} would do too")
    return found[0]


def _optional(sheet: Sheet, role: str, override: str | None) -> str | None:
    if override:
        return chosen(sheet.names, role, override)
    found = candidates(sheet.names, role)
    return found[0] if found else None


def _labels(sheet: Sheet, override: str | None, taken: Sequence[str], said: list[str]) -> Labels:
    if override and override not in sheet.names and "," in override:
        return read_indicators(sheet, [chosen(sheet.names, "label", n.strip()) for n in override.split(",")])
    if override or candidates([n for n in sheet.names if n not in taken], "label"):
        name = _choose(sheet, "label", override, said)
        if name in taken:
            raise UsageError(f"--label-column: column {name!r} is already taken for another role; name another column")
        return read_labels(sheet, name)
    if names := indicators(sheet, taken):
        return read_indicators(sheet, names)
    raise missing(sheet.path, sheet.names, "label")


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _split(sheet: Sheet, split_name: str | None, fold_name: str | None) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Official parts, and official folds; a split column that holds numbers gives folds."""
    split = fold = None
    if split_name:
        cells = [_text(value) for value in sheet.column(split_name)]
        if all(re.fullmatch(r"-?\d+(\.0)?", cell) for cell in cells):
            fold = np.array([int(float(cell)) for cell in cells], dtype=np.int64)
        else:
            split = strings(_parts(sheet, split_name, cells))
    if fold_name:
        fold = _folds(sheet, fold_name)
    return split, fold


def _parts(sheet: Sheet, name: str, cells: list[str]) -> list[str]:
    known = {cell: part_of(cell) if cell else "" for cell in set(cells)}
    for row, cell in enumerate(cells):
        if known[cell] is None:
            raise DataError(
                f"{sheet.where(row)}: {cell!r} in column {name!r} is none of train, val and test; "
                "correct it, or name the right column with --split-column"
            )
    return [known[cell] or "" for cell in cells]


def _folds(sheet: Sheet, name: str) -> np.ndarray:
    """Fold numbers; `fold3` is 3."""
    folds = np.zeros(len(sheet), dtype=np.int64)
    for row, value in enumerate(sheet.column(name)):
        match = re.fullmatch(r"\D*(\d+)(\.0)?", _text(value))
        if not match:
            raise DataError(f"{sheet.where(row)}: {value!r} in column {name!r} is no fold number; correct it")
        folds[row] = int(match[1])
    return folds


def _group(sheet: Sheet, name: str | None, asked: bool, said: list[str]) -> np.ndarray | None:
    """The group of each sample. A row without one is a group of its own."""
    if name is None:
        return None
    cells = [_text(value) for value in sheet.column(name)]
    n = len(set(cells))
    if not asked and n < FEW_GROUPS:
        said.append(
            f"column {name!r} has only {n} values: parts are not kept apart by it; to do so, set --group-by {name}"
        )
        return None
    said.append(f"samples with the same {name!r} stay in one part ({n} groups)")
    return strings(cell or f"row {line}" for cell, line in zip(cells, sheet.lines, strict=True))


def _with_texts(sheet: Sheet, cells: list[Any], table: Table) -> Table:
    for row, value in enumerate(cells):
        if value is not None and not isinstance(value, (str, int, float)):
            raise DataError(f"{sheet.where(row)}: the text is a {type(value).__name__}, not a string; correct it")
    texts = strings("" if value is None else value for value in cells)
    ids = strings(f"{sheet.path.name}:{line}" for line in sheet.lines)
    empty = np.flatnonzero(np.strings.str_len(np.strings.strip(texts)) == 0)
    note = (f"{len(empty)} texts are empty, the first in row {sheet.lines[empty[0]]}",) if len(empty) else ()
    return replace(table, items=texts, ids=ids, said=(*table.said, *note))


def _with_paths(
    sheet: Sheet, cells: list[Any], table: Table, root: Path | None, suffixes: frozenset[str] | None
) -> Table:
    """Absolute paths, each once. Raises DataError for a missing file and for one with two labels."""
    root = (root or sheet.path.parent).absolute()
    names = [_text(value) for value in cells]
    for row, name in enumerate(names):
        if not name:
            raise DataError(f"{sheet.where(row)} has no path; fill it in or remove the row")
        if suffixes and os.path.splitext(name)[1].lower() not in suffixes:
            raise DataError(f"{sheet.where(row)}: {name!r} does not end in {' or '.join(sorted(suffixes))}; correct it")
    paths = _existing(sheet, root, names)
    ids = [os.path.normpath(name.replace("\\", "/")).replace(os.sep, "/") for name in names]
    kept = _once(sheet, paths, ids, table)
    full = replace(table, items=strings(paths), ids=strings(ids))
    if len(kept) == len(ids):
        return full
    note = f"{len(ids) - len(kept)} rows repeat an earlier path with the same label; each file is used once"
    return replace(full.take(kept), said=(*table.said, note))


def _existing(sheet: Sheet, root: Path, names: list[str]) -> list[str]:
    """Where each file lies; a path that was written on Windows is read with its slashes turned."""
    start = str(root)
    paths = [os.path.normpath(os.path.join(start, name)) for name in names]
    paths = [
        p if "\\" not in p or os.path.isfile(p) else os.path.normpath(os.path.join(start, n.replace("\\", "/")))
        for p, n in zip(paths, names, strict=True)
    ]
    absent = [row for row, path in enumerate(paths) if not os.path.isfile(path)]
    if absent:
        count = (
            f"{len(absent)} of {len(paths)} files are missing"
            if len(absent) > 1
            else f"1 of {len(paths)} files is missing"
        )
        raise DataError(
            f"{sheet.where(absent[0])}: no such file {paths[absent[0]]}; {count}, paths are relative to {root}"
        )
    return paths


def _once(sheet: Sheet, paths: list[str], ids: list[str], table: Table) -> np.ndarray:
    """The first row of each file. Raises DataError where another row gives it another label or part."""
    first: dict[str, int] = {}
    kept = []
    for row, path in enumerate(paths):
        if (before := first.setdefault(path, row)) == row:
            kept.append(row)
            continue
        for what, column in (("label", table.target), ("split", table.split), ("fold", table.fold)):
            if column is not None and not np.array_equal(column[before], column[row]):
                raise DataError(
                    f"{sheet.where(row)}: {ids[row]} has another {what} than in row {sheet.lines[before]}; "
                    "keep one of the rows" + ("" if what != "label" else ", or give several labels as a|b")
                )
    return np.array(kept, dtype=np.int64)
