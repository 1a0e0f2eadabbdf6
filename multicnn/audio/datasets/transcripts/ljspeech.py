"""LJSpeech: `metadata.csv` with lines `ID|as printed|as read`, sounds in `wavs`. Ito, Johnson 2017."""

from pathlib import Path

from multicnn.audio.datasets.transcripts.said import Said, existing, tabled
from multicnn.data.layouts.encoding import read_text
from multicnn.data.table import Table
from multicnn.errors import DataError

FIELDS = (2, 3)


def is_ljspeech(path: Path) -> bool:
    """Whether a folder has sounds in `wavs` and a list without a header beside it."""
    listed = path / "metadata.csv"
    if not ((path / "wavs").is_dir() and listed.is_file()):
        return False
    first = read_text(listed, limit=1_000_000_000).split("\n", 1)[0]
    return "|" in first


def read_ljspeech(path: Path) -> Table:
    """The text as read, numbers spelled out, where the list has it. Raises DataError naming a line of other form."""
    file = path / "metadata.csv"
    found = []
    for number, line in enumerate(read_text(file, limit=1_000_000_000).splitlines(), start=1):
        cells, where = line.split("|"), f"{file}: line {number}"
        if len(cells) not in FIELDS:
            raise DataError(f"{where} has {len(cells)} fields; write ID|text, or ID|text|text as read")
        found.append(Said(str(path / "wavs" / f"{cells[0]}.wav"), cells[0], cells[-1], where))
    return tabled(path.name, existing(found, [one.item for one in found]))
