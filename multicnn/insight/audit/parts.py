"""What is wrong with the parts: groups that they tear apart, and classes that they lack."""

import numpy as np

from multicnn.data.table import PARTS, Table
from multicnn.insight.audit.finding import Finding
from multicnn.insight.audit.words import named, samples


def torn_groups(table: Table, part: np.ndarray) -> list[Finding]:
    """Groups of which the test knows what training saw."""
    if table.group is None:
        return []
    tested, seen = ({*map(str, table.group[mask])} for mask in (part == "test", part != "test"))
    shared = tested & seen
    if not shared:
        return []
    rows = np.flatnonzero(np.isin(table.group, sorted(shared)) & (part != "test"))
    says = (
        f"{len(shared):,} groups of the test part, such as {named(sorted(shared)[:1])}, are in train or val too "
        f"({samples(len(rows))} there); results are too good, remove the split column to deal groups whole"
    )
    return [Finding("torn-groups", "error", tuple(map(str, table.ids[rows])), says)]


def absent(table: Table, part: np.ndarray) -> list[Finding]:
    """Classes that a part has no sample of, so that it cannot teach or measure them."""
    found = []
    for name in PARTS:
        rows = part == name
        lost = [c for k, c in enumerate(table.classes) if table.has(k).any() and not table.has(k)[rows].any()]
        if lost and rows.any():
            severity = "error" if name == "train" else "warning"
            why = "learnt" if name == "train" else "measured"
            says = f"{name} has no sample of {named(lost)}, which cannot be {why}; move some there"
            found.append(Finding("absent-classes", severity, (), says))
    return found
