"""Folders of mixtures and of each source, with files of the same names: LibriMix and WSJ0-mix."""

import re
from collections.abc import Iterator
from pathlib import Path

from multicnn.audio.datasets.stems.folders import stem_files
from multicnn.audio.datasets.stems.found import Track, tabled
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_folder, listing
from multicnn.data.table import Table
from multicnn.errors import DataError

MIXTURES = ("mix_clean", "mix", "mix_both", "mixture", "mix_single")  # the first that is there is the input
SOURCE = re.compile(r"(s|src|source|spk)[_-]?\d+")
PARTS = {"tr": "train", "cv": "val", "tt": "test"}  # WSJ0-mix's
REST = re.compile(r"(train|dev|test)[-_].+")  # LibriMix's train-100, train-360


def read_parallel(root: Path) -> Table | None:
    """Mixtures of a folder with folders mix_clean (or mix, mix_both), s1, s2, or of folders of parts in it.

    None where there are none. Raises DataError for a mixture without one of its sources.
    """
    places = [(root, "")] if _sources(root) else [(p, part) for p, part in _parts(root) if _sources(p)]
    if not places:
        return None
    found = [track for place, part in places for track in _tracks(place, root, part)]
    used = sorted({str(_mixtures(place).name) for place, _ in places})
    return tabled(root.name, found, (f"mixtures of folder {' and '.join(used)}",))


def _parts(root: Path) -> Iterator[tuple[Path, str]]:
    for entry in listing(root):
        name = entry.name.casefold()
        begun = REST.fullmatch(name)
        part = PARTS.get(name) or part_of(name) or (part_of(begun[1]) if begun else None)
        if is_folder(entry) and part:
            yield Path(entry.path), part


def _sources(place: Path) -> list[Path]:
    """The folders of sources, where there are mixtures beside them."""
    folders = {e.name: Path(e.path) for e in listing(place) if is_folder(e)}
    found = sorted(path for name, path in folders.items() if SOURCE.fullmatch(name))
    return found if len(found) > 1 and any(name in folders for name in MIXTURES) else []


def _mixtures(place: Path) -> Path:
    return next(place / name for name in MIXTURES if (place / name).is_dir())


def _tracks(place: Path, root: Path, part: str) -> Iterator[Track]:
    sources = {folder.name: stem_files(folder) for folder in _sources(place)}
    for name, mixture in stem_files(_mixtures(place)).items():
        for source, files in sources.items():
            if name not in files:
                raise DataError(f"{mixture}: folder {source} has no file of that name; add it, or remove the mixture")
        stems = {source: files[name] for source, files in sources.items()}
        yield Track((place / name).relative_to(root).as_posix(), mixture, stems, part)
