"""Tables of sounds: a row a file, or a row a piece of one by columns of times."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.audio.decode import header
from multicnn.audio.segment import SLACK, named
from multicnn.data.layouts.columns import candidates, chosen, plain
from multicnn.data.layouts.files import once
from multicnn.data.layouts.sheet import Sheet, as_text
from multicnn.data.layouts.tabular import as_table, read_sheet
from multicnn.data.table import Table, strings
from multicnn.errors import DataError

START = ("start", "start_time", "start_s", "start_seconds", "start_time_seconds", "begin", "begin_time", "onset")
END = ("end", "end_time", "end_s", "end_seconds", "end_time_seconds", "stop", "stop_time", "offset")
LENGTH = ("duration", "dur")
ROOT = re.compile(r"(?:\$\w+|\$?\{\w+\})[/\\]")  # `$data_root/` and `{data_root}/`, as SpeechBrain writes them
COUNTED = 100  # numbers a second, from which times that are whole are samples


class Times(NamedTuple):
    """The columns that say when a piece begins, and when it ends or how long it is."""

    start: str
    end: str | None
    length: str | None


def read_listed(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """A CSV, TSV, JSON Lines or JSON table, paths relative to its folder; pieces of one file stay in one part.

    Times are seconds, or samples where a column of durations shows that. Raises DataError as `read_table` does, and for
    times that are none.
    """
    sheet = read_sheet(path)
    found = [chosen(sheet.names, "path", item_column)] if item_column else candidates(sheet.names, "path")[:1]
    if found:
        sheet = _without_root(sheet, found[0])
    table = as_table(
        sheet, item="path", suffixes=SUFFIXES, item_column=item_column, label_column=label_column,
        split_column=split_column, group_column=group_column,
    )  # fmt: skip
    times = _times(sheet.names)
    return once(sheet, _pieces(sheet, table, times) if times else table)


def _without_root(sheet: Sheet, name: str) -> Sheet:
    """Paths without the variable that stands for the folder of the sounds."""
    at = sheet.names.index(name)
    cells = [ROOT.sub("", cell, count=1) if isinstance(cell, str) else cell for cell in sheet.columns[at]]
    return replace(sheet, columns=(*sheet.columns[:at], cells, *sheet.columns[at + 1 :]))


def _times(names: Sequence[str]) -> Times | None:
    """NeMo's `offset` begins a piece whose `duration` follows; with `onset` or `start` an `offset` ends it."""
    place = {plain(name): name for name in names}
    start, length = _first(START, place), _first(LENGTH, place)
    if start:
        end = _first(END, place)
        return Times(start, end, length) if end or length else None
    return Times(place["offset"], None, length) if "offset" in place and length else None


def _first(usual: Sequence[str], place: dict[str, str]) -> str | None:
    return next((place[name] for name in usual if name in place), None)


def _pieces(sheet: Sheet, table: Table, times: Times) -> Table:
    """The rows as pieces of their files; one that is a whole file, or has no times, is that file."""
    edges = _edges(sheet, table, times)
    used = Counter(table.items)
    cut = [
        edge is not None and not (used[path] == 1 and edge[0] == 0 and _whole(path, edge[1]))
        for path, edge in zip(table.items, edges, strict=True)
    ]
    if not any(cut):
        return table
    items, ids = (
        strings(named(name, *edge) if c and edge else name for name, edge, c in zip(names, edges, cut, strict=True))
        for names in (table.items, table.ids)
    )
    until = times.end or times.length
    said = f"{sum(cut)} samples are pieces of {len(used)} files, by the columns {times.start!r} and {until!r}"
    group, more = table.group, ()
    if group is None and len(used) < len(table):
        group, more = table.ids, ("pieces of one file stay in one part",)
    return replace(table, items=items, ids=ids, group=group, said=(*table.said, said, *more))


def _edges(sheet: Sheet, table: Table, times: Times) -> list[tuple[float, float] | None]:
    """Start and end of each row in seconds; None for a row without times."""
    start, end, length = (_numbers(sheet, name) if name else None for name in times)
    assert start is not None
    if end is None:
        assert length is not None
        end = start + length
    elif length is not None and _samples(start, end, length):
        rates = np.array([header(path).rate for path in table.items])
        start, end = start / rates, end / rates
    for row in np.flatnonzero(~(start < end) & ~np.isnan(start + end) | (start < 0)).tolist():
        raise DataError(
            f"{sheet.where(row)}: a piece from {start[row]:g} to {end[row]:g} s; correct its times, which are seconds "
            "from the file's start"
        )
    return [None if np.isnan(a + b) else (float(a), float(b)) for a, b in zip(start, end, strict=True)]


def _numbers(sheet: Sheet, name: str) -> np.ndarray:
    """A column of numbers; NaN for an empty cell.  -> n"""
    found = np.full(len(sheet), np.nan)
    for row, cell in enumerate(map(as_text, sheet.column(name))):
        try:
            found[row] = float(cell) if cell else np.nan
        except ValueError:
            raise DataError(f"{sheet.where(row)}: {cell!r} in column {name!r} is no number of seconds") from None
    return found


def _samples(start: np.ndarray, end: np.ndarray, length: np.ndarray) -> bool:
    """Whether times count samples, for durations in seconds beside them are so much less (SpeechBrain's lists)."""
    known = length > 0
    whole = all((v[known] == np.round(v[known])).all() for v in (start, end))
    return bool(known.any() and whole and np.nanmedian((end - start) / np.where(known, length, np.nan)) >= COUNTED)


def _whole(path: str, end: float) -> bool:
    try:
        return end >= header(path).seconds - SLACK
    except DataError:
        return False
