"""Label files of one recording, or of several: Audacity's, Raven's selections, and RTTM.

Each reader: `(path) -> [(recording or "", class, onset, offset), ...]`; Raises DataError naming file and line.
"""

import math
from pathlib import Path

from multicnn.data.layouts.encoding import read_text
from multicnn.errors import DataError

Line = tuple[str, str, float, float]
RTTM = ("SPEAKER", "LEXEME", "NON-LEX", "NON-SPEECH", "SU", "A/P")
RTTM_CELLS = 8  # to the name: type file channel onset duration text kind name
BEGIN, END = "begin time (s)", "end time (s)"
ANNOTATION = ("annotation", "species", "label", "class", "tags", "call type", "sound type", "type")


def audacity(path: Path) -> list[Line]:
    """`onset TAB offset TAB label` a line; a line of its frequencies follows with a backslash, and is passed over."""
    found = []
    for number, line in lines(path):
        if line.startswith("\\"):
            continue
        cells = line.split("\t")
        if len(cells) < 3 or not cells[2].strip():
            raise DataError(f"{path}: line {number} is {line[:60]!r}; write onset, offset and label with tabs between")
        onset, offset = (time(c, path, number) for c in cells[:2])
        found.append(("", cells[2].strip(), *ordered(onset, offset, path, number)))
    return found


def rttm(path: Path) -> list[Line]:
    """`SPEAKER file channel onset duration <NA> <NA> name` a line, as of NIST."""
    found = []
    for number, line in lines(path):
        cells = line.split()
        if cells[0].startswith(";;") or cells[0] not in RTTM:
            continue
        if len(cells) < RTTM_CELLS:
            raise DataError(f"{path}: line {number} has {len(cells)} words, RTTM has {RTTM_CELLS} at least; correct it")
        onset, duration = (time(c, path, number) for c in cells[3:5])
        name = cells[7] if cells[7] != "<NA>" else cells[0].lower()
        found.append((cells[1], name, *ordered(onset, onset + duration, path, number)))
    return found


def raven(path: Path) -> list[Line]:
    """Raven's selection table: columns Begin Time (s), End Time (s), and the annotation; one view of each selection."""
    rows = list(lines(path))
    names = [c.strip().lower() for c in rows[0][1].split("\t")] if rows else []
    if BEGIN not in names or END not in names:
        raise DataError(f"{path}: no columns Begin Time (s) and End Time (s); save it from Raven as a selection table")
    label = next((n for n in ANNOTATION if n in names), None)
    if label is None:
        raise DataError(f"{path}: no column for the class; name it Annotation")
    found: dict[str, Line] = {}
    for number, line in rows[1:]:
        cells = dict(zip(names, line.split("\t"), strict=False))
        onset, offset = (time(cells.get(c, ""), path, number) for c in (BEGIN, END))
        name = cells.get(label, "").strip()
        if not name:
            raise DataError(f"{path}: line {number} has no {label}; fill it in")
        found.setdefault(
            cells.get("selection") or f"line {number}", ("", name, *ordered(onset, offset, path, number))
        )  # a selection may be listed for the waveform and for the spectrogram
    return list(found.values())


def lines(path: Path) -> list[tuple[int, str]]:
    """The lines that hold something, numbered from 1."""
    return [(n, line) for n, line in enumerate(read_text(path).splitlines(), start=1) if line.strip()]


def time(cell: str, path: Path, number: int) -> float:
    """Seconds. Raises DataError."""
    try:
        value = float(cell.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{path}: line {number}: {cell.strip()!r} is no time in seconds; correct it")
    return value


def ordered(onset: float, offset: float, path: Path, number: int) -> tuple[float, float]:
    """Both. Raises DataError where they run backwards."""
    if not 0 <= onset <= offset:
        raise DataError(f"{path}: line {number}: from {onset:g} to {offset:g} s; give 0 <= onset <= offset")
    return onset, offset
