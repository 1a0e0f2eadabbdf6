"""Open Images: lists of labels by the IDs of pictures, and a file that says what the labels mean.

Kuznetsova et al. 2018, arxiv.org/abs/1811.00982. The lists as published (`train-annotations-human-imagelabels.csv`,
`validation-annotations-bbox.csv`, `class-descriptions-boxable.csv`), and the folders of the usual download tools.
"""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_file, is_folder, kind, listing, walk
from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError
from multicnn.image.datasets.suffixes import PICTURES

FOLDERS = frozenset({"annotations", "labels", "metadata", "csv", "csv_folder"})  # where the lists lie
KEYS = ("ImageID", "LabelName")
EDGES = ("XMin", "YMin", "XMax", "YMax")
SURE = 0.5  # confidence from which a label counts: people's are 0 or 1, a machine's lie between
Row = tuple[str, dict[str, str]]  # the file and line it comes from, its cells by column


@dataclass(frozen=True)
class Lists:
    """Lists of one kind and what they speak of.

    files: the part that each speaks of.  pictures: files by their IDs.  names: what the labels mean.
    """

    root: Path
    files: dict[Path, str]
    pictures: dict[str, str]
    names: dict[str, str]
    said: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Part and row of every picture that is there; of others, which most downloads lack, the count is in `said`."""
        lacking: set[str] = set()
        for file, part in self.files.items():
            for where, cells in read_rows(file):
                if cells["ImageID"] in self.pictures:
                    yield part, (where, cells)
                else:
                    lacking.add(cells["ImageID"])
        if lacking:
            self.said.append(f"{len(lacking):,} pictures of the lists are not there, such as {min(lacking)}")

    def name(self, cells: dict[str, str]) -> str:
        return self.names.get(cells["LabelName"], cells["LabelName"])

    def id(self, picture: str) -> str:
        return os.path.relpath(self.pictures[picture], self.root).replace(os.sep, "/")


def open_lists(path: Path, *, boxes: bool) -> Lists | None:
    """The lists of labels or of boxes that a folder holds, or the one that is named; None where there is none.

    Raises DataError where there are lists of the other kind only, and where no picture lies beside them.
    """
    files = [path] if path.is_file() else [f for folder in places(path) for f in tables(folder)]
    found = {f: header(f) for f in files}
    lists = {f: names for f, names in found.items() if all(key in names for key in KEYS)}
    if not lists:
        return None
    own = [f for f, names in lists.items() if all(e in names for e in EDGES) == boxes]
    if not own:
        other = "boxes; take --task detect" if not boxes else "labels without boxes; take --task classify"
        raise DataError(f"{next(iter(lists))}: a list of Open Images' {other}, or give the other list")
    root = path if path.is_dir() else path.parent
    pictures = {Path(p).stem: p for p in walk(str(root), frozenset(PICTURES), Counter())}
    if not pictures and path.is_file():
        root = root.parent
        pictures = {Path(p).stem: p for p in walk(str(root), frozenset(PICTURES), Counter())}
    if not pictures:
        raise DataError(f"{own[0]}: no picture lies in {root}; put ImageID.jpg there, in folders or not")
    names, said = descriptions(root)
    return Lists(root, {f: part(f, root) for f in own}, pictures, names, said)


def places(root: Path) -> list[Path]:
    """The folders that may hold lists: the root, those with a usual name in it and in its parts' folders."""
    folders = [Path(e.path) for e in listing(root) if is_folder(e)]
    parts = [f for f in folders if part_of(f.name)]
    below = [Path(e.path) for part in parts for e in listing(part) if is_folder(e)]
    return [root, *[f for f in [*folders, *below] if f.name.casefold() in FOLDERS]]


def tables(folder: Path) -> list[Path]:
    """The CSV files that lie in a folder."""
    return [Path(e.path) for e in listing(folder) if is_file(e) and kind(e.name) == ".csv"]


def header(file: Path) -> list[str]:
    """The names of a list's columns."""
    with open(file, encoding="utf-8-sig", errors="replace", newline="") as lines:
        return lines.readline(2000).strip().split(",")


def part(file: Path, root: Path) -> str:
    """`train` of `oidv6-train-annotations-bbox.csv` and of `train/labels/detections.csv`."""
    words = re.split(r"[^A-Za-z]+", os.path.relpath(file, root))
    return next((found for word in words if (found := part_of(word))), "")


def descriptions(root: Path) -> tuple[dict[str, str], list[str]]:
    """What the labels mean, and what to say of it: `/m/011k07,Tortoise` a row, with or without a header."""
    named = [f for folder in places(root) for f in tables(folder) if f.stem.startswith(("class", "oidv6-class"))]
    near = [f for f in named if not all(key in header(f) for key in KEYS)]
    if not near:
        return {}, ["labels are Open Images' own; class-descriptions-boxable.csv beside its lists would name them"]
    found = {}
    for file in near:
        with open(file, encoding="utf-8-sig", newline="") as lines:
            for row, cells in enumerate(csv.reader(lines), start=1):
                if len(cells) != 2:
                    raise DataError(f"{file}: row {row} has {len(cells)} cells, not a label and its name; mend it")
                found[cells[0]] = cells[1]
    return found, [f"names of the labels from {near[0].name}"]


def read_rows(file: Path) -> Iterator[Row]:
    """The rows of a list. Raises DataError naming one that is cut short."""
    with open(file, encoding="utf-8-sig", newline="") as lines:
        for row, cells in enumerate(csv.DictReader(lines), start=2):
            where = f"{file}: row {row}"
            if None in cells.values() or None in cells:
                raise DataError(f"{where} has other cells than the header; fetch the list anew")
            yield where, cells


def share(where: str, cells: dict[str, str], name: str) -> float:
    """A number from 0 to 1. Raises DataError for another."""
    try:
        value = float(cells[name])
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise DataError(f"{where}: {name} is {cells[name]!r}, no share from 0 to 1; correct it")
    return value


def read_labels(lists: Lists) -> Table:
    """A row a picture, with all labels that are sure. Raises DataError for a picture in two parts."""
    own: dict[str, list[str]] = {}
    parts: dict[str, str] = {}
    for part, (where, cells) in lists.rows():
        picture = cells["ImageID"]
        if parts.setdefault(picture, part) != part:
            raise DataError(f"{where}: {picture} is in {part!r}, before in {parts[picture]!r}; keep one")
        labels = own.setdefault(picture, [])
        if "Confidence" not in cells or share(where, cells, "Confidence") >= SURE:
            labels.append(lists.name(cells))
    if not any(own.values()):
        raise DataError(f"{next(iter(lists.files))}: no label of a picture that is there; fetch pictures of the lists")
    classes, target = number_several(list(own.values()))
    said = [f"Open Images: labels of confidence {SURE} and more; what no row confirms counts as absent"]
    if unlisted := len(lists.pictures) - len(own):
        said.append(f"{unlisted:,} pictures left out that the lists do not have")
    return Table(
        name=lists.root.resolve().name,
        items=strings(lists.pictures[p] for p in own),
        ids=strings(lists.id(p) for p in own),
        classes=classes,
        target=target,
        split=strings(parts.values()) if len(set(parts.values())) > 1 else None,
        said=(*said, *lists.said),
    )
