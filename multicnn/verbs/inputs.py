"""What `predict` is pointed at, as samples: files, folders, tables, or lines of text from standard input."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from multicnn.data.layouts.columns import ROLES, candidates, listed, text_columns
from multicnn.data.layouts.sheet import Sheet
from multicnn.data.layouts.tabular import SUFFIXES, read_sheet
from multicnn.data.layouts.tree import walk
from multicnn.errors import DataError, UsageError
from multicnn.verbs.modality import Inputs, Modality

Item = tuple[str, str | Path]  # the sample's name, and what the reader takes


def gather(
    modality: Modality, inputs: Sequence[str], lines: Iterable[str], column: str | None = None, reader: str = ""
) -> list[Item]:
    """The samples of all inputs in order; `-` stands for `lines`, a text each.

    column: of a table, that training was told; without it, or in a table that lacks it, one of the usual names.
    reader: by its name, what the samples are for.
    Raises DataError for an input that does not exist or holds no sample.
    """
    found: list[Item] = []
    for name in inputs:
        if name == "-":
            found += _from_lines(modality, lines)
        else:
            found += _from_path(modality, modality.taken(reader), Path(name).expanduser(), column)
    return found


def _from_lines(modality: Modality, lines: Iterable[str]) -> list[Item]:
    if modality.item != "text":
        raise UsageError(f"- reads texts from standard input; a model of {modality.name} needs files or folders")
    try:
        found = [line.encode().decode("utf-8-sig").rstrip("\r\n") for line in lines]
    except UnicodeError:
        raise DataError("- standard input is not UTF-8; convert it, as by `iconv -f CP1251 -t UTF-8`") from None
    if not found:
        raise DataError("- standard input is empty; write one text a line")
    return [(f"line {number}", line) for number, line in enumerate(found, start=1)]


def _from_path(modality: Modality, taken: Inputs, path: Path, column: str | None) -> list[Item]:
    if path.is_dir():
        files = sorted(walk(str(path), taken.suffixes, Counter()))
        if not files:
            raise DataError(
                f"{path}: no file that a model of {modality.name} reads ({', '.join(sorted(taken.suffixes))})"
            )
        return [item for name in files for item in taken.expand(Path(name)) or [(name, Path(name))]]
    several = taken.expand(path)
    if several is not None:
        return list(several)
    if not path.exists():
        more = "; write - to read texts from standard input" if modality.item == "text" else "; check the name"
        raise DataError(f"no such file or folder: {path}{more}")
    if path.suffix.lower() in SUFFIXES:
        return _from_table(modality, path, column)
    return [(str(path), path)]


def _from_table(modality: Modality, path: Path, column: str | None) -> list[Item]:
    """A row each, named by its line; paths are relative to the table's folder."""
    sheet = read_sheet(path)
    columns = _columns(modality, sheet, column)
    if not columns:
        what = ROLES[modality.item].what
        raise DataError(
            f"{path}: no column for {what} among {listed(sheet.names)}; name it {column or modality.item} in the header"
        )
    cells = ["" if c is None else str(c) for c in sheet.joined(columns)]
    if modality.item == "text":
        return [(sheet.name(row), cell) for row, cell in enumerate(cells)]
    return [(cell, path.parent / cell) for cell in cells]


def _columns(modality: Modality, sheet: Sheet, column: str | None) -> list[str]:
    """The columns that hold the samples; those that training was told, `a,b`, where the table has them."""
    named = column.split(",") if column and column not in sheet.names else [column] if column else []
    if named and all(n.strip() in sheet.names for n in named):
        return [n.strip() for n in named]
    if modality.item == "text" and "text" in sheet.roles:
        return [sheet.roles["text"]]
    return text_columns(sheet.names, None) if modality.item == "text" else candidates(sheet.names, "path")[:1]
