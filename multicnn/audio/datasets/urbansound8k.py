"""UrbanSound8K: 8,732 clips of at most 4 s, ten kinds of city noise. Salamon et al. 2014."""

from pathlib import Path

import numpy as np

from multicnn.audio.datasets.source import lacking, present, rows, whole
from multicnn.data.table import Table, number, strings

SOURCE = "https://urbansounddataset.weebly.com/urbansound8k.html (CC BY-NC 3.0; doi.org/10.1145/2647868.2655045)"
META = Path("metadata/UrbanSound8K.csv")
COLUMNS = ("slice_file_name", "fsID", "fold", "class")
TEST = 10  # the fold that tests where no fold is named


def urbansound8k(path: Path | None = None) -> Table:
    """The clips of `audio/fold1` to `audio/fold10`; clips of one recording (fsID) are a group.

    The clips are never dealt at random: pieces of one recording on both sides make 84 % into 98 %. Without --folds the
    tenth fold is the test. Raises DataError where the folder has another layout.
    """
    if path is None or not is_urbansound8k(path):
        raise lacking("urbansound8k", path, META.as_posix(), SOURCE)
    root = path.absolute()
    there, gone = present(root / META, root, [(_file(c), (where, c)) for where, c in rows(root / META, COLUMNS)])
    clips = [clip for _, (_, clip) in there]
    classes, target = number([c["class"] for c in clips])
    fold = np.array([whole(where, c, "fold") for _, (where, c) in there])
    said = (
        f"{len(there):,} clips in {len(np.unique(fold))} official folds; fold {TEST} tests, "
        "published numbers are means of --folds 10"
    )
    return Table(
        name="urbansound8k",
        items=strings(root / file for file, _ in there),
        ids=strings(file for file, _ in there),
        classes=classes,
        target=target,
        split=strings("test" if f == TEST else "train" for f in fold),
        fold=fold,
        group=strings(c["fsID"] for c in clips),
        said=(said, *gone),
    )


def is_urbansound8k(root: Path) -> bool:
    """Whether a folder holds the list of the clips."""
    return (root / META).is_file()


def _file(cells: dict[str, str]) -> str:
    return f"audio/fold{cells['fold']}/{cells['slice_file_name']}"
