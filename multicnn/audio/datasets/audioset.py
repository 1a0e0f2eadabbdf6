"""AudioSet: pieces of 10 s with any of 527 labels, by lists of their YouTube IDs. Gemmeke et al. 2017,
doi.org/10.1109/ICASSP.2017.7952261. CC BY 4.0 for the lists.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from multicnn.audio.datasets.source import absent, lacking, rows, sounds
from multicnn.data.layouts.tree import is_file, is_folder, listing
from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError

SOURCE = "https://research.google.com/audioset/download.html (lists; the sounds are yours to fetch)"
NAMES = "class_labels_indices.csv"
LISTS = {
    "balanced_train_segments.csv": "train",
    "unbalanced_train_segments.csv": "train",
    "eval_segments.csv": "test",
}
ID = 11  # letters of a YouTube ID, which may hold _ and -
FOLDERS = ("metadata", "csv", "labels", "lists")  # where the lists may lie


@dataclass(frozen=True)
class Piece:
    """A row of a list: the ID, and the codes of its labels."""

    where: str
    id: str
    labels: list[str]


def audioset(path: Path | None = None) -> Table:
    """The rows of the lists whose sound is there, as `Y<id>.wav`, `<id>.wav` or `<id>_<start>_<end>.wav` in any folder.

    eval_segments.csv is the test, the others train. Classes are those of class_labels_indices.csv. Raises DataError
    where the folder has another layout, and where no sound of the lists is there.
    """
    lists = _lists(path) if path is not None and path.is_dir() else {}
    if path is None or not lists:
        raise lacking("audioset", path, " or ".join(LISTS), SOURCE)
    root = path.absolute()
    names, codes = _names(root)
    pieces = {p.id: (p, part) for file, part in lists.items() for p in read_pieces(file)}
    files = {known: f for f in sounds(root) if (known := _known(Path(f).stem, pieces))}
    if not files:
        raise DataError(f"{root}: no sound of {next(iter(lists)).name} is there; name them Y<id>.wav or <id>.wav")
    found = [(pieces[id_], files[id_]) for id_ in pieces if id_ in files]
    for (piece, _), _ in found:
        if unknown := [c for c in piece.labels if c not in codes]:
            raise DataError(f"{piece.where}: label {unknown[0]!r} is not in {NAMES}; fetch the lists anew")
    classes, target = number_several([[codes[c] for c in piece.labels] for (piece, _), _ in found], names)
    gone = [id_ for id_ in pieces if id_ not in files]
    parts = [part for (_, part), _ in found]
    return Table(
        name="audioset",
        items=strings(f for _, f in found),
        ids=strings(Path(f).relative_to(root).as_posix() for _, f in found),
        classes=classes,
        target=target,
        split=strings(parts) if len(set(parts)) > 1 else None,
        said=(f"AudioSet: {len(classes)} labels", *absent(len(gone), len(pieces), gone, next(iter(lists)))),
    )


def is_audioset(root: Path) -> bool:
    """Whether a folder holds one of the lists and the names of the labels."""
    return bool(root.is_dir() and _lists(root) and _find(root, NAMES))


def read_pieces(file: Path) -> Iterator[Piece]:
    """The rows below the lines of `#`: `--4gqARaEJE, 0.000, 10.000, "/m/068hy,/m/07q6cd_"`."""
    with open(file, encoding="utf-8-sig", newline="") as lines:
        for row, cells in enumerate(csv.reader(lines, skipinitialspace=True), start=1):
            if not cells or cells[0].startswith("#") or cells[0] == "YTID":
                continue
            if len(cells) != 4 or len(cells[0]) != ID:
                raise DataError(f'{file}: row {row} is not `YTID, start, end, "labels"`; fetch the list anew')
            yield Piece(f"{file}: row {row}", cells[0], [c for c in cells[3].split(",") if c])


def _known(stem: str, pieces: dict[str, tuple[Piece, str]]) -> str | None:
    """The ID that a file's name begins with, behind a Y or not."""
    ends = [(stem[:ID], stem[ID : ID + 1]), (stem[1 : ID + 1], stem[ID + 1 : ID + 2])]
    return next((id_ for id_, end in ends[: 2 if stem[:1] == "Y" else 1] if id_ in pieces and end in ("", "_")), None)


def _names(root: Path) -> tuple[list[str], dict[str, str]]:
    """Names in the file's order, and each code's."""
    file = _find(root, NAMES)
    if file is None:
        raise DataError(f"{root}: no {NAMES}, which says what the labels mean; fetch it beside the lists")
    found = [(cells["mid"], cells["display_name"]) for _, cells in rows(file, ("mid", "display_name"))]
    return [name for _, name in found], dict(found)


def _lists(root: Path) -> dict[Path, str]:
    """The lists that are there, and the part that each speaks of."""
    return {file: part for name, part in LISTS.items() if (file := _find(root, name))}


def _find(root: Path, name: str) -> Path | None:
    """A file in the folder, or in a folder for lists in it."""
    folders = [Path(e.path) for e in listing(root) if is_folder(e) and e.name.casefold() in FOLDERS]
    return next((f / name for f in (root, *folders) if any(e.name == name and is_file(e) for e in listing(f))), None)
