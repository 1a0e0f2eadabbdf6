"""A file a class, a text a line: `rt-polarity.pos` beside `.neg`, `subj.subjective`, `pos.txt` beside `neg.txt`."""

import re
from collections import defaultdict
from pathlib import Path

import numpy as np

from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_file, listing
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.lines import guessed_lines, head
from multicnn.text.datasets.reviews import same_words
from multicnn.text.datasets.rows import Row, tabled

SIDES = {
    "pos": "positive", "positive": "positive", "neg": "negative", "negative": "negative", "neu": "neutral",
    "neutral": "neutral", "subjective": "subjective", "objective": "objective", "subj": "subjective",
    "obj": "objective", "ham": "ham", "spam": "spam", "позитив": "positive", "негатив": "negative",
}  # fmt: skip
SUBJECTIVITY = {"quote.tok.gt9.5000": "subjective", "plot.tok.gt9.5000": "objective"}  # Pang and Lee 2004's names
ENDS = (".txt", ".tok", "")


def is_polar(path: Path) -> bool:
    """Whether a folder holds two files or more whose names differ by what their texts are."""
    return path.is_dir() and bool(_sides(path))


def polar(path: Path) -> Table:
    """A text a line, its class by the file's name; a line that is blank is none. Raises DataError for damaged files."""
    rows, said = [], ["a file a class, a text a line"]
    for label, file in _sides(path).items():
        lines, notes = guessed_lines(file)
        if not lines:
            raise DataError(f"{file}: the file is empty; put a text a line in, or remove it")
        rows += [Row(f"{file.name}:{number}", text, (label,)) for number, text in lines]
        said += notes
    group = same_words([row.text for row in rows])
    if twice := len(rows) - len(np.unique(group)):
        said.append(f"{twice:,} of {len(rows):,} texts repeat the words of another; such texts stay in one part")
    return tabled(path, rows, name=path.absolute().name, said=said, group=group if twice else None)


def _sides(folder: Path) -> dict[str, Path]:
    """The file of each class; none where the folder holds several sets, or parts of one."""
    sets: dict[str, dict[str, Path]] = defaultdict(dict)
    for entry in filter(is_file, listing(folder)):
        if named := _side(entry.name):
            stem, label = named
            sets[stem].setdefault(label, Path(entry.path))
    found = [sides for sides in sets.values() if len(sides) > 1]
    return found[0] if len(found) == 1 and all(map(head, found[0].values())) else {}


def _side(name: str) -> tuple[str, str] | None:
    """The set and the class that a file's name tells: `mpqa.neg`, `custrev_pos.txt`, `positive.txt`."""
    if name in SUBJECTIVITY:
        return "subj", SUBJECTIVITY[name]
    low = name.casefold()
    stem = next(low.removesuffix(end) for end in ENDS if low.endswith(end))
    first, last = re.fullmatch(r"(?:(.*)[._-])?([^._-]*)", stem, re.DOTALL).groups()  # pyright: ignore[reportOptionalMemberAccess]
    return (first or "", SIDES[last]) if last in SIDES and not part_of(first or "") else None
