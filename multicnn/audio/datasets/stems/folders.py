"""A folder a track, with a file a stem and, if there is one, a file of the mixture: MUSDB18-HQ and its like."""

from collections.abc import Iterator
from pathlib import Path

from multicnn.audio.datasets.stems.found import Track, tabled
from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_file, is_folder, kind, listing
from multicnn.data.table import Table
from multicnn.errors import DataError

MIXTURE = ("mixture", "mix")
MUSDB = {"bass", "drums", "other", "vocals"}
VALIDATION = frozenset(  # of the training tracks of MUSDB18, as the package musdb has them; Stoter, Rafii, Liutkus 2018
    {
        "Actions - One Minute Smile",
        "Clara Berry And Wooldog - Waltz For My Victims",
        "Johnny Lokke - Promises & Lies",
        "Patrick Talbot - A Reason To Leave",
        "Triviul - Angelsaint",
        "Alexander Ross - Goodbye Bolero",
        "Fergessen - Nos Palpitants",
        "Leaf - Summerghost",
        "Skelpolu - Human Mistakes",
        "Young Griffo - Pennies",
        "ANiMAL - Rockshow",
        "James May - On The Line",
        "Meaxic - Take A Step",
        "Traffic Experiment - Sirens",
    }
)


def read_tracks(root: Path) -> Table | None:
    """The tracks of a folder, or of folders train, val and test in it; None where there are none.

    MUSDB18's 14 validation tracks are known by their names. Raises DataError for a track with two files of one stem.
    """
    found = [*_found(root, root, "")]
    if not found:
        return None
    known = all(set(t.stems) == MUSDB for t in found) and {t.part for t in found} == {"train", "test"}
    said = ()
    if known and (val := sum(t.part == "train" and Path(t.id).name in VALIDATION for t in found)):
        found = [t._replace(part="val") if t.part == "train" and Path(t.id).name in VALIDATION else t for t in found]
        said = (f"MUSDB18: {val} of its 14 validation tracks",)
    return tabled(root.name, found, said)


def _found(folder: Path, root: Path, part: str) -> Iterator[Track]:
    """The tracks directly in a folder, or in the folders of its parts."""
    for entry in listing(folder):
        if not is_folder(entry):
            continue
        here = Path(entry.path)
        if folder == root and (named := part_of(entry.name)) and any(map(is_folder, listing(here))):
            yield from _found(here, root, named)
        elif (files := stem_files(here)) and len({*files} - {*MIXTURE}) > 0:
            mixture = next((files[name] for name in MIXTURE if name in files), None)
            stems = {name: file for name, file in files.items() if name not in MIXTURE}
            yield Track(here.relative_to(root).as_posix(), mixture, stems, part)


def stem_files(folder: Path) -> dict[str, str]:
    """The sounds of a folder by their names without the suffix."""
    found: dict[str, str] = {}
    for entry in listing(folder):
        if not is_file(entry) or kind(entry.name) not in SUFFIXES:
            continue
        name = Path(entry.name).stem
        if name in found:
            raise DataError(f"{entry.path}: stem {name!r} has another file, {found[name]}; keep one of them")
        found[name] = entry.path
    return found
