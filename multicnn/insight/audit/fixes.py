"""What is proposed for single samples, as a table that a person may edit, and a data set after it."""

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from multicnn.data.layouts.tabular import read_sheet
from multicnn.data.table import Table, number, number_several
from multicnn.errors import DataError
from multicnn.insight.audit.finding import ACTIONS, Finding
from multicnn.insight.audit.words import samples
from multicnn.names import hint

COLUMNS = ("id", "action", "label", "reason")
BETWEEN = "|"  # labels of a sample that has several


class Fix(NamedTuple):
    """What becomes of one sample. label: of "relabel"; several with | between them."""

    id: str
    action: str
    label: str
    reason: str


def proposed(findings: Iterable[Finding]) -> list[Fix]:
    """One fix a sample, by the first finding that proposes one."""
    fixes: dict[str, Fix] = {}
    for finding in findings:
        for place, name in enumerate(finding.ids if finding.fix else ()):
            like = f": like {finding.beside[place]}" if finding.beside else ""
            fixes.setdefault(name, Fix(name, finding.fix, finding.label, finding.check + like))
    return list(fixes.values())


def fixes_csv(fixes: Iterable[Fix]) -> str:
    """The table to be edited and applied."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    for row in (COLUMNS, *fixes):
        write(row)
    return out.getvalue()


def read_fixes(path: Path) -> list[Fix]:
    """Raises DataError naming the row that says nothing of use."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; give the fixes.csv that `audit` wrote")
    sheet = read_sheet(path)
    if missing := [name for name in COLUMNS[:2] if name not in sheet.names]:
        raise DataError(f"{path}: no column {missing[0]!r}; give the fixes.csv that `audit` wrote")
    columns = [sheet.column(name) if name in sheet.names else [""] * len(sheet) for name in COLUMNS]
    rows = zip(*columns, strict=True)
    fixes = [Fix(str(name), *(str(cell or "").strip() for cell in others)) for name, *others in rows]
    for row, fix in enumerate(fixes):
        if fix.action not in ACTIONS:
            raise DataError(f"{sheet.where(row)}: no action {fix.action!r}; {hint(fix.action, ACTIONS)}")
        if fix.action == "relabel" and not fix.label:
            raise DataError(f"{sheet.where(row)}: relabel needs a label; write one, or keep or drop the sample")
    return fixes


def applied(table: Table, fixes: Iterable[Fix]) -> Table:
    """The table without dropped samples and with new labels; classes that no sample has any more are gone.

    Raises DataError for a sample that the set does not hold, or holds no more of.
    """
    place = {str(name): row for row, name in enumerate(table.ids)}
    labels, dropped = labels_of(table), []
    for fix in fixes:
        if fix.id not in place:
            raise DataError(
                f"fixes name {fix.id!r}, which {table.name} does not hold; give the data they were made for"
            )
        if fix.action == "drop":
            dropped.append(place[fix.id])
        if fix.action == "relabel":
            labels[place[fix.id]] = [p.strip() for p in fix.label.split(BETWEEN)] if table.several else [fix.label]
    kept = np.setdiff1d(np.arange(len(table)), np.array(dropped, dtype=np.int64))
    if not len(kept):
        raise DataError(f"{table.name}: the fixes drop all {samples(len(table))}; keep some")
    left = [labels[row] for row in kept.tolist()]
    classes, target = number_several(left) if table.several else number([one[0] for one in left])
    return replace(table.take(kept), classes=classes, target=target, known=None)


def labels_of(table: Table) -> list[list[str]]:
    """The names of each sample's classes."""
    if table.several:
        return [[table.classes[k] for k in np.flatnonzero(row)] for row in table.target]
    return [[table.classes[k]] for k in table.target.tolist()]
