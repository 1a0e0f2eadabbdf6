"""Folders of sounds with metadata.csv or metadata.jsonl beside them, as Hugging Face's datasets reads them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from multicnn.audio.datasets.listed import read_listed
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_folder, listing
from multicnn.data.table import Table, natural, strings
from multicnn.errors import DataError

LISTS = ("metadata.csv", "metadata.jsonl", "metadata.tsv")


def is_soundfolder(root: Path) -> bool:
    """Whether a folder, or folders of parts in it, hold such a list."""
    return root.is_dir() and bool(_places(root))


def read_soundfolder(root: Path) -> Table:
    """The rows of the lists, paths relative to each; folders of parts say train, val and test.

    Raises DataError as `read_listed` does, and for lists of parts that are not alike.
    """
    places = _places(root)
    tables = {part: read_listed(file) for part, file in places.items()}
    first = next(iter(tables.values()))
    if len(tables) == 1:
        return replace(first, name=root.resolve().name)
    if len({t.several for t in tables.values()}) > 1:
        tables = {part: t.with_several() for part, t in tables.items()}
    known = tuple(sorted({c for t in tables.values() for c in t.classes}, key=lambda c: (natural(c), c)))
    alike = [t.with_classes(known) for t in tables.values()]
    grouped = all(t.group is not None for t in alike)
    return Table(
        name=root.resolve().name,
        items=np.concatenate([t.items for t in alike]),
        ids=strings(f"{places[part].parent.name}/{i}" for part, t in zip(tables, alike, strict=True) for i in t.ids),
        classes=known,
        target=np.concatenate([t.target for t in alike]),
        split=strings(part for part, t in zip(tables, alike, strict=True) for _ in t.ids),
        group=np.concatenate([t.group for t in alike if t.group is not None]) if grouped else None,
        said=tuple(dict.fromkeys(line for t in alike for line in t.said)),
    )


def _places(root: Path) -> dict[str, Path]:
    """The list of each part; that of the root as the only one."""
    own = _list(root)
    if own is not None:
        return {"": own}
    found: dict[str, Path] = {}
    for entry in listing(root):
        part = part_of(entry.name) if is_folder(entry) else None
        file = _list(Path(entry.path)) if part else None
        if part and file:
            if part in found:
                raise DataError(
                    f"{root}: both {found[part].parent.name!r} and {entry.name!r} stand for {part}; keep one"
                )
            found[part] = file
    return found


def _list(folder: Path) -> Path | None:
    return next((f for name in LISTS if (f := folder / name).is_file() and _names_files(f)), None)


def _names_files(file: Path) -> bool:
    """Whether the first line has the name that such lists give to the paths; LJSpeech's metadata.csv has not."""
    with open(file, encoding="utf-8-sig", errors="replace") as lines:
        return "file_name" in lines.readline(100_000)
