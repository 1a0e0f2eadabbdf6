"""ESC-50: 2,000 clips of 5 s, 50 kinds of noise, five folds. Piczak 2015, doi.org/10.1145/2733373.2806390."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from multicnn.audio.datasets.source import lacking, present, rows, whole
from multicnn.data.table import Table, number, strings

SOURCE = "https://github.com/karolpiczak/ESC-50 (CC BY-NC 3.0)"
META = Path("meta/esc50.csv")
COLUMNS = ("filename", "fold", "category", "esc10", "src_file")
TEST = 5  # the fold that tests where no fold is named


def esc50(path: Path | None = None) -> Table:
    """The clips of `audio/` with the folds of `meta/esc50.csv`; takes of one recording are a group.

    Without --folds the fifth fold is the test. Raises DataError where the folder has another layout.
    """
    return _read("esc50", path, lambda cells: True)


def esc10_of_50(path: Path) -> Table:
    """The ten classes that the column esc10 marks."""
    return _read("esc10", path, lambda cells: cells["esc10"].strip().casefold() == "true")


def is_esc50(root: Path) -> bool:
    """Whether a folder holds the list of the clips."""
    return (root / META).is_file()


def _read(name: str, path: Path | None, wanted: Callable[[dict[str, str]], bool]) -> Table:
    if path is None or not is_esc50(path):
        raise lacking(name, path, META.as_posix(), SOURCE)
    root = path.absolute()
    listed = [(f"audio/{c['filename']}", (where, c)) for where, c in rows(root / META, COLUMNS) if wanted(c)]
    there, gone = present(root / META, root, listed)
    clips = [clip for _, (_, clip) in there]
    classes, target = number([c["category"] for c in clips])
    fold = np.array([whole(where, c, "fold") for _, (where, c) in there])
    said = (
        f"{len(there):,} clips in {len(np.unique(fold))} official folds; fold {TEST} tests, --folds 5 takes each once"
    )
    return Table(
        name=name,
        items=strings(root / file for file, _ in there),
        ids=strings(file for file, _ in there),
        classes=classes,
        target=target,
        split=strings("test" if f == TEST else "train" for f in fold),
        fold=fold,
        group=strings(c["src_file"] for c in clips),
        said=(said, *gone),
    )
