"""IRMAS: the leading instrument of 6,705 pieces of 3 s, and all of 2,874 longer ones. Bosch et al. 2012."""

import re
from pathlib import Path

from multicnn.audio.datasets.source import lacking, sounds
from multicnn.data.layouts.tree import is_folder, listing
from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError

SOURCE = "https://zenodo.org/records/1290750"
INSTRUMENTS = {
    "cel": "cello", "cla": "clarinet", "flu": "flute", "gac": "acoustic guitar", "gel": "electric guitar",
    "org": "organ", "pia": "piano", "sax": "saxophone", "tru": "trumpet", "vio": "violin", "voi": "voice",
}  # fmt: skip
TRAINING = "IRMAS-TrainingData"
TESTING = "IRMAS-TestingData*"  # of three archives, or all in one
PIECE = re.compile(r"__\d+$|-\d+$")  # the number of a piece of a recording


def irmas(path: Path | None = None) -> Table:
    """Training pieces with the one label of their folder, test pieces with all labels of the text beside them.

    Pieces of one recording are a group. Raises DataError where the folder has another layout, and for a test piece
    without its text.
    """
    place = _training(path) if path is not None and path.is_dir() else None
    if path is None or place is None:
        raise lacking("irmas", path, f"folders {', '.join(INSTRUMENTS)}", SOURCE)
    root = path.absolute()
    train = [(Path(f), [Path(f).parent.name]) for f in sorted(sounds(place.absolute()))]
    test = [(Path(f), _labels(Path(f))) for folder in sorted(root.glob(TESTING)) for f in sorted(sounds(folder))]
    found = [(f, [INSTRUMENTS[c] for c in codes]) for f, codes in (*train, *test)]
    classes, target = number_several([labels for _, labels in found], list(INSTRUMENTS.values()))
    said = f"IRMAS: {len(train):,} training pieces with one label, {len(test):,} test pieces with all of theirs"
    return Table(
        name="irmas",
        items=strings(f for f, _ in found),
        ids=strings(f.relative_to(root).as_posix() for f, _ in found),
        classes=classes,
        target=target,
        split=strings(["train"] * len(train) + ["test"] * len(test)) if test else None,
        group=strings(_recording(f) for f, _ in found),
        said=(said,),
    )


def is_irmas(root: Path) -> bool:
    """Whether a folder is that of the training pieces, or holds it."""
    return root.is_dir() and _training(root) is not None


def _training(root: Path) -> Path | None:
    """The folder whose folders are all the instruments."""
    for place in (root / TRAINING, root):
        folders = {e.name for e in listing(place) if is_folder(e)} if place.is_dir() else set()
        if folders == INSTRUMENTS.keys():
            return place
    return None


def _labels(file: Path) -> list[str]:
    """The codes of a test piece, one a line, behind which may stand tabs."""
    text = file.with_suffix(".txt")
    if not text.is_file():
        raise DataError(f"{file}: no {text.name} beside it that names its instruments; unpack the archive anew")
    codes = text.read_text(encoding="utf-8-sig").split()
    if odd := [c for c in codes if c not in INSTRUMENTS] or ([""] if not codes else []):
        raise DataError(f"{text}: {odd[0]!r} is none of {', '.join(INSTRUMENTS)}; unpack the archive anew")
    return codes


def _recording(file: Path) -> str:
    """`cel [cel][cla]0001` of `cel/[cel][cla]0001__1.wav`."""
    return f"{file.parent.name} {PIECE.sub('', file.stem)}"
