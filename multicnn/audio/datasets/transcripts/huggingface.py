"""Hugging Face's folders of sounds: `metadata.csv` or `.jsonl` with `file_name`, in one folder or one a part."""

from pathlib import Path

from multicnn.audio.datasets.transcripts.rows import samples
from multicnn.audio.datasets.transcripts.said import tabled
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tabular import read_sheet
from multicnn.data.layouts.tree import is_folder, listing
from multicnn.data.table import Table

NAMES = ("metadata.csv", "metadata.jsonl")


def metadata(root: Path) -> dict[Path, str]:
    """The tables, and the part that each speaks of: that of its folder, or "" where it says itself."""
    places = {root: "", **{Path(e.path): part_of(e.name) or "" for e in listing(root) if is_folder(e)}}
    return {place / name: part for place, part in places.items() for name in NAMES if (place / name).is_file()}


def read_metadata(root: Path, found: dict[Path, str]) -> Table:
    """All rows of the tables, files relative to each."""
    said: list[str] = []
    rows = []
    for file, part in found.items():
        sheet = read_sheet(file)
        said += sheet.said
        prefix = "" if file.parent == root else f"{file.parent.name}/"
        rows += [one._replace(id=prefix + one.id) for one in samples(sheet, None, None, None, None, part, said)]
    return tabled(root.name, rows, tuple(dict.fromkeys(said)))
