"""Sets of series: files that hold many, pairs of them for training and test; and whether a set is one of series."""

import re
from collections import Counter
from pathlib import Path

import numpy as np

from multicnn.audio.series.files import MANY, OWN, SHEETS, SUFFIXES, collection, parted
from multicnn.audio.series.sheets import header, steps_in
from multicnn.audio.series.signal import Collection
from multicnn.data.layouts.columns import candidates
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import kind, walk
from multicnn.data.table import PARTS, Table, natural, strings
from multicnn.errors import DataError

PART = re.compile(r"(.+)[_-]([A-Za-z]+)")  # BasicMotions_TRAIN
ENOUGH = 200  # files of a folder among which sounds show that it holds sounds alone


def open_collections(path: Path) -> Table | None:
    """The set of a file that holds many series, with its partners; None for other files and for folders without any.

    `NAME_TRAIN.ts` brings `NAME_TEST.ts` (and a `_VAL`) along; a `_TEST` that is named alone is measured alone. Of
    several sets in a folder the one with the folder's name is taken. Raises DataError naming what does not fit.
    """
    files = _partners(path) if path.is_file() else _of_folder(path)
    found = {part: many for part, file in files.items() if (many := collection(file)) is not None}
    return _table(files, found) if found else None


def _partners(path: Path) -> dict[str, Path]:
    """The files of a set by their parts; "" for a set in one file."""
    if path.suffix.lower() not in MANY:
        return {}
    name, part = _named(path)
    if part != "train":
        return {"": path}
    beside = {_named(p)[1]: p for p in sorted(path.parent.iterdir()) if _same(p, name, path.suffix)}
    return {part: beside[part] for part in PARTS if part in beside} if len(beside) > 1 else {"": path}


def _same(file: Path, name: str, suffix: str) -> bool:
    return file.suffix.lower() == suffix.lower() and _named(file)[0] == name


def _named(path: Path) -> tuple[str, str]:
    """The set's name, and the part, "" where the file's name tells none."""
    found = PART.fullmatch(path.stem)
    part = part_of(found[2]) if found else None
    return (found[1], part) if found and part else (path.stem, "")


def _of_folder(path: Path) -> dict[str, Path]:
    """The parts of the set in a folder. Raises DataError where several sets lie in it."""
    files = sorted(p for p in path.iterdir() if p.suffix.lower() in MANY and p.is_file()) if path.is_dir() else []
    sets = {name: p for p in files for name, part in [_named(p)] if part == "train"}
    if len(sets) > 1 and path.name not in sets:
        names = ", ".join(sorted(sets, key=natural))
        raise DataError(f"{path}: several sets lie in it ({names}); give one of their files, as {min(sets.values())}")
    train = sets.get(path.name) or next(iter(sets.values()), None)
    if train is not None:
        return _partners(train)
    return {"": files[0]} if len(files) == 1 and collection(files[0]) is not None else {}


def _table(files: dict[str, Path], found: dict[str, Collection]) -> Table:
    """One row a series, the parts in the order of PARTS."""
    items, ids, labels, split = [], [], [], []
    for part, many in found.items():
        file = files[part].absolute()
        if many.labels is None:
            raise DataError(f"{file}: its series have no labels; give a set with classes (of .npz: X and y)")
        items += [f"{file}#{n}" for n in range(len(many))]
        ids += [f"{file.name}#{n}" for n in range(len(many))]
        labels += many.labels
        split += many.split or [part] * len(many)
    classes = _classes(found, labels, split)
    names = next(iter(files.values()))
    said = [
        f"{f.name}: {len(found[p]):,} series{f', the part {p}' if p else ''}" for p, f in files.items() if p in found
    ]
    return Table(
        name=_named(names)[0],
        items=strings(items),
        ids=strings(ids),
        classes=classes,
        target=np.array([classes.index(label) for label in labels], dtype=np.int64),
        split=strings(split) if any(split) else None,
        said=tuple(said),
    )


def _classes(found: dict[str, Collection], labels: list[str], split: list[str]) -> tuple[str, ...]:
    """The names that occur, in the header's order or the natural one. Raises DataError for one that train lacks."""
    learnt = {label for label, part in zip(labels, split, strict=True) if part in ("train", "")}
    for label, part in zip(labels, split, strict=True):
        if label not in learnt:
            raise DataError(f"class {label!r} is in {part} but not in train; add series of it to train, or remove it")
    listed = next((many.classes for many in found.values() if many.classes), None)
    return tuple(c for c in listed if c in learnt) if listed else tuple(sorted(learnt, key=natural))


def expand(path: Path) -> list[tuple[str, str | Path]] | None:
    """Each series of a file that holds many, by name and item; a CSV of one; None for others, as tables of paths."""
    _, row = parted(path)
    if row is not None:
        return [(str(path), str(path))]
    if path.is_file() and path.suffix.lower() in MANY:
        return _each(path)
    tabular = path.suffix.lower() in SHEETS and path.is_file()
    return [(str(path), path)] if tabular and not candidates(header(path), "path") else None


def _each(path: Path) -> list[tuple[str, str | Path]] | None:
    """The series of a file; the file itself where it cannot be read, so that its reader says why."""
    try:
        many = collection(path)
    except DataError:
        return None
    return None if many is None else [(f"{path}#{n}", f"{path}#{n}") for n in range(len(many))]


def holds_series(path: Path, sounds: frozenset[str]) -> bool:
    """Whether a folder's class folders hold series, and no sounds. Raises DataError for a folder of both.

    CSV files beside sounds may be their annotations, and count for nothing there.
    """
    heard, own, any_series = "", "", False
    for seen, file in enumerate(walk(str(path), SUFFIXES | sounds, Counter())):
        suffix = kind(file)
        heard, own = heard or suffix * (suffix in sounds), own or suffix * (suffix in OWN)
        any_series = any_series or suffix in SUFFIXES
        if heard and (own or seen > ENOUGH):
            break
    if heard and own:
        raise DataError(
            f"{path}: sounds ({heard}) and series ({own}) lie in one set; move one kind into a folder of its own"
        )
    return any_series and not heard


def is_series(item: object) -> bool:
    """Whether a table's item is a series and no sound."""
    if isinstance(item, np.ndarray):
        return item.ndim == 2
    return kind(parted(str(item))[0]) in SUFFIXES


def refuse_single(path: Path) -> None:
    """Raises DataError for a table whose rows are steps, not samples."""
    if path.is_file() and path.suffix.lower() in SHEETS and (width := steps_in(path)):
        raise DataError(
            f"{path} is a single series, of {width} columns; give a folder with a folder of such files per class, or a "
            "table of their paths and labels"
        )


def refuse_mixed(table: Table) -> None:
    """Raises DataError where a table lists sounds and series."""
    first: dict[bool, str] = {}
    for item, name in zip(table.items, table.ids, strict=True):
        first.setdefault(is_series(item), str(name))
    if len(first) > 1:
        raise DataError(
            f"{table.name}: {first[False]} is a sound and {first[True]} a series; give sets of one kind each"
        )
