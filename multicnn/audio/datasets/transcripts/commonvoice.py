"""Common Voice: tab-separated lists beside a folder `clips`. Ardila et al. 2020, arXiv 1912.06670."""

from collections.abc import Iterator
from pathlib import Path

from multicnn.audio.datasets.transcripts.said import Said, existing, tabled
from multicnn.data.layouts.encoding import read_text
from multicnn.data.table import Table
from multicnn.errors import DataError

PARTS = {"train": "train", "dev": "val", "test": "test"}
ALL = "validated"
NEEDED = ("path", "sentence")
LARGEST = 4_000_000_000  # characters of a list


def is_common_voice(path: Path) -> bool:
    """Whether lists and clips lie in a folder, or beside a list."""
    root = path if path.is_dir() else path.parent
    return (root / "clips").is_dir() and (path.suffix == ".tsv" if path.is_file() else bool(files(root)))


def files(root: Path) -> dict[Path, str]:
    """The lists of the official parts, or else that of all clips that people found right."""
    found = {root / f"{name}.tsv": part for name, part in PARTS.items() if (root / f"{name}.tsv").is_file()}
    return found or ({root / f"{ALL}.tsv": ""} if (root / f"{ALL}.tsv").is_file() else {})


def read_common_voice(path: Path) -> Table:
    """The clips of the official parts, or of the list that is named; a speaker's clips stay in one part."""
    given = files(path) if path.is_dir() else {path: ""}
    root = path if path.is_dir() else path.parent
    found = [one for file, part in given.items() for one in clips(root, file, part)]
    return tabled(root.name, existing(found, [one.item for one in found]))


def clips(root: Path, file: Path, part: str) -> Iterator[Said]:
    """One list's. Quotes are plain characters there. Raises DataError naming the row with too few cells."""
    header, *rows = read_text(file, limit=LARGEST).splitlines() or [""]
    names = header.split("\t")
    if lacking := [name for name in NEEDED if name not in names]:
        raise DataError(f"{file}: no column {lacking[0]!r} in its first line; give a list of Common Voice")
    place = {name: names.index(name) for name in (*NEEDED, "client_id") if name in names}
    for number, row in enumerate(rows, start=2):
        cells = row.split("\t")
        if len(cells) < len(names):
            raise DataError(
                f"{file}: row {number} has {len(cells)} cells, the header has {len(names)}; mend or remove it"
            )
        clip = cells[place["path"]]
        clip = clip if Path(clip).suffix else f"{clip}.mp3"  # the first versions leave it out
        speaker = cells[place["client_id"]] if "client_id" in place else ""
        yield Said(str(root / "clips" / clip), clip, cells[place["sentence"]], f"{file}: row {number}", part, speaker)
