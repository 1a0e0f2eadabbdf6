"""A folder of class folders, or train, val and test folders of class folders."""

import os
from collections import Counter
from collections.abc import Sequence
from os import DirEntry
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import numpy as np

from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import counted, is_file, is_folder, kind, listing, walk
from multicnn.data.table import PARTS, Table, natural, number, strings
from multicnn.errors import DataError

TABLES = (".csv", ".tsv", ".jsonl")


class Place(NamedTuple):
    """The files of one class in one part ("" in a set without parts)."""

    part: str
    label: str
    files: list[str]


def read_folder(root: Path, suffixes: frozenset[str], *, name: str | None = None) -> Table:
    """The files below `root` that end in one of `suffixes` (lower case, with the dot), labelled by their class folder.

    `root/class/**/file`, or the same below train, val and test folders in any of their usual spellings. Classes are in
    natural order, files in the order of their names; hidden and system files are passed over, others are counted in
    `said`. Raises DataError where a class has no file or the tree has another shape.
    """
    root = root.absolute()
    top = listing(root)
    parts = _part_folders(root, top)
    others = Counter(kind(e.name) for e in top if is_file(e))
    said: list[str] = []
    if parts:
        said += [
            f"folder {e.name!r} left out, no train, val or test" for e in top if is_folder(e) and not part_of(e.name)
        ]
        places = [p for part, e in parts.items() for p in _classes_of_part(part, e.path, suffixes, others, said)]
    else:
        _refuse_other_trees(root, top, suffixes)
        places = [_place("", e, suffixes, others) for e in top if is_folder(e)]
    _refuse_empty(places, root, suffixes, said)
    said += _absent_classes(places)
    if n := others.total():
        said.append(f"{n} file{'s' * (n > 1)} left out: {counted(others)}")
    return _table(root, name or root.resolve().name, [p for p in places if p.files], said)


def _part_folders(root: Path, top: list[DirEntry[str]]) -> dict[str, DirEntry[str]]:
    """The folder of each part; none where no train folder holds folders, for `train` may also be a class."""
    parts: dict[str, DirEntry[str]] = {}
    for entry in top:
        part = part_of(entry.name)
        if not part or not is_folder(entry):
            continue
        if part in parts:
            raise DataError(f"{root}: both {parts[part].name!r} and {entry.name!r} stand for {part}; keep one of them")
        parts[part] = entry
    if "train" not in parts or not any(map(is_folder, listing(parts["train"].path))):
        return {}
    return {part: parts[part] for part in PARTS if part in parts}


def _classes_of_part(
    part: str, folder: str, suffixes: frozenset[str], others: Counter[str], said: list[str]
) -> list[Place]:
    """The class folders of a part; files that lie beside them cannot be used."""
    entries = listing(folder)
    loose = [e.name for e in entries if is_file(e)]
    samples = [n for n in loose if kind(n) in suffixes]
    others.update(kind(n) for n in loose if kind(n) not in suffixes)
    if samples:
        said.append(f"{part}: {len(samples)} files left out that lie in no class folder, such as {samples[0]}")
    return [_place(part, e, suffixes, others) for e in entries if is_folder(e)]


def _place(part: str, folder: DirEntry[str], suffixes: frozenset[str], others: Counter[str]) -> Place:
    return Place(part, normalize("NFC", folder.name), list(walk(folder.path, suffixes, others)))


def _refuse_other_trees(root: Path, top: list[DirEntry[str]], suffixes: frozenset[str]) -> None:
    """Raises DataError that says which tree was expected."""
    suffix = min(suffixes, key=lambda s: (len(s), s))
    example = f"{root.name}/cat/1{suffix} and {root.name}/dog/2{suffix}"
    tree = f"put the files of each class in a folder of its own, as in {example}"
    folders = [e for e in top if is_folder(e)]
    if not top:
        raise DataError(f"{root}: the folder is empty; {tree}")
    if not folders:
        tables = [e.name for e in top if kind(e.name) in TABLES]
        instead = f"give the table itself, {root / tables[0]}" if tables else tree
        found = counted(Counter(kind(e.name) for e in top))
        raise DataError(f"{root}: no class folders, {found} lie directly in it; {instead}")
    if len(folders) == 1 and sum(map(is_folder, listing(folders[0].path))) > 1:
        raise DataError(
            f"{root}: one class only, {folders[0].name!r}, with folders in it; did you mean {folders[0].path}?"
        )


def _refuse_empty(places: list[Place], root: Path, suffixes: frozenset[str], said: list[str]) -> None:
    """Raises DataError for a class folder without files; in val and test that is only said."""
    for part, label, files in places:
        if files:
            continue
        if part in ("val", "test"):
            said.append(f"{part}: class folder {label!r} is empty")
            continue
        kinds = ", ".join(sorted(suffixes))
        raise DataError(
            f"{root}: class folder {label!r} of {part or 'the set'} holds no file ({kinds}); fill or remove it"
        )


def _absent_classes(places: list[Place]) -> list[str]:
    """What to say of classes that val or test lack. Raises DataError for a class that train lacks."""
    said = []
    seen = {part: {p.label for p in places if p.part == part and p.files} for part in PARTS}
    for part in ("val", "test"):
        if extra := sorted(seen[part] - seen["train"], key=natural) if seen["train"] else []:
            raise DataError(
                f"class {extra[0]!r} is in {part} but not in train; add files for it to train, or remove it"
            )
        if seen[part] and (absent := sorted(seen["train"] - seen[part], key=natural)):
            more = f" and {len(absent) - 5} more classes" if len(absent) > 5 else ""
            said.append(f"{part} has no file of {', '.join(absent[:5])}{more}")
    return said


def _table(root: Path, name: str, places: Sequence[Place], said: list[str]) -> Table:
    """One row a file: part by part, class by class."""
    classes, labels = number([p.label for p in places])
    order = sorted(range(len(places)), key=lambda i: (PARTS.index(places[i].part) if places[i].part else 0, labels[i]))
    sizes = [len(places[i].files) for i in order]
    paths = [file for i in order for file in places[i].files]
    start = len(os.path.join(root, ""))
    try:
        items = strings(paths)
    except UnicodeEncodeError:
        bad = next(p for p in paths if any("\ud800" <= letter <= "\udfff" for letter in p))
        raise DataError(f"{os.fsencode(bad)!r}: the file's name is not UTF-8; rename the file") from None
    split = np.repeat(strings(places[i].part for i in order), sizes)
    return Table(
        name=name,
        items=items,
        ids=strings(path[start:].replace(os.sep, "/") for path in paths),
        classes=classes,
        target=np.repeat(labels[order], sizes),
        split=split if places[0].part else None,
        said=tuple(said),
    )
