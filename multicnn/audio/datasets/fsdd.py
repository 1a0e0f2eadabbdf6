"""Free Spoken Digit Dataset: ten digits, said 50 times each by six speakers, 8 kHz. CC BY-SA 4.0."""

import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from multicnn.data.table import Table, number, strings
from multicnn.errors import DataError

SOURCE = "https://github.com/Jakobovski/free-spoken-digit-dataset"
NAME = re.compile(r"(\d)_([^_]+)_(\d+)\.wav")
TEST = 5  # recordings 0 to 4 of each speaker and digit


class Recording(NamedTuple):
    """One file, and what its name says."""

    path: Path
    digit: str
    speaker: str
    take: int


def fsdd(path: Path | None = None) -> Table:
    """All recordings with the official split: test is index 0 to 4, by the same speakers as in training.

    Speakers stay apart with `fsdd-speakers`. Raises DataError where the folder holds no recordings.
    """
    found = _recordings(_folder(path))
    part = strings("test" if r.take < TEST else "train" for r in found)
    test = sum(r.take < TEST for r in found)
    said = f"FSDD recordings: official split, {len(found) - test:,} for training, {test:,} for the test"
    return replace(_table("fsdd", found), split=part, said=(said,))


def fsdd_speakers(path: Path | None = None) -> Table:
    """The same recordings with a fold for each speaker: how well is a voice understood that was never heard?"""
    found = _recordings(_folder(path))
    names, speaker = number([r.speaker for r in found])
    said = f"FSDD recordings: a fold a speaker ({', '.join(names)})"
    group = strings(r.speaker for r in found)
    return replace(_table("fsdd-speakers", found), fold=speaker, group=group, said=(said,))


def is_fsdd(root: Path) -> bool:
    """Whether a folder, or `recordings` in it, holds files of that kind of name and no other sounds."""
    folder = _inside(root)
    names = [p.name for p in folder.glob("*.wav")] if folder.is_dir() else []
    return bool(names) and all(map(NAME.fullmatch, names))


def _inside(root: Path) -> Path:
    return root / "recordings" if (root / "recordings").is_dir() else root


def _folder(path: Path | None) -> Path:
    if path is None or not is_fsdd(path):
        where = f"no DIGIT_SPEAKER_INDEX.wav files in {path}" if path else "its folder is not given"
        raise DataError(f"fsdd: {where}; unpack {SOURCE} and give its folder")
    return _inside(path).absolute()


def _recordings(folder: Path) -> list[Recording]:
    """In order of digit, speaker and index."""
    matches = [(p, NAME.fullmatch(p.name)) for p in folder.glob("*.wav")]
    found = [Recording(p, m[1], m[2], int(m[3])) for p, m in matches if m]
    return sorted(found, key=lambda r: (r.digit, r.speaker, r.take))


def _table(name: str, found: list[Recording]) -> Table:
    classes, target = number([r.digit for r in found])
    ids = strings(r.path.name for r in found)
    return Table(name, strings(r.path for r in found), ids, classes, target)
