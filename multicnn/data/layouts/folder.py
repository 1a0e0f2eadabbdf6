"""A folder of class folders, or train, val and test folders of class folders."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize

import numpy as np

from multicnn.data.layouts.parts import part_of
from multicnn.data.table import Table, natural, number, strings
from multicnn.errors import DataError

JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "__pycache__"})  # case folded
TREE = "put the files of each class in a folder of its own, as in {root}/cat/1{suffix} and {root}/dog/2{suffix}"
Place = tuple[str, str, list[str]]  # part ("" where there are none), class, files below the root


def read_folder(root: Path, suffixes: frozenset[str], *, name: str | None = None) -> Table:
    """The files below `root` that end in one of `suffixes` (lower case, with the dot), labelled by their class folder.

    `root/class/**/file`, or the same below train, val and test folders in any of their usual spellings. Classes are in
    natural order, files in the order of their names; hidden and system files are passed over, others are counted in
    `said`. Raises DataError where a class has no file or the tree has another shape.
    """
    top = _listing(root)
    left_out: Counter[str] = Counter()
    parts = _parts(root, top)
    said: list[str] = []
    if parts:
        said += [
            f"folder {d.name} left out: it is none of train, val and test" for d in _folders(top) if not part_of(d.name)
        ]
        places = [p for part, folder in parts.items() for p in _classes(root, folder, part, suffixes, left_out, said)]
    else:
        _refuse_other_trees(root, top, suffixes)
        places = _classes(root, root, "", suffixes, left_out, said)
    left_out.update(_kind(f.name) for f in top if f.is_file())
    table = _table(root, name or root.resolve().name, places)
    return _said(table, [*said, *_missing_classes(table), *_counted(left_out)])


def _table(root: Path, name: str, places: list[Place]) -> Table:
    """One row a file; the rows of a class follow one another."""
    ids = _names([file for _, _, files in places for file in files])
    sizes = [len(files) for _, _, files in places]
    classes, target = number([label for _, label, _ in places])
    split = strings(part for part, _, _ in places)
    start = str(root.absolute()) + os.sep
    return Table(
        name=name,
        items=strings(start + file for file in ids),
        ids=ids if os.sep == "/" else strings(file.replace(os.sep, "/") for file in ids),
        classes=classes,
        target=np.repeat(target, sizes),
        split=np.repeat(split, sizes) if np.any(split != "") else None,
    )


def _said(table: Table, said: list[str]) -> Table:
    return Table(**{**vars(table), "said": tuple(said)})


def _names(files: list[str]) -> np.ndarray:
    try:
        return strings(files)
    except UnicodeEncodeError:
        bad = next(f for f in files if not f.isprintable() and f.encode("utf-8", "replace").decode() != f)
        raise DataError(f"{os.fsencode(bad)!r}: the file's name is not valid UTF-8; rename the file") from None


def _listing(folder: Path | str) -> list[os.DirEntry[str]]:
    """What lies in a folder, by name; without hidden and system files."""
    try:
        with os.scandir(folder) as entries:
            kept = [e for e in entries if not e.name.startswith(".") and e.name.casefold() not in JUNK]
    except OSError as error:
        raise DataError(
            f"{folder}: the folder cannot be read ({error.strerror}); check its name and its rights"
        ) from None
    return sorted(kept, key=lambda entry: entry.name)


def _folders(entries: list[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    return [e for e in entries if e.is_dir()]


def _kind(name: str) -> str:
    return os.path.splitext(name)[1].lower() or "without a suffix"


def _parts(root: Path, top: list[os.DirEntry[str]]) -> dict[str, os.DirEntry[str]]:
    """The folder of each part; empty where there is no train folder that holds folders (`train` may be a class)."""
    parts: dict[str, os.DirEntry[str]] = {}
    for folder in _folders(top):
        part = part_of(folder.name)
        if part in parts:
            raise DataError(f"{root}: both {parts[part].name!r} and {folder.name!r} stand for {part}; keep one of them")
        if part:
            parts[part] = folder
    return parts if "train" in parts and _folders(_listing(parts["train"].path)) else {}


def _classes(
    root: Path,
    folder: Path | os.DirEntry[str],
    part: str,
    suffixes: frozenset[str],
    left_out: Counter[str],
    said: list[str],
) -> list[Place]:
    """The class folders of one part. Raises DataError for a class without files, but in val and test only says so."""
    entries = _listing(folder)
    if part:
        loose = [e for e in entries if e.is_file() and _kind(e.name) in suffixes]
        if loose:
            said.append(f"{part}: {len(loose)} files left out that lie in no class folder, such as {loose[0].name}")
        left_out.update(_kind(e.name) for e in entries if e.is_file() and _kind(e.name) not in suffixes)
    places = []
    for entry in sorted(_folders(entries), key=lambda e: (natural(e.name), e.name)):
        others: Counter[str] = Counter()
        files = [os.path.relpath(f, root) for f in _walk(entry.path, suffixes, others, frozenset())]
        if files:
            places.append((part, normalize("NFC", entry.name), files))
            left_out.update(others)
        elif part in ("val", "test"):
            said.append(f"{part}: class folder {entry.name!r} is empty")
        else:
            held = f"no {_either(suffixes)} file, only {_several(others)}" if others else "no file"
            raise DataError(f"{entry.path}: the class folder holds {held}; fill it or remove it")
    return places


def _walk(
    folder: str, suffixes: frozenset[str], others: Counter[str], above: frozenset[tuple[int, int]]
) -> Iterator[str]:
    """Files below a class folder that have the right suffix; a link to a folder above is not entered again."""
    here = os.stat(folder)
    if (here.st_dev, here.st_ino) in above:
        return
    for entry in _listing(folder):
        if entry.is_dir():
            yield from _walk(entry.path, suffixes, others, above | {(here.st_dev, here.st_ino)})
        elif not entry.is_file():
            others["broken link" if entry.is_symlink() else "special file"] += 1
        elif (kind := _kind(entry.name)) in suffixes:
            yield entry.path
        else:
            others[kind] += 1


def _refuse_other_trees(root: Path, top: list[os.DirEntry[str]], suffixes: frozenset[str]) -> None:
    """Raises DataError that names the tree that was expected."""
    tree = TREE.format(root=root.name or root, suffix=min(suffixes, key=lambda s: (len(s), s)))
    folders, files = _folders(top), [e for e in top if e.is_file()]
    if not top:
        raise DataError(f"{root}: the folder is empty; {tree}")
    if not folders:
        tables = [f.name for f in files if _kind(f.name) in (".csv", ".tsv", ".jsonl")]
        instead = f"give the table itself: {root / tables[0]}" if tables else tree
        kinds = _several(Counter(_kind(f.name) for f in files))
        raise DataError(f"{root}: no class folders, {kinds} lie directly in the folder; {instead}")
    if len(folders) == 1 and len(_folders(_listing(folders[0].path))) > 1:
        raise DataError(
            f"{root}: one class only, {folders[0].name!r}, with folders in it; did you mean {folders[0].path}?"
        )


def _missing_classes(table: Table) -> list[str]:
    """What to say of classes that val or test lack. Raises DataError for a class that train lacks."""
    if table.split is None:
        return []
    said = []
    seen = {p: {table.classes[k] for k in np.unique(table.target[table.split == p])} for p in ("train", "val", "test")}
    for part in ("val", "test"):
        if extra := sorted(seen[part] - seen["train"]):
            raise DataError(
                f"class {extra[0]!r} is in {part} but not in train; add training files for it or remove its folder"
            )
        if seen[part] and (absent := [c for c in table.classes if c not in seen[part]]):
            said.append(f"{part} has no file of {_first(absent)}")
    return said


def _counted(left_out: Counter[str]) -> list[str]:
    """`3 files left out: 2 .txt, 1 .pdf`"""
    n = left_out.total()
    return [f"{n} file{'s' * (n > 1)} left out: {_several(left_out)}"] if n else []


def _several(kinds: Counter[str]) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())


def _first(names: list[str], n: int = 5) -> str:
    return ", ".join(names[:n]) + (f" and {len(names) - n} more classes" if len(names) > n else "")


def _either(suffixes: frozenset[str]) -> str:
    return " or ".join(sorted(suffixes))
