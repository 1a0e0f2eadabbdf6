"""Samples that are there more than once: in two parts, under two labels, or for nothing."""

from typing import NamedTuple

import numpy as np

from multicnn.data.table import Table
from multicnn.insight.audit.finding import Finding
from multicnn.insight.audit.words import samples

KEPT = {"test": 0, "val": 1, "train": 2}  # which of several is kept: the result is to be measured on the same samples
LOOKS = {"exact": "the same", "near": "nearly the same"}


class Twice(NamedTuple):
    """rows: that repeat another.  kept: the row that each repeats."""

    rows: np.ndarray
    kept: np.ndarray

    def where(self, mask: np.ndarray) -> "Twice":
        """Only some of them."""
        return Twice(self.rows[mask], self.kept[mask])


def equal_groups(same: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The smallest of `rows` that has the content of each of the n rows; itself for all others.  (n,) -> (n,)"""
    first = np.arange(len(same))
    _, at, group = np.unique(same[rows], return_index=True, return_inverse=True)
    first[rows] = rows[at][group]
    return first


def twice(first: np.ndarray, part: np.ndarray) -> Twice:
    """The rows of each group but one: that of the test, else of the validation part, else the first."""
    rows = np.flatnonzero(np.bincount(first, minlength=len(first))[first] > 1)
    rank = np.array([KEPT[p] for p in part[rows]], dtype=np.int64)
    order = rows[np.lexsort((rows, rank))]
    _, at = np.unique(first[order], return_index=True)
    best = dict(zip(first[order][at].tolist(), order[at].tolist(), strict=True))
    kept = np.array([best[group] for group in first[rows].tolist()], dtype=np.int64)
    return Twice(rows, kept).where(rows != kept)


def duplicates(table: Table, part: np.ndarray, first: np.ndarray, kind: str) -> list[Finding]:
    """Findings of groups of samples that are alike; kind: "exact" or "near".

    first: (n,) a row that stands for each one's group.  part: (n,) "train", "val" or "test".
    """
    found = twice(first, part)
    differs = np.array(
        [not np.array_equal(table.target[a], table.target[b]) for a, b in zip(*found, strict=True)], bool
    )
    torn = _groups_with(first, found.rows[differs])[found.rows] if len(found.rows) else differs
    across = (part[found.rows] != part[found.kept]) & ~torn
    return [
        *_conflicts(table, found.where(torn), kind),
        *_across(table, part, found.where(across), kind),
        *_within(table, found.where(~across & ~torn), kind),
    ]


def _groups_with(first: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Whether each row is in a group that holds one of `rows`."""
    return np.isin(first, first[rows])


def _finding(check: str, severity: str, table: Table, found: Twice, says: str, fix: str) -> list[Finding]:
    if not len(found.rows):
        return []
    ids, beside = (tuple(map(str, table.ids[rows])) for rows in found)
    return [Finding(check, severity, ids, says, fix, beside=beside)]


def _conflicts(table: Table, found: Twice, kind: str) -> list[Finding]:
    n = samples(len(found.rows))
    says = f"{n} with {LOOKS[kind]} content as another of another label; look at both, and correct or drop one"
    severity = "error" if kind == "exact" else "warning"
    return _finding(f"{kind}-duplicate-labels", severity, table, found, says, "keep")


def _across(table: Table, part: np.ndarray, found: Twice, kind: str) -> list[Finding]:
    """What makes results too good: the test knows what training has seen."""
    shared = sorted({f"{a} and {b}" for a, b in zip(part[found.kept], part[found.rows], strict=True)})
    n = samples(len(found.rows))
    says = (
        f"{n} with {LOOKS[kind]} content as one of another part ({', '.join(shared)}): results are too good; drop them"
    )
    return _finding(f"{kind}-duplicates-across", "error", table, found, says, "drop")


def _within(table: Table, found: Twice, kind: str) -> list[Finding]:
    says = f"{samples(len(found.rows))} with {LOOKS[kind]} content as another of the same part; drop them"
    return _finding(f"{kind}-duplicates", "warning", table, found, says, "drop")
