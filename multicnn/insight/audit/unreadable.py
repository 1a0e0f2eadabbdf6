"""Samples that cannot be read, all of them."""

from collections.abc import Mapping

from multicnn.insight.audit.finding import Finding
from multicnn.insight.audit.words import samples


def unreadable(ids: list[str], bad: Mapping[int, str], what: str = "") -> list[Finding]:
    """bad: why, by the row.  what: "the answer of " where it is not the sample itself."""
    if not bad:
        return []
    rows = sorted(bad)
    says = f"{what}{samples(len(rows))} unreadable, such as {bad[rows[0]]}"
    return [Finding("unreadable", "error", tuple(ids[row] for row in rows), says, "drop")]
