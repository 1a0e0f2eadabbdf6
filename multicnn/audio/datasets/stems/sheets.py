"""A table with a row a mixture and a column of files a stem."""

import re
from collections.abc import Sequence
from pathlib import Path

from multicnn.audio.datasets.stems.found import Track, tabled
from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.data.layouts.columns import PATH, ROLES, candidates, chosen, listed, plain
from multicnn.data.layouts.files import existing
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.sheet import Sheet, as_text
from multicnn.data.layouts.tabular import read_sheet
from multicnn.data.layouts.tree import kind
from multicnn.data.table import Table, strings
from multicnn.errors import DataError

MIXTURE = ("mixture", "mixture_path", "mixture_file", "mix", "mix_path", "mix_file", "noisy", *PATH)
TAIL = re.compile(r"_(path|file|filename|wav)$")
SOURCE = re.compile(r"(s|src|source|spk)[_-]?\d+")
NOISE = ("noise",)  # of LibriMix: no source beside numbered ones


def read_stem_sheet(
    path: Path,
    *,
    item_column: str | None,
    label_column: str | None,
    split_column: str | None,
    group_column: str | None,
) -> Table:
    """Columns mixture (or a usual name of a file's, or none: the sum is heard), and any columns of sound files.

    A stem is called as its column, without `_path`; an empty cell is a silent stem. Raises DataError where there is no
    column of a stem, and naming the row of a missing file.
    """
    sheet = read_sheet(path)
    if label_column:
        raise DataError(f"{path}: the stems are columns of their own, --label-column {label_column} names none")
    mixed = chosen(sheet.names, "path", item_column) if item_column else _mixture(sheet)
    columns = {_stem(name): name for name in _sounding(sheet) if name != mixed}
    if any(SOURCE.fullmatch(stem) for stem in columns):
        columns = {stem: name for stem, name in columns.items() if stem not in NOISE}
    if not columns:
        raise DataError(f"{path}: no column of stems, which are sound files, among {listed(sheet.names)}")
    mixtures = _files(sheet, mixed) if mixed else [None] * len(sheet)
    stems = {stem: _files(sheet, name) for stem, name in columns.items()}
    part, group = _role(sheet, "split", split_column), _role(sheet, "group", group_column)
    found = [
        Track(
            id=_id(sheet, row, mixed),
            mixture=mixtures[row],
            stems={stem: file for stem, files in stems.items() if (file := files[row])},
            part=(part_of(part[row]) or "") if part else "",
        )
        for row in range(len(sheet))
    ]
    return tabled(path.stem, found, sheet.said, strings(group) if group else None)


def _mixture(sheet: Sheet) -> str | None:
    by_plain = {plain(name): name for name in reversed(sheet.names)}
    return next((by_plain[name] for name in MIXTURE if name in by_plain), None)


def _stem(column: str) -> str:
    return TAIL.sub("", plain(column))


def _sounding(sheet: Sheet) -> list[str]:
    """The columns whose cells, as far as they are filled in, are sound files."""
    found = []
    for name in sheet.names:
        filled = [text for cell in sheet.column(name) if (text := as_text(cell))]
        if filled and all(kind(text) in SUFFIXES for text in filled):
            found.append(name)
    return found


def _files(sheet: Sheet, column: str) -> list[str | None]:
    """Absolute paths, None for empty cells."""
    cells = sheet.column(column)
    rows = [row for row, cell in enumerate(cells) if as_text(cell)]
    kept = Sheet(sheet.path, (), (), [sheet.lines[row] for row in rows])
    paths, _ = existing(kept, [cells[row] for row in rows], None, SUFFIXES)
    place: dict[int, str] = dict(zip(rows, map(str, paths), strict=True))
    return [place.get(row) for row in range(len(sheet))]


def _role(sheet: Sheet, role: str, named: str | None) -> list[str] | None:
    if named:
        return [as_text(cell) for cell in sheet.column(chosen(sheet.names, role, named))]
    usual: Sequence[str] = candidates(sheet.names, role) if role in ROLES and role == "split" else []
    return [as_text(cell) for cell in sheet.column(usual[0])] if usual else None


def _id(sheet: Sheet, row: int, mixed: str | None) -> str:
    return as_text(sheet.column(mixed)[row]) if mixed else f"{sheet.path.name}:{sheet.lines[row]}"
