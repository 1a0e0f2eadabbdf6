"""A text file beside each sound: `a.wav` and `a.txt` or `a.lab`."""

from collections import Counter
from pathlib import Path

from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.audio.datasets.transcripts.said import Said, tabled
from multicnn.data.layouts.encoding import read_text
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import walk
from multicnn.data.table import Table
from multicnn.errors import DataError

TEXTS = (".txt", ".lab")


def texts(root: Path) -> dict[str, Path]:
    """The text file of each sound that has one, by the sound's path."""
    sounds = sorted(walk(str(root), SUFFIXES, Counter()))
    pairs = [(sound, Path(sound).with_suffix(suffix)) for sound in sounds for suffix in TEXTS]
    found: dict[str, Path] = {}
    for sound, text in pairs:
        if text.is_file():
            found.setdefault(sound, text)
    return found


def read_beside(root: Path, found: dict[str, Path]) -> Table:
    """All sounds below a folder; the folders train, val and test in it are the parts.

    Raises DataError naming a sound without a text.
    """
    sounds = sorted(walk(str(root), SUFFIXES, Counter()))
    if lacking := [sound for sound in sounds if sound not in found]:
        count = f"{len(lacking)} of {len(sounds)} sounds have no text"
        raise DataError(f"{lacking[0]}: no .txt or .lab file of that name beside it; {count}, add or remove them")
    rows = []
    for sound in sounds:
        name = Path(sound).relative_to(root)
        part = part_of(name.parts[0]) if len(name.parts) > 1 else None
        rows.append(Said(sound, name.as_posix(), read_text(found[sound]).strip(), str(found[sound]), part or ""))
    return tabled(root.name, rows)
