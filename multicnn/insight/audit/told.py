"""Findings as a table file and as a page."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence

from multicnn.insight.audit.finding import Finding
from multicnn.insight.page import Html, card, contents, gallery, page, paragraph, section, table

COLUMNS = ("finding", "check", "severity", "id", "beside", "fix", "label", "says")
SHOWN = 12  # samples of a finding that the page shows
ROOM = 4_300_000  # characters of a page's samples, so that it stays below 5 MB
VERDICT = {"error": "bad", "warning": "", "note": "note"}


def findings_csv(findings: Sequence[Finding]) -> str:
    """A row a sample of each finding; one of a finding about no single sample."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(COLUMNS)
    for n, found in enumerate(findings, start=1):
        beside = found.beside or ("",) * len(found.ids)
        for name, other in zip(found.ids or ("",), beside or ("",), strict=True):
            write([n, found.check, found.severity, name, other, found.fix, found.label, found.says])
    return out.getvalue()


def audit_page(
    title: str, about: str, findings: Sequence[Finding], show: Callable[[str], Html], more: Mapping[str, Html]
) -> str:
    """All findings with their first samples, as far as there is room.

    show: draws the sample of an id.  more: further sections by their titles.
    """
    checks = list(dict.fromkeys(found.check for found in findings))
    drawn = _Drawn(show)
    sections = [_checked(check, [f for f in findings if f.check == check], drawn) for check in checks]
    rows = [[f.severity, f.check, len(f.ids), f.says, f.fix] for f in findings]
    overview = table(["severity", "check", "samples", "what", "fix"], rows) if rows else paragraph("Nothing found.")
    return page(
        title, [paragraph(about), contents([*more, *checks]), section("Findings", overview), *more.values(), *sections]
    )


class _Drawn:
    """Samples of a page, each drawn once, until there is no more room."""

    def __init__(self, show: Callable[[str], Html]):
        self.show, self.room = show, ROOM

    def card(self, name: str, *lines: str) -> Html | None:
        """A sample with what is said of it; None without room."""
        if self.room <= 0:
            return None
        found = card(self.show(name), name, *lines)
        self.room -= len(found)
        return found


def _checked(check: str, findings: Sequence[Finding], drawn: _Drawn) -> Html:
    """The findings of one check; those of single samples share their places."""
    parts: list[Html] = []
    left = SHOWN
    for found in findings:
        parts.append(paragraph(found.says, kind=VERDICT.get(found.severity, "")))
        parts += _samples(found, left, drawn)
        left = max(0, left - len(found.ids)) if len(findings) > 1 else left
    return section(check, *parts)


def _samples(found: Finding, most: int, drawn: _Drawn) -> list[Html]:
    """Cards of the first samples; beside each the one that it is to be compared with."""
    if not found.ids or not most:
        return []
    label = f"label: {found.label}?" if found.label else ""
    if found.beside:
        pairs = zip(found.ids[: most // 2], found.beside, strict=False)
        rows = [[drawn.card(name, *filter(None, [label])), drawn.card(other, "beside it")] for name, other in pairs]
        shown = [gallery(c for c in row if c) for row in rows if all(row)]
    else:
        cards = [c for name in found.ids[:most] if (c := drawn.card(name, *filter(None, [label])))]
        shown = [gallery(cards)] if cards else []
    whole = min(len(found.ids), most // 2 if found.beside else most)
    more = len(found.ids) - (len(shown) if found.beside else whole)
    return [*shown, *([paragraph(f"and {more:,} more in findings.csv", kind="note")] if more > 0 else [])]
