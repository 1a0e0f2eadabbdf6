"""Tables without a header: the class's number, then the text in one cell or several.

As Zhang, Zhao and LeCun 2015, arxiv.org/abs/1509.01626, published AG's News, DBpedia, Yelp, Yahoo and Amazon reviews.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TextIO

from multicnn.data.layouts.delimited import field_limit
from multicnn.data.layouts.encoding import read_as
from multicnn.data.layouts.sheet import MAX_CELL, checked_lines
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.lines import HEAD, MOSTLY, head, parted
from multicnn.text.datasets.rows import Row, tabled

NAMES = ("classes.txt", "labels.txt")
NUMBER = re.compile(r"\d{1,4}")
FEWEST = 2  # records by which the layout is known
SAID = "no header: the class's number first, then its text"


class Record(NamedTuple):
    """The line it starts on, the class's number, the cells of the text."""

    line: int
    number: int
    cells: list[str]


def is_headerless(path: Path) -> bool:
    """Whether a .csv file, or the part files of a folder, hold records of a number and text cells, and no header."""
    return bool(_files(path))


def headerless(path: Path) -> Table:
    """The texts, several cells joined by a line end; classes by classes.txt beside, counted from 1 on, or from 0.

    `\\n` within a text, or in files that have lost the n as AG's News has a lone backslash, is a line end.
    Raises DataError naming the row that has other cells than the first, and a number without a name.
    """
    files = _files(path)
    found = {
        part: (file, *read_as(file, lambda text, file=file: list(_records(text, file)))) for part, file in files.items()
    }
    records = [record for _, part, _ in found.values() for record in part]
    names, said = _names(next(iter(files.values())).parent, records)
    escaped = _escaped(records)
    rows = [
        Row(
            f"{file.name}:{r.line}",
            "\n".join(_plain(c, escaped) for c in r.cells if c.strip()),
            (_name(names, r, file),),
            part,
        )
        for part, (file, records, _) in found.items()
        for r in records
    ]
    notes = [note for _, _, note in found.values() if note]
    stem = path.absolute().name if path.is_dir() else path.stem
    return tabled(path, rows, name=stem, said=[SAID, *said, *notes], classes=[*names.values()] if said else None)


def _files(path: Path) -> dict[str, Path]:
    return parted(path, _fits)


def _fits(file: Path) -> bool:
    """By the first records, of which the last may be cut."""
    if file.suffix.lower() != ".csv":
        return False
    found: list[list[str]] = []
    with suppress(csv.Error):
        for row in csv.reader(line + "\n" for line in head(file)):
            found += [row] if row else []
    found = found[:-1] if len(found) > FEWEST and file.stat().st_size > HEAD else found
    fit = [len(r) > 1 and NUMBER.fullmatch(r[0]) is not None and len(r) == len(found[0]) for r in found]
    return (
        len(found) >= FEWEST
        and all(fit[:FEWEST])
        and sum(fit) >= MOSTLY * len(fit)
        and any(re.search(r"[^\W\d]", cell) for cell in found[0][1:])
        and len({r[0] for r in found}) < len(found)
    )


def _records(text: TextIO, file: Path) -> Iterator[Record]:
    with field_limit(MAX_CELL):
        start, width = 1, 0
        reader = csv.reader(checked_lines(text, file, MAX_CELL), strict=False)
        try:
            for row in reader:
                if any(row):
                    width = width or len(row)
                    yield _record(row, width, f"{file}: row {start}", start)
                start = reader.line_num + 1
        except csv.Error as error:
            raise DataError(f"{file}: row {start} cannot be read ({error}); mend its quotes") from None


def _record(row: list[str], width: int, where: str, line: int) -> Record:
    if len(row) != width:
        raise DataError(
            f"{where} has {len(row)} cells, the first has {width}; put a cell with a comma in double quotes"
        )
    if not NUMBER.fullmatch(row[0].strip()):
        raise DataError(f"{where} begins with {row[0][:40]!r}, no class number; correct it, or add a header line")
    return Record(line, int(row[0]), row[1:])


def _names(folder: Path, records: list[Record]) -> tuple[dict[int, str], list[str]]:
    """The name of each number, and where it is from: the file of names, else the numbers themselves."""
    file = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    if file is None:
        return {n: str(n) for n in {r.number for r in records}}, []
    listed = head(file)
    first = 0 if any(r.number == 0 for r in records) else 1
    return dict(enumerate(listed, first)), [f"names of the classes from {file.name}, counted from {first}"]


def _name(names: dict[int, str], record: Record, file: Path) -> str:
    if record.number not in names:
        raise DataError(
            f"{file}: row {record.line}: class {record.number} has no name among the {len(names)} in the "
            "file of classes; add it there"
        )
    return names[record.number]


def _escaped(records: list[Record]) -> bool:
    """Whether backslashes stand before what they escape, as in `\\n` and `\\"`; else they stand for a line end."""
    after = Counter(letter for r in records[:5000] for cell in r.cells for letter in re.findall(r"\\(.)", cell))
    return after["n"] + after['"'] > 0.5 * after.total()


def _plain(cell: str, escaped: bool) -> str:
    if "\\" not in cell:
        return cell.strip()
    return (re.sub(r"\\+n", "\n", cell).replace('\\"', '"') if escaped else cell.replace("\\", "\n")).strip()
