"""The .ts files of sktime, aeon and the UEA archive. Format: aeon-toolkit.org, "The .ts file format"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from multicnn.audio.series.signal import Collection, Signal
from multicnn.data.layouts.encoding import read_text
from multicnn.errors import DataError

MISSING = ("?", "nan", "")
TRUE, FALSE = "true", "false"
LARGEST = 500_000_000  # characters of a file


@dataclass
class Header:
    """What the lines before @data promise; None where they say nothing."""

    dimensions: int | None = None
    univariate: bool | None = None
    length: int | None = None
    equal: bool | None = None
    classes: tuple[str, ...] | None = None
    said: dict[str, str] = field(default_factory=dict)


def read_ts(path: Path) -> Collection:
    """All series of a file. Raises DataError naming the line that breaks the format, or what its header promises."""
    lines = enumerate(read_text(path, limit=LARGEST).split("\n"), start=1)
    used = ((n, line.strip()) for n, line in lines if line.strip() and line.strip()[0] not in "#%")
    header = _header(path, used)
    series: list[Signal] = []
    labels: list[str] = []
    for number, line in used:
        values, label = _case(f"{path}: line {number}", line, header)
        _refuse_lies(f"{path}: line {number}", values, header, series)
        series.append(Signal(values))
        labels.append(label)
    if not series:
        raise DataError(f"{path}: no series behind @data; give a file with one a line")
    return Collection(series, labels if header.classes is not None else None, None, header.classes)


def _header(path: Path, lines: Iterator[tuple[int, str]]) -> Header:
    """Reads up to @data. Raises DataError for a file that has no such line, and for what is not read."""
    header = Header()
    for number, line in lines:
        word, _, rest = line.partition(" ")
        word, rest = word.lower(), rest.strip()
        if word == "@data":
            return header
        if not word.startswith("@"):
            raise DataError(f"{path}: line {number} comes before @data and is no @line; put the header first")
        header.said[word] = rest
        _take(f"{path}: line {number}", word, rest, header)
    raise DataError(f"{path}: no line @data; it is no .ts file, or its end is lost: fetch it again")


def _take(where: str, word: str, rest: str, header: Header) -> None:
    """One line of the header."""
    if word == "@timestamps" and _truth(where, word, rest):
        raise DataError(f"{where}: series with time stamps are not read; save them as a CSV with a time column each")
    if word == "@targetlabel" and _truth(where, word, rest.partition(" ")[0]):
        raise DataError(
            f"{where}: its targets are numbers (@targetlabel), not classes; give a set with @classLabel true"
        )
    if word == "@univariate":
        header.univariate = _truth(where, word, rest)
    if word == "@equallength":
        header.equal = _truth(where, word, rest)
    if word in ("@dimensions", "@dimension"):
        header.dimensions = _count(where, word, rest)
    if word == "@serieslength":
        header.length = _count(where, word, rest)
    if word == "@classlabel":
        has, *names = rest.split() or [""]
        header.classes = tuple(names) if _truth(where, word, has) else None
        if header.classes == ():
            raise DataError(f"{where}: @classLabel true lists no class; write their names behind it")


def _truth(where: str, word: str, value: str) -> bool:
    if value.lower() not in (TRUE, FALSE):
        raise DataError(f"{where}: {word} is {value!r}; write true or false")
    return value.lower() == TRUE


def _count(where: str, word: str, value: str) -> int:
    if not re.fullmatch(r"\d+", value) or int(value) < 1:
        raise DataError(f"{where}: {word} is {value!r}; write a whole number above 0")
    return int(value)


def _case(where: str, line: str, header: Header) -> tuple[np.ndarray, str]:
    """One series and its label.  -> t c, label"""
    fields = [part.strip() for part in line.split(":")]
    label = fields.pop() if header.classes is not None else ""
    if not fields:
        raise DataError(
            f"{where} holds no series, only {label[:30]!r}; write its numbers and its label, with : between"
        )
    if header.classes is not None and label not in header.classes:
        known = ", ".join(header.classes[:8])
        raise DataError(f"{where} has the label {label[:30]!r}, the header lists {known}; correct one of them")
    channels = [numbers(where, part.split(",")) for part in fields]
    lengths = sorted({len(c) for c in channels})
    if len(lengths) > 1:
        raise DataError(
            f"{where}: its {len(channels)} dimensions have {lengths[0]} to {lengths[-1]} numbers; "
            "fill the short ones with ?"
        )
    return np.stack(channels, axis=1), label


def numbers(where: str, cells: Sequence[str]) -> np.ndarray:
    """Cells as numbers, NaN for missing ones. Raises DataError naming the first that is none.  -> t, float64"""
    try:
        return np.array([float("nan") if c.strip().lower() in MISSING else c for c in cells], dtype=np.float64)
    except ValueError:
        bad = next(c for c in cells if not _is_number(c))
        raise DataError(
            f"{where}: {bad.strip()[:30]!r} is no number; correct it, or write ? for a missing one"
        ) from None


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip() if cell.strip().lower() not in MISSING else "nan")
    except ValueError:
        return False
    return True


def _refuse_lies(where: str, values: np.ndarray, header: Header, before: Sequence[Signal]) -> None:
    """Raises DataError where a series is not as the header, or the first series, has it."""
    t, c = values.shape
    said = 1 if header.univariate else header.dimensions
    if said is not None and c != said:
        raise DataError(f"{where} has {c} dimensions, the header says {said}; correct the header, or the line")
    if before and c != before[0].values.shape[1]:
        raise DataError(f"{where} has {c} dimensions, the first series {before[0].values.shape[1]}; make them alike")
    length = header.length if header.equal is not False else None
    if length is not None and t != length:
        raise DataError(
            f"{where} has {t} steps, the header says @seriesLength {length}; correct the header, or the line"
        )
    if header.equal and before and t != len(before[0].values):
        raise DataError(
            f"{where} has {t} steps, the first series {len(before[0].values)}, and the header says @equalLength true; "
            "write false"
        )
