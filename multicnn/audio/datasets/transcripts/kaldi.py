"""Kaldi's folders: `wav.scp`, `text`, and if recordings are cut `segments`, speakers in `utt2spk`. Povey 2011."""

from pathlib import Path

from multicnn.audio.datasets.transcripts.said import Said, existing, tabled
from multicnn.audio.segment import named
from multicnn.data.layouts.encoding import read_text
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_folder, listing
from multicnn.data.table import Table
from multicnn.errors import DataError

LARGEST = 4_000_000_000  # characters of a file
NEEDED = ("wav.scp", "text")


def folders(root: Path) -> dict[Path, str]:
    """The folder itself, or those of its parts in it; none where it is no such set."""
    if is_kaldi(root):
        return {root: ""}
    below = [Path(entry.path) for entry in listing(root) if is_folder(entry)]
    return {p: part_of(p.name.split("_")[0].split("-")[0]) or "" for p in below if is_kaldi(p)}


def is_kaldi(path: Path) -> bool:
    """Whether the two files without which there is nothing lie there."""
    return all((path / name).is_file() for name in NEEDED)


def read_kaldi(root: Path, found: dict[Path, str]) -> Table:
    """All utterances of some folders."""
    return tabled(root.name, [one for folder, part in found.items() for one in utterances(folder, part)])


def utterances(folder: Path, part: str) -> list[Said]:
    """One folder's. Raises DataError naming the line that has no recording, or one made by a command."""
    recordings = {key: (file, where) for key, file, where in pairs(folder / "wav.scp")}
    for key, (file, where) in recordings.items():
        if file.endswith("|"):
            raise DataError(f"{where}: {key} is made by a command; write the sounds to files and name these")
    segments = {key: (cut, where) for key, cut, where in pairs(folder / "segments")}
    speakers = {key: speaker for key, speaker, _ in pairs(folder / "utt2spk")}
    found, files = [], []
    for key, text, where in pairs(folder / "text"):
        recording, *times = segments[key][0].split() if key in segments else [key]
        if recording not in recordings:
            raise DataError(f"{where}: {key} has no recording in wav.scp; add it, or remove the line")
        file = str(folder / recordings[recording][0])
        item = file if not times else named(file, *seconds(times, segments[key][1]))
        found.append(Said(item, key, text, where, part, speakers.get(key, "")))
        files.append(file)
    existing(found, files)
    return found


def seconds(times: list[str], where: str) -> tuple[float, float]:
    """Start and end of a segment. Raises DataError for what is none."""
    try:
        start, end = map(float, times[:2])
    except ValueError:
        start, end = 0.0, 0.0
    if not 0 <= start < end:
        raise DataError(f"{where}: {' '.join(times)!r} is no start and end in seconds; correct it")
    return start, end


def pairs(file: Path) -> list[tuple[str, str, str]]:
    """Key, the rest of the line, and where it stands; nothing for a file that is not there."""
    if not file.is_file():
        return []
    lines = enumerate(read_text(file, limit=LARGEST).splitlines(), start=1)
    split = [(number, line.split(maxsplit=1)) for number, line in lines if line.strip()]
    return [(cells[0], cells[1].strip() if len(cells) > 1 else "", f"{file}: line {n}") for n, cells in split]
