"""Where published sets come from, and what their folders hold."""

import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.data.layouts.tree import walk
from multicnn.errors import DataError

T = TypeVar("T")


def lacking(name: str, path: Path | None, wanted: str, source: str) -> DataError:
    """The error for a named set whose folder is not given, or lacks the files that make it known."""
    where = f"no {wanted} in {path}" if path else "its folder is not given"
    return DataError(f"{name}: {where}; get {source} and give its folder")


def sounds(root: Path) -> list[str]:
    """All sound files below a folder."""
    return list(walk(str(root), SUFFIXES, Counter()))


def rows(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each row of a CSV file stands, and its cells by column.

    Raises DataError for a file without one of `columns`, and for a row that is cut short.
    """
    with open(file, encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        names = list(reader.fieldnames or ())
        if missing := [c for c in columns if c not in names]:
            raise DataError(f"{file}: no column {missing[0]!r} among {', '.join(names)}; fetch the file anew")
        for cells in reader:
            where = f"{file}: row {reader.line_num}"
            if None in cells.values() or None in cells:
                raise DataError(f"{where} has other cells than the header; fetch the file anew")
            yield where, cells


def whole(where: str, cells: dict[str, str], column: str) -> int:
    """A cell's number. Raises DataError where it is none."""
    if not cells[column].strip().isdecimal():
        raise DataError(f"{where}: {column} is {cells[column]!r}, no whole number; fetch the file anew")
    return int(cells[column])


def present(listing: Path, root: Path, records: Sequence[tuple[str, T]]) -> tuple[list[tuple[str, T]], tuple[str, ...]]:
    """The records whose file, named first and relative to `root`, is there; what to say of the others.

    listing: the file that names them. Raises DataError where none is there.
    """
    there = [os.path.isfile(os.path.join(root, name)) for name, _ in records]
    gone = [name for (name, _), here in zip(records, there, strict=True) if not here]
    if len(gone) == len(records):
        example = f", such as {gone[0]}" if gone else ""
        raise DataError(f"{listing}: none of its files is in {root}{example}; unpack the sounds there")
    return [r for r, here in zip(records, there, strict=True) if here], absent(len(gone), len(records), gone, listing)


def absent(n: int, of: int, examples: Sequence[str], listing: Path) -> tuple[str, ...]:
    """What to say of `n` listed files that are not there."""
    if not n:
        return ()
    return (f"warning: {n:,} of {of:,} sounds of {listing.name} are not there, such as {examples[0]}",)
