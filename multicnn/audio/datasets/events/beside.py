"""Sounds with label files beside them, or in a folder of their own: NAME.wav with NAME.txt, NAME.TextGrid and so on."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from multicnn.audio.datasets.events.annotated import Marked
from multicnn.audio.datasets.events.labelled import Line, audacity, raven, rttm
from multicnn.audio.datasets.events.places import Places
from multicnn.audio.datasets.events.textgrid import textgrid
from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import walk

READERS: dict[str, Callable[[Path], list[Line]]] = {  # by the ends of names, the longest first
    ".selections.txt": raven,
    ".textgrid": textgrid,
    ".rttm": rttm,
    ".txt": audacity,
}
NOTES = frozenset({"readme.txt", "license.txt", "licence.txt", "licenses.txt", "attribution.txt", "requirements.txt"})


def label_files(folder: Path) -> list[Path]:
    """The label files of a folder; a .txt only where a sound has its name."""
    found = [Path(p) for p in walk(str(folder), frozenset({".txt", ".textgrid", ".rttm"}), Counter())]
    stems = {Path(p).stem for p in walk(str(folder), SUFFIXES, Counter())} if found else set()
    return [p for p in found if ending(p) != ".txt" or (p.name.lower() not in NOTES and p.stem in stems)]


def ending(path: Path) -> str:
    """Which of READERS reads a file."""
    return next(end for end in READERS if path.name.lower().endswith(end))


def read_beside(files: Sequence[Path], folder: Path) -> tuple[list[Marked], list[str]]:
    """All sounds of the folder, those without a label file being without events; their count is told."""
    places = Places([folder])
    found = {
        path: Marked(path, Path(path).relative_to(folder).as_posix(), part=part_by(Path(path), folder))
        for path in walk(str(folder), SUFFIXES, Counter())
    }
    marked: set[str] = set()
    for file in files:
        lines = READERS[ending(file)](file)
        names = {name for name, *_ in lines if name} or {sound_of(file)}
        for name in sorted(names):
            sound = beside(file, name, found) or places.find(name, str(file))
            assert sound is not None
            marked.add(sound)
            found[sound].where = found[sound].where or str(file)
            found[sound].events += [(c, a, b) for own, c, a, b in lines if own in ("", name)]
    bare = sum(path not in marked for path in found)
    return list(found.values()), [f"{bare:,} sounds have no label file: nothing sounds in them"] if bare else []


def sound_of(file: Path) -> str:
    """The name, without suffix, of the sound that a label file is of: Raven adds `.Table.1.selections.txt`."""
    stem = file.name[: -len(ending(file))]
    return stem.split(".Table.")[0]


def beside(file: Path, name: str, found: dict[str, Marked]) -> str | None:
    """The sound in the label file's own folder."""
    own = [p for p in found if Path(p).parent == file.parent and name in (Path(p).stem, Path(p).name)]
    return own[0] if own else None


def part_by(path: Path, folder: Path) -> str:
    """The part that a folder on the way to a sound tells."""
    return next(filter(None, map(part_of, path.relative_to(folder).parts[:-1])), "") or ""
