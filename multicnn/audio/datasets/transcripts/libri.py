"""LibriSpeech and its kin: a list of transcripts in each chapter's folder, or in each part's.

Panayotov et al. 2015, doi.org/10.1109/ICASSP.2015.7178964: `train-clean-100/19/198/19-198.trans.txt` beside
`19-198-0000.flac`. Pratap et al. 2020, arXiv 2012.03411 (MLS): `train/transcripts.txt`, `train/audio/.../ID.flac`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.audio.datasets.transcripts.said import Said, tabled
from multicnn.data.layouts.encoding import read_text
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import walk
from multicnn.data.table import Table
from multicnn.errors import DataError

LISTS = (".trans.txt", "transcripts.txt")
LARGEST = 1_000_000_000  # characters of a list


def lists(root: Path) -> list[Path]:
    """The lists of transcripts below a folder."""
    return [Path(p) for p in sorted(walk(str(root), frozenset({".txt"}), Counter())) if p.endswith(LISTS)]


def read_lists(root: Path, found: list[Path]) -> Table:
    """Every line's sound. Raises DataError naming the line without a text or without a sound."""
    sounds = {Path(p).stem: p for p in walk(str(root), SUFFIXES, Counter())}
    return tabled(root.name, [one for file in found for one in lines(root, file, sounds)])


def lines(root: Path, file: Path, sounds: dict[str, str]) -> Iterator[Said]:
    """The samples of one list."""
    for number, line in enumerate(read_text(file, limit=LARGEST).splitlines(), start=1):
        if not line.strip():
            continue
        name, *text = line.split(maxsplit=1)
        where = f"{file}: line {number}"
        if name not in sounds:
            raise DataError(f"{where}: no sound named {name} below {root}; put it there, or remove the line")
        yield Said(sounds[name], name, " ".join(text), where, part(root, file), re.split("[-_]", name)[0])


def part(root: Path, file: Path) -> str:
    """By the names of the folders that a list lies in: `dev-clean` is for validation."""
    folders = [root.name, *file.relative_to(root).parts[:-1]]
    found = [part_of(re.split("[-_]", folder)[0]) for folder in folders]
    return next((one for one in reversed(found) if one), "")
