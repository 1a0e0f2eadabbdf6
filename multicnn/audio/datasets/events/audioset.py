"""AudioSet's strong labels: a row an event, classes by their codes. Hershey and others 2021, arXiv 2105.07031."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from multicnn.audio.datasets.events.annotated import Marked
from multicnn.data.layouts.encoding import read_text
from multicnn.data.layouts.tabular import read_sheet

HEADER = "segment_id\tstart_time_seconds\tend_time_seconds\tlabel"
INDICES = "class_labels_indices.csv"  # index, mid, display_name
NAMES = "mid_to_display_name.tsv"  # mid, name; without a header


def strong_files(tables: Sequence[Path]) -> list[Path]:
    """The tables whose first line is that of AudioSet's strong labels."""
    return [p for p in tables if p.suffix.lower() == ".tsv" and first_line(p).startswith(HEADER)]


def first_line(path: Path) -> str:
    """Of a text file, as far as it matters here."""
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        return file.readline(1000).strip()


def named(
    tables: Sequence[Path], found: Sequence[Marked], said: Sequence[str]
) -> tuple[Sequence[Marked], Sequence[str]]:
    """The recordings with names instead of codes, where the set's list of names lies beside a table."""
    folders = dict.fromkeys(p.parent for p in tables)
    names = {code: name for folder in folders for code, name in codes(folder).items()}
    if not names:
        return found, said
    new = [
        replace(m, events=[(names.get(c, c), a, b) for c, a, b in m.events], tags=[names.get(c, c) for c in m.tags])
        for m in found
    ]
    return new, said


def codes(folder: Path) -> dict[str, str]:
    """Code -> name, from either list of the set."""
    if (folder / INDICES).is_file():
        sheet = read_sheet(folder / INDICES)
        return dict(zip(sheet.column("mid"), sheet.column("display_name"), strict=True))
    if (folder / NAMES).is_file():
        lines = (line.split("\t") for line in read_text(folder / NAMES).splitlines())
        return {cells[0]: cells[1].strip() for cells in lines if len(cells) > 1}
    return {}
