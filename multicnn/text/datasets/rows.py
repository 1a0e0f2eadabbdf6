"""Labelled texts as readers of layouts find them, before they are a table."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from multicnn.data.layouts.labels import twins
from multicnn.data.table import Table, number, number_several, strings
from multicnn.errors import DataError


class Row(NamedTuple):
    """A text, what a person calls it (`file:line`), its labels, and the part that it belongs to ("" open)."""

    id: str
    text: str
    labels: Sequence[str]
    part: str = ""


def tabled(
    path: Path,
    rows: Iterable[Row],
    *,
    name: str | None = None,
    said: Sequence[str] = (),
    classes: Sequence[str] | None = None,
    fold: np.ndarray | None = None,
    group: np.ndarray | None = None,
) -> Table:
    """A row each; where one has no label, or more than one, each may carry several.

    classes: the order of those that occur, instead of the natural one.  Raises DataError where there is no row.
    """
    rows = list(rows)
    occurring = {label for row in rows for label in row.labels}
    classes = [c for c in classes if c in occurring] if classes is not None else None
    if not rows:
        raise DataError(f"{path}: no text in it; give a set with at least two classes")
    several = any(len(row.labels) != 1 for row in rows)
    if several:
        names, target = number_several([row.labels for row in rows], classes)
        said = (*said, f"several labels a sample, {len(names)} classes")
    else:
        names, target = number([row.labels[0] for row in rows], classes)
    return Table(
        name=name or path.stem,
        items=strings(row.text for row in rows),
        ids=strings(row.id for row in rows),
        classes=names,
        target=target,
        split=strings(row.part for row in rows) if any(row.part for row in rows) else None,
        fold=fold,
        group=group,
        said=(*said, *twins(names)),
    )


def lacking(name: str, path: Path | None, wanted: str, source: str) -> DataError:
    """The error for a named set whose folder is not given, or lacks the files that make it known."""
    where = f"no {wanted} in {path}" if path else "its folder is not given"
    return DataError(f"{name}: {where}; get {source} and give its folder")
