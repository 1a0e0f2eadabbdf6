"""Tables of texts in several files: train.csv beside test.csv, and sets of Hugging Face's `datasets`."""

from dataclasses import replace
from pathlib import Path

from multicnn.data.layouts.arrow import is_dataset, read_dataset
from multicnn.data.layouts.columns import candidates
from multicnn.data.layouts.sheet import Piece, Sheet, as_text, stacked
from multicnn.data.layouts.tabular import SUFFIXES, as_table, read_sheet
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.lines import parted

UNJUDGED = frozenset({"", "-1"})  # labels of a test part that is kept secret


def is_tables(path: Path) -> bool:
    """Whether a folder holds a table a part, or a set in Parquet or Arrow files."""
    return path.is_dir() and (bool(_files(path)) or is_dataset(path))


def tables(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """All parts as one table; a part without a single label, as those of competitions are, is left out.

    Raises DataError naming the file and the row that cannot be used.
    """
    files = _files(path)
    if files:
        sheet = stacked(path, [Piece(file.name, part, read_sheet(file)) for part, file in files.items()])
    else:
        sheet = read_dataset(path)
    if not len(sheet):
        raise DataError(f"{path}: no row in its files; fetch the set again")
    return as_table(
        _judged(sheet, label_column), item="text", item_column=item_column, label_column=label_column,
        split_column=split_column, group_column=group_column, name=path.absolute().name,
    )  # fmt: skip


def _files(path: Path) -> dict[str, Path]:
    found = parted(path, lambda file: file.suffix.lower() in SUFFIXES) if path.is_dir() else {}
    return {} if "" in found else found  # one file by itself may be anything


def _judged(sheet: Sheet, override: str | None) -> Sheet:
    names = [override] if override in sheet.names else candidates(sheet.names, "label")
    if not names or "split" not in sheet.names:
        return sheet
    label, parts = sheet.column(names[0]), sheet.column("split")
    judged = {part for cell, part in zip(label, parts, strict=True) if as_text(cell) not in UNJUDGED}
    secret = [part for part in dict.fromkeys(parts) if part not in judged]
    if not secret or not judged:
        return sheet
    kept = sheet.take([row for row, part in enumerate(parts) if part in judged])
    return replace(kept, said=(*kept.said, f"{' and '.join(secret)} left out, no row has a label in {names[0]!r}"))
