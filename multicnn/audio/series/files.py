"""Which files are series, and one series of a file: `walk.csv`, or `Vowels_TRAIN.ts#12` of a file that holds many."""

import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from multicnn.audio.series.arff import read_arff
from multicnn.audio.series.arrays import read_array, read_arrays, signal
from multicnn.audio.series.bvh import read_bvh
from multicnn.audio.series.sheets import read_sheet
from multicnn.audio.series.signal import Collection, Signal
from multicnn.audio.series.ts import read_ts
from multicnn.errors import DataError

ROW = re.compile(r"#(\d+)$")
SINGLE: dict[str, Callable[[Path], Signal]] = {
    ".npy": read_array,
    ".npz": read_array,
    ".csv": read_sheet,
    ".tsv": read_sheet,
    ".bvh": read_bvh,
}
MANY: dict[str, Callable[[Path], Collection | None]] = {".npz": read_arrays, ".ts": read_ts, ".arff": read_arff}
SUFFIXES = frozenset((*SINGLE, *MANY))
SHEETS = frozenset({".csv", ".tsv"})
OWN = SUFFIXES - SHEETS  # of series alone; a table may also lie beside sounds
RECENT = 4  # files kept in memory while their series are read one by one


def parted(item: str | os.PathLike[str]) -> tuple[str, int | None]:
    """The file, and the place of the series in it; None for a file of one."""
    text = os.fspath(item)
    found = ROW.search(text)
    if not found or os.path.exists(text):
        return text, None
    return text[: found.start()], int(found[1])


def load(item: str | os.PathLike[str] | np.ndarray) -> Signal:
    """One series, of a path or an array. Raises DataError naming the file and what is wrong with it."""
    if isinstance(item, np.ndarray):
        return signal(f"array of shape {item.shape}", item)
    name, row = parted(item)
    path = Path(name)
    many = collection(path)
    if many is None:
        if row is not None or path.suffix.lower() not in SINGLE:
            raise DataError(f"{item}: no series of that name; give a file ending in {', '.join(sorted(SUFFIXES))}")
        refuse_absent(path)
        return SINGLE[path.suffix.lower()](path)
    if row is None and len(many) > 1:
        raise DataError(f"{path} holds {len(many)} series; name one, as {path.name}#0")
    if (row or 0) >= len(many):
        raise DataError(f"{item}: the file holds {len(many)} series, counted from 0; correct the number")
    return many.series[row or 0]


def collection(path: Path) -> Collection | None:
    """All series of a file that holds many; None for a file of one."""
    if path.suffix.lower() not in MANY:
        return None
    refuse_absent(path)
    at = path.stat()
    return _collection(path, at.st_size, at.st_mtime_ns)


@lru_cache(maxsize=RECENT)
def _collection(path: Path, size: int, changed: int) -> Collection | None:
    return MANY[path.suffix.lower()](path)


def refuse_absent(path: Path) -> None:
    """Raises DataError for what is no file, and for an empty one."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; check the name")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty (0 bytes); replace the file, or leave it out with --on-bad skip")
