"""The .arff files of the UCR and UEA archives: Weka's format, several channels as one relational attribute."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from multicnn.audio.series.signal import Collection, Signal
from multicnn.audio.series.ts import LARGEST, numbers
from multicnn.data.layouts.encoding import read_text
from multicnn.errors import DataError

NOMINAL = re.compile(r"@attribute\s+(?:'[^']*'|\"[^\"]*\"|\S+)\s+\{(.*)\}\s*$", re.IGNORECASE)


def read_arff(path: Path) -> Collection:
    """All series of a file, whose last attribute is the class. Raises DataError naming the line that does not fit."""
    lines = enumerate(read_text(path, limit=LARGEST).split("\n"), start=1)
    used = ((n, line.strip()) for n, line in lines if line.strip() and line.strip()[0] != "%")
    classes, relational = _header(path, used)
    series: list[Signal] = []
    labels: list[str] = []
    for number, line in used:
        where = f"{path}: line {number}"
        *cells, label = next(csv.reader([line], quotechar="'", skipinitialspace=True))
        if label.strip() not in classes:
            raise DataError(
                f"{where} has the label {label[:30]!r}, the header lists {', '.join(classes[:8])}; correct one"
            )
        series.append(Signal(_values(where, cells, relational)))
        labels.append(label.strip())
        if series[-1].values.shape[1] != series[0].values.shape[1]:
            c, first = series[-1].values.shape[1], series[0].values.shape[1]
            raise DataError(f"{where} has {c} channels, the first series {first}; make them alike")
    if not series:
        raise DataError(f"{path}: no series behind @data; give a file with one a line")
    return Collection(series, labels, None, classes)


def _header(path: Path, lines: Iterator[tuple[int, str]]) -> tuple[tuple[str, ...], bool]:
    """The classes, and whether the series lie in a relational attribute; reads up to @data."""
    classes, relational = None, False
    for _, line in lines:
        low = line.lower()
        if low.startswith("@data"):
            if classes is None:
                raise DataError(
                    f"{path}: no attribute lists classes, as in @attribute class {{a,b}}; add it as the last"
                )
            return classes, relational
        relational = relational or low.split()[-1] == "relational"
        if match := NOMINAL.match(line):
            classes = tuple(name.strip().strip("'\"") for name in match[1].split(","))
    raise DataError(f"{path}: no line @data; it is no .arff file, or its end is lost: fetch it again")


def _values(where: str, cells: list[str], relational: bool) -> np.ndarray:
    """The numbers of one series; within a relational attribute, a channel stands between two \\n.  -> t c"""
    channels = [part.split(",") for part in cells[0].split("\\n")] if relational and cells else [cells]
    if not channels[0]:
        raise DataError(f"{where} holds no series; write its numbers before the label")
    if len({len(c) for c in channels}) > 1:
        raise DataError(f"{where}: its channels differ in length; fill the short ones with ?")
    return np.stack([numbers(where, c) for c in channels], axis=1)
