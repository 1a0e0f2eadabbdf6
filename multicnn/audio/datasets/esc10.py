"""ESC-10: 400 clips of 5 s, ten kinds of noise, five folds. Piczak 2015, doi.org/10.1145/2733373.2806390. CC BY 3.0."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from multicnn.audio.datasets.esc50 import esc10_of_50, is_esc50
from multicnn.data.table import Table, natural, number, strings
from multicnn.errors import DataError

SOURCE = "https://github.com/karolpiczak/ESC-10 (commit 553c8f1; later ones hold no sounds)"
CLASS = re.compile(r"\d{3} - (.+)")
CLIP = re.compile(r"(\d+)-(\d+)-[A-Z]\.(?:ogg|wav|flac)")


class Clip(NamedTuple):
    """One file, and what its path says. source: number of the recording on freesound.org."""

    path: Path
    label: str
    fold: int
    source: str


def esc10(path: Path | None = None) -> Table:
    """The clips of `NNN - Class name/fold-source-take.ogg` in their official folds; takes of one recording are a group.

    A folder of ESC-50 gives its clips of the ten classes. Raises DataError where the folder has another layout.
    """
    if path is not None and is_esc50(path):
        return esc10_of_50(path)
    if path is None or not is_esc10(path):
        where = f"no folders like '001 - Dog bark' in {path}" if path else "its folder is not given"
        raise DataError(f"esc10: {where}; get {SOURCE} and give its folder")
    clips = [c for folder in _class_folders(path.absolute()) for c in _clips(folder)]
    classes, target = number([c.label for c in clips], [_label(folder) for folder in _class_folders(path)])
    folds = np.array([c.fold for c in clips])
    return Table(
        name="esc10",
        items=strings(c.path for c in clips),
        ids=strings(c.path.relative_to(path.absolute()).as_posix() for c in clips),
        classes=classes,
        target=target,
        fold=folds,
        group=strings(c.source for c in clips),
        said=(f"ESC-10 clips: {len(clips)} in {len(np.unique(folds))} official folds",),
    )


def is_esc10(root: Path) -> bool:
    """Whether all folders are numbered classes whose sounds are named fold-source-take."""
    if not root.is_dir():
        return False
    folders = [p for p in root.iterdir() if p.is_dir() and not p.name.startswith(".")]
    numbered = _class_folders(root)
    return bool(folders) and len(folders) == len(numbered) and all(map(_clips, numbered))


def _class_folders(root: Path) -> list[Path]:
    found = [p for p in root.iterdir() if p.is_dir() and CLASS.fullmatch(p.name)]
    return sorted(found, key=lambda p: natural(p.name))


def _label(folder: Path) -> str:
    return folder.name.split(" - ", 1)[1]


def _clips(folder: Path) -> list[Clip]:
    matches = [(p, CLIP.fullmatch(p.name)) for p in sorted(folder.iterdir())]
    return [Clip(p, _label(folder), int(m[1]), m[2]) for p, m in matches if m]
