"""FSD50K: 51,197 clips of 0.3 to 30 s with any of 200 labels. Fonseca et al. 2022, arXiv 2010.00475. CC BY 4.0."""

import csv
from pathlib import Path

from multicnn.audio.datasets.source import lacking, present, rows
from multicnn.data.layouts.parts import part_of
from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError

SOURCE = "https://zenodo.org/records/4060432"
TRUTH = "FSD50K.ground_truth"
COLUMNS = ("fname", "labels")


def fsd50k(path: Path | None = None) -> Table:
    """dev.csv, in the parts of its column split, and eval.csv as the test; labels in the order of vocabulary.csv.

    The set names no sources that would group its clips: its authors kept uploaders apart. Raises DataError where the
    folder has another layout, and for a label that the vocabulary lacks.
    """
    if path is None or not is_fsd50k(path):
        raise lacking("fsd50k", path, f"{TRUTH}/dev.csv", SOURCE)
    root = path.absolute()
    names, labels, parts, said = [], [], [], ()
    for part in ("dev", "eval"):
        file = root / TRUTH / f"{part}.csv"
        if part == "eval" and not (root / "FSD50K.eval_audio").is_dir():
            said += ("no FSD50K.eval_audio: no official test part",)
            continue
        listed = [(f"FSD50K.{part}_audio/{c['fname']}.wav", (where, c)) for where, c in rows(file, COLUMNS)]
        there, gone = present(file, root, listed)
        names += [name for name, _ in there]
        labels += [[label.strip() for label in c["labels"].split(",")] for _, (_, c) in there]
        parts += ["test" if part == "eval" else _part(*row) for _, row in there]
        said += gone
    classes, target = number_several(labels, _vocabulary(root, labels))
    return Table(
        name="fsd50k",
        items=strings(root / name for name in names),
        ids=strings(names),
        classes=classes,
        target=target,
        split=strings(parts),
        said=(f"FSD50K: {len(classes)} labels, official parts", *said),
    )


def is_fsd50k(root: Path) -> bool:
    """Whether a folder holds the list of the clips for development."""
    return (root / TRUTH / "dev.csv").is_file()


def _part(where: str, cells: dict[str, str]) -> str:
    """train or val; of a list without that column, open."""
    found = part_of(cells.get("split", "")) if "split" in cells else ""
    if found is None:
        raise DataError(f"{where}: split is {cells['split']!r}, neither train nor val; fetch the file anew")
    return found


def _vocabulary(root: Path, labels: list[list[str]]) -> list[str] | None:
    """The second cells of `0,Accelerating_and_revving_and_vroom,/m/07q2z82`; None without the file."""
    file = root / TRUTH / "vocabulary.csv"
    if not file.is_file():
        return None
    with open(file, encoding="utf-8-sig", newline="") as lines:
        found = [cells[1] for cells in csv.reader(lines) if len(cells) > 1 and cells[0].isdecimal()]
    if unknown := sorted({label for own in labels for label in own} - set(found)):
        raise DataError(f"{file}: no label {unknown[0]!r}, which a clip has; fetch the file anew")
    return found
