"""A table file with a row a sample, as any `train` reads it."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import UsageError
from multicnn.insight.audit.fixes import BETWEEN, labels_of

SUFFIXES = (".csv", ".jsonl")
HEAD = re.compile(r'"\w+"(,"(onset|offset)")*,"labels?"(,"split")?(,"fold")?(,"group")?')  # of what is written here
FIRST = 1 << 20  # bytes in which the first line of a table ends


def table_text(table: Table, part: np.ndarray | None, cells: Callable[[Any], Mapping[str, str]], suffix: str) -> str:
    """Rows of what `cells` says of an item, its label, part, fold and group. part: of each sample; None without.

    Raises UsageError for another suffix than those of SUFFIXES.
    """
    if suffix not in SUFFIXES:
        raise UsageError(f"--out ends in {suffix!r}; name a file that ends in {' or '.join(SUFFIXES)}")
    several = table.several
    rows = []
    for row, labels in enumerate(labels_of(table)):
        found: dict[str, Any] = dict(cells(table.items[row]))
        if suffix == ".jsonl":
            found["labels" if several else "label"] = labels if several else labels[0]
        else:
            found["labels" if several else "label"] = BETWEEN.join(labels)
        if part is not None:
            found["split"] = str(part[row])
        if table.fold is not None:
            found["fold"] = str(table.fold[row])
        if table.group is not None:
            found["group"] = str(table.group[row])
        rows.append(found)
    return _lines(rows) if suffix == ".jsonl" else _sheet(rows)


def _lines(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _sheet(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def is_table(path: Path) -> bool:
    """Whether a file is a table as `table_text` writes them, by its first line."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    with open(path, "rb") as f:
        line = f.readline(FIRST).decode("utf-8", "replace").rstrip("\n")
    if path.suffix.lower() == ".csv":
        return HEAD.fullmatch(line) is not None
    try:
        row = json.loads(line)
    except ValueError:
        return False
    return isinstance(row, dict) and HEAD.fullmatch(",".join(f'"{key}"' for key in row)) is not None


def differs(written: Table, read: Table) -> str:
    """How a table that was read back differs from the one that was written, in a few words; "" where it does not."""
    if len(written) != len(read):
        return f"it holds {len(read):,} samples, not {len(written):,}"
    for row, (a, b) in enumerate(zip(labels_of(written), labels_of(read), strict=True)):
        if sorted(a) != sorted(b):
            return f"{written.ids[row]} has label {BETWEEN.join(b)!r}, not {BETWEEN.join(a)!r}"
    rows = np.flatnonzero(written.items != read.items)
    return f"{written.ids[rows[0]]} is read as {str(read.items[rows[0]])[:60]!r}" if len(rows) else ""
