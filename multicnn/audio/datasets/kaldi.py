"""Kaldi's data folders: wav.scp says where the sounds lie, and other files what is known of each utterance."""

from pathlib import Path

from multicnn.audio.datasets.suffixes import SUFFIXES
from multicnn.audio.segment import named
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_folder, kind, listing
from multicnn.data.table import Table, number, strings
from multicnn.errors import DataError

SOUNDS = "wav.scp"
LABELS = ("utt2label", "utt2class", "utt2lang", "text")  # the likeliest first


def is_kaldi(root: Path) -> bool:
    """Whether a folder, or folders of parts in it, hold wav.scp."""
    return root.is_dir() and bool(_places(root))


def read_kaldi(root: Path) -> Table:
    """An utterance a sample, a whole file or by `segments` a piece; its label is its line of `utt2label` or `text`.

    What one speaker said (utt2spk) is a group, and else what one file holds. Raises DataError for a command in wav.scp,
    for a missing file and for an utterance without label.
    """
    places = _places(root)
    found = [(part, *row) for part, folder in places.items() for row in _utterances(folder)]
    classes, target = number([label for *_, label, _ in found])
    grouped = len({group for *_, group in found}) < len(found)
    return Table(
        name=root.resolve().name,
        items=strings(item for _, _, item, _, _ in found),
        ids=strings(f"{part}/{utterance}" if part else utterance for part, utterance, *_ in found),
        classes=classes,
        target=target,
        split=strings(part for part, *_ in found) if len(places) > 1 else None,
        group=strings(group for *_, group in found) if grouped else None,
        said=(f"a Kaldi folder: {len(found):,} utterances",),
    )


def _places(root: Path) -> dict[str, Path]:
    """The folder of each part; the root itself as the only one."""
    if (root / SOUNDS).is_file():
        return {"": root}
    parts = [(part_of(e.name), Path(e.path)) for e in listing(root) if is_folder(e)]
    return {part: folder for part, folder in parts if part and (folder / SOUNDS).is_file()}


def _utterances(folder: Path) -> list[tuple[str, str, str, str]]:
    """Name, item, label and group of each."""
    sounds = {name: _sound(folder / SOUNDS, name, where) for name, where in _lines(folder / SOUNDS).items()}
    file = next((folder / name for name in LABELS if (folder / name).is_file()), None)
    if file is None:
        raise DataError(f"{folder}: none of {', '.join(LABELS)} beside {SOUNDS}; add a line `utterance label` each")
    labels, speakers = _lines(file), _lines(folder / "utt2spk") if (folder / "utt2spk").is_file() else {}
    pieces = (
        _segments(folder / "segments", sounds)
        if (folder / "segments").is_file()
        else {n: (n, s) for n, s in sounds.items()}
    )
    if bare := [name for name in pieces if not labels.get(name)]:
        raise DataError(f"{file}: no label for utterance {bare[0]!r} ({len(bare)} lack one); add a line for it")
    return [(name, item, labels[name], speakers.get(name, recording)) for name, (recording, item) in pieces.items()]


def _lines(file: Path) -> dict[str, str]:
    """What follows the first word of each line, by that word."""
    pairs = (line.split(maxsplit=1) for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip())
    return {pair[0]: pair[1].strip() if len(pair) > 1 else "" for pair in pairs}


def _sound(file: Path, name: str, where: str) -> str:
    """The path of a recording, relative ones below the folder or where the user stands."""
    if where.endswith("|"):
        raise DataError(
            f"{file}: {name} is a command ({where}), which is not run; write its output to a file, name that"
        )
    if kind(where) not in SUFFIXES:
        raise DataError(f"{file}: {name} is {where!r}, no sound file; archives of Kaldi are not read")
    path = next((p for p in (file.parent / where, Path(where)) if p.is_file()), None)
    if path is None:
        raise DataError(f"{file}: {name}: no such file {where}; paths are relative to {file.parent}")
    return str(path.absolute())


def _segments(file: Path, sounds: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Recording and piece of each utterance: `utterance recording start end`."""
    found = {}
    for name, rest in _lines(file).items():
        cells = rest.split()
        if len(cells) != 3 or cells[0] not in sounds:
            raise DataError(
                f"{file}: {name}: not `utterance recording start end` of a recording in {SOUNDS}; correct it"
            )
        try:
            start, end = map(float, cells[1:])
        except ValueError:
            start, end = 0.0, 0.0
        if not 0 <= start < end:
            raise DataError(
                f"{file}: {name}: a piece from {cells[1]} to {cells[2]}; give seconds, the end after the start"
            )
        found[name] = (cells[0], named(sounds[cells[0]], start, end))
    return found
