"""A table with a row an event: file, onset, offset and class; of DCASE, of AudioSet's strong labels, or one's own.

A row without onset and offset is a recording without events, which stays; a table without times tells tags only, one
without labels nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from multicnn.audio.datasets.events.annotated import Marked
from multicnn.audio.datasets.events.places import Places
from multicnn.data.layouts.columns import candidates, chosen, listed, missing, plain
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.sheet import Sheet, as_text
from multicnn.data.layouts.tabular import read_sheet
from multicnn.errors import DataError
from multicnn.tasks.tracks import NOTHING, TAGS, TIMES

ONSET = ("onset", "start", "begin", "start_time_seconds", "start_time", "begin_time", "begin_time_(s)", "event_onset",
         "start_s", "begin_s", "tmin", "xmin", "начало")  # fmt: skip
OFFSET = ("offset", "end", "stop", "end_time_seconds", "end_time", "end_time_(s)", "event_offset", "end_s", "stop_s",
          "tmax", "xmax", "конец")  # fmt: skip
DURATION = ("duration", "length", "dur", "длительность")
LABEL = ("event_label", "event", "sound_event", "event_labels")
PATH = ("segment_id", "audio_filename", "recording", "begin_file")
PLURAL = ("event_labels", "labels", "tags", "classes")
BLANK = frozenset({"", "nan", "none", "null", "na", "n/a"})


@dataclass(frozen=True)
class Columns:
    """Names of the columns that are used; None for those that there are not."""

    file: str
    label: str | None
    onset: str | None
    offset: str | None
    duration: str | None
    split: str | None
    group: str | None


def read_rows(
    path: Path,
    places: Places,
    *,
    part: str = "",
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> tuple[list[Marked], list[str]]:
    """The recordings in the order of the file, and what to tell. Raises DataError naming the row that cannot be used.

    part: of rows that name none themselves.
    """
    sheet = read_sheet(path)
    columns = columns_of(sheet, item_column, label_column, split_column, group_column)
    known = TIMES if columns.onset else TAGS if columns.label else NOTHING
    found: dict[str, Marked] = {}
    absent: list[str] = []
    for row in range(len(sheet)):
        name = cell(sheet, columns.file, row)
        if not name:
            raise DataError(f"{sheet.where(row)} has no file; fill it in or remove the row")
        file = places.find(name, sheet.where(row))
        if file is None:
            absent.append(name)
            continue
        own = part_at(sheet, columns.split, row) or part
        group = cell(sheet, columns.group, row) if columns.group else ""
        new = Marked(file, name, known, part=own, group=group, where=sheet.where(row))
        marked = found.setdefault(file, new)
        if (marked.part, marked.group) != (own, group):
            raise DataError(f"{sheet.where(row)}: {name} has another part or group than in a row before; choose one")
        add(marked, sheet, columns, row)
    missed = sorted(set(absent))
    said = [f"warning: {len(missed):,} recordings are missing and left out, such as {missed[0]}"] if missed else []
    return list(found.values()), [*sheet.said, *said]


def columns_of(
    sheet: Sheet, item_column: str | None, label_column: str | None, split_column: str | None, group_column: str | None
) -> Columns:
    """Those that the user named, or the usual ones. Raises DataError without a column of files."""
    onset, offset, duration = (first(sheet.names, usual) for usual in (ONSET, OFFSET, DURATION))
    file = chosen(sheet.names, "path", item_column) if item_column else None
    file = file or first(sheet.names, PATH) or next(iter(candidates(sheet.names, "path")), None)
    label = chosen(sheet.names, "label", label_column) if label_column else None
    label = label or first(sheet.names, LABEL) or next(iter(candidates(sheet.names, "label")), None)
    if file is None:
        raise missing(sheet.path, sheet.names, "path")
    if onset and not (offset or duration):
        raise DataError(f"{sheet.path}: column {onset!r} but no offset among {listed(sheet.names)}; name it offset")
    if onset and not label:
        raise missing(sheet.path, sheet.names, "label")
    split = chosen(sheet.names, "split", split_column) if split_column else None
    split = split or next(iter(candidates(sheet.names, "split")), None)
    group = chosen(sheet.names, "group", group_column) if group_column else None
    return Columns(file, label, onset, offset, None if offset else duration, split, group)


def first(names: Sequence[str], usual: Sequence[str]) -> str | None:
    """The first of the usual names that there is."""
    place = {plain(name): name for name in reversed(names)}
    return next((place[name] for name in usual if name in place), None)


def cell(sheet: Sheet, column: str, row: int) -> str:
    """A cell as text."""
    return as_text(sheet.column(column)[row])


def part_at(sheet: Sheet, column: str | None, row: int) -> str:
    """train, val, test or nothing. Raises DataError for another word."""
    word = cell(sheet, column, row) if column else ""
    part = part_of(word) if word else ""
    if part is None:
        raise DataError(f"{sheet.where(row)}: split is {word!r}; write train, val or test")
    return part


def add(marked: Marked, sheet: Sheet, columns: Columns, row: int) -> None:
    """The event, or the tags, of one row."""
    label = cell(sheet, columns.label, row) if columns.label else ""
    if marked.known == TAGS and columns.label:
        several = plain(columns.label) in PLURAL
        pieces = label.replace("|", ",").split(",") if several else label.split("|")
        marked.tags += [p.strip() for p in pieces if p.strip().lower() not in BLANK]
    if not columns.onset:
        return
    onset = cell(sheet, columns.onset, row)
    offset = cell(sheet, columns.offset or str(columns.duration), row)
    if onset.lower() in BLANK and offset.lower() in BLANK:
        return
    if label.lower() in BLANK:
        raise DataError(f"{sheet.where(row)}: an event without a class; fill it in")
    start, end = seconds(onset, sheet, row), seconds(offset, sheet, row)
    if columns.duration:
        end += start
    if not 0 <= start <= end:
        raise DataError(f"{sheet.where(row)}: event {label!r} from {start:g} to {end:g} s; give 0 <= onset <= offset")
    marked.events.append((label, start, end))


def seconds(text: str, sheet: Sheet, row: int) -> float:
    """A time. Raises DataError for what is none."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{sheet.where(row)}: {text!r} is no time in seconds; correct it")
    return value
