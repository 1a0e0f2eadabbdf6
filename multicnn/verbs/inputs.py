"""What `predict` is pointed at, as samples: files, folders, tables, or lines of text from standard input."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from multicnn.data.layouts.columns import candidates, missing
from multicnn.data.layouts.tabular import SUFFIXES, read_sheet
from multicnn.data.layouts.tree import walk
from multicnn.errors import DataError, UsageError
from multicnn.verbs.modality import Modality

Item = tuple[str, str | Path]  # the sample's name, and what the reader takes


def gather(modality: Modality, inputs: Sequence[str], lines: Iterable[str]) -> list[Item]:
    """The samples of all inputs in order; `-` stands for `lines`, a text each.

    Raises DataError for an input that does not exist or holds no sample.
    """
    found: list[Item] = []
    for name in inputs:
        if name == "-":
            found += _from_lines(modality, lines)
        else:
            found += _from_path(modality, Path(name).expanduser())
    return found


def _from_lines(modality: Modality, lines: Iterable[str]) -> list[Item]:
    if modality.item != "text":
        raise UsageError(f"- reads texts from standard input; a model of {modality.name} needs files or folders")
    return [(f"line {number}", line.rstrip("\r\n")) for number, line in enumerate(lines, start=1)]


def _from_path(modality: Modality, path: Path) -> list[Item]:
    if path.is_dir():
        files = sorted(walk(str(path), modality.suffixes, Counter()))
        if not files:
            raise DataError(
                f"{path}: no file that a model of {modality.name} reads ({', '.join(sorted(modality.suffixes))})"
            )
        return [(name, Path(name)) for name in files]
    if not path.exists():
        more = "; write - to read texts from standard input" if modality.item == "text" else "; check the name"
        raise DataError(f"no such file or folder: {path}{more}")
    if path.suffix.lower() in SUFFIXES:
        return _from_table(modality, path)
    return [(str(path), path)]


def _from_table(modality: Modality, path: Path) -> list[Item]:
    """A row each, named by its line; paths are relative to the table's folder."""
    sheet = read_sheet(path)
    columns = candidates(sheet.names, modality.item)
    if not columns:
        raise missing(path, sheet.names, modality.item)
    cells = [str(c) for c in sheet.column(columns[0])]
    if modality.item == "text":
        return [(f"{path.name}:{line}", cell) for line, cell in zip(sheet.lines, cells, strict=True)]
    return [(cell, path.parent / cell) for cell in cells]
