"""NSynth: 305,979 notes of 4 s by 1,006 instruments of 11 families. Engel et al. 2017, arXiv 1704.01279. CC BY 4.0."""

import json
from pathlib import Path
from typing import Any

from multicnn.audio.datasets.source import lacking, present
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_folder, listing
from multicnn.data.table import Table, number, strings
from multicnn.errors import DataError

SOURCE = "https://magenta.tensorflow.org/datasets/nsynth (json and wav)"
LIST = "examples.json"
FIELDS = ("instrument_family_str", "instrument_str")


def nsynth(path: Path | None = None) -> Table:
    """The families of the notes in the folders nsynth-train, nsynth-valid and nsynth-test, or in one of them.

    Notes of one instrument are a group; none is both in train and in another part. Raises DataError where the folder
    has another layout.
    """
    places = _places(path) if path is not None and path.is_dir() else {}
    if path is None or not places:
        raise lacking("nsynth", path, f"nsynth-train/{LIST}", SOURCE)
    root = path.absolute()
    found, said = [], ()
    for part, folder in places.items():
        notes = _notes(folder / LIST)
        below = folder.absolute().relative_to(root).as_posix()
        start = "" if below == "." else f"{below}/"
        there, gone = present(folder / LIST, root, [(f"{start}audio/{key}.wav", note) for key, note in notes.items()])
        found += [(name, note, part) for name, note in there]
        said += gone
    classes, target = number([note[FIELDS[0]] for _, note, _ in found])
    return Table(
        name="nsynth",
        items=strings(root / name for name, _, _ in found),
        ids=strings(name for name, _, _ in found),
        classes=classes,
        target=target,
        split=strings(part for _, _, part in found) if len(places) > 1 else None,
        group=strings(note[FIELDS[1]] for _, note, _ in found),
        said=(f"NSynth: {len(found):,} notes, {len(classes)} families of instruments", *said),
    )


def is_nsynth(root: Path) -> bool:
    """Whether a folder, or folders of parts in it, hold the list of the notes and their sounds."""
    return root.is_dir() and bool(_places(root))


def _places(root: Path) -> dict[str, Path]:
    """The folder of each part; the root itself as the only one."""
    if (root / LIST).is_file() and (root / "audio").is_dir():
        return {"": root}
    found = [(part_of(e.name.rpartition("-")[2]), Path(e.path)) for e in listing(root) if is_folder(e)]
    return {part: folder for part, folder in found if part and (folder / LIST).is_file()}


def _notes(file: Path) -> dict[str, dict[str, Any]]:
    """What is known of each note. Raises DataError for a file that tells no families."""
    try:
        notes = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{file}: not valid JSON ({error}); unpack the archive anew") from error
    for key, note in notes.items() if isinstance(notes, dict) else [("", None)]:
        if not isinstance(note, dict) or any(field not in note for field in FIELDS):
            raise DataError(f"{file}: note {key!r} has no {' and '.join(FIELDS)}; unpack the archive anew")
    return notes
