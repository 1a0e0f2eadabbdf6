"""What a check found, for a person and for a program."""

from collections.abc import Iterable
from typing import NamedTuple

SEVERITIES = ("error", "warning", "note")
ACTIONS = ("drop", "relabel", "keep")


class Finding(NamedTuple):
    """One sentence about some samples.

    severity: "error" makes results wrong, "warning" may, "note" is worth knowing.  ids: of the samples it is about;
    none where it is about classes or the whole set.  fix: what is proposed for each of `ids`: "drop", "relabel" to
    `label`, "keep" where only a person can decide, "" where nothing can be done to samples.  beside: of each of `ids`,
    the sample that it is to be compared with, such as the one that it repeats; or none at all.
    """

    check: str
    severity: str
    ids: tuple[str, ...]
    says: str
    fix: str = ""
    label: str = ""
    beside: tuple[str, ...] = ()


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors, then warnings, then notes; in each in the order of the checks."""
    return sorted(findings, key=lambda found: SEVERITIES.index(found.severity))
