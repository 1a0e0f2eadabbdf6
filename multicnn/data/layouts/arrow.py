"""Parquet and Arrow: single files, and data sets that Hugging Face's `datasets` wrote or published.

Read by pyarrow, an extra of its own; `datasets` is not needed.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from multicnn.data.layouts.parts import part_in
from multicnn.data.layouts.sheet import Piece, Sheet, stacked
from multicnn.data.layouts.tree import listing, walk
from multicnn.errors import DataError, UsageError

SUFFIXES = (".parquet", ".arrow", ".feather")
INFO, STATE, DICT = "dataset_info.json", "state.json", "dataset_dict.json"
SHARD = re.compile(r"(.*-)(\d+)(-of-)(\d+)(.*)")
Named = Callable[[Any], Any]


def read_arrow(path: Path) -> Sheet:
    """All rows of one file, numbers of classes as their names. Raises DataError where it is damaged.

    The names are those that the file tells, or `dataset_info.json` beside it. Raises UsageError without pyarrow.
    """
    table = _opened(path)
    told = (table.schema.metadata or {}).get(b"huggingface", b"")
    features = _features(told.decode("utf-8", "replace"), path) if told else {}
    features = features or _told_beside(path.parent)
    names = tuple(table.schema.names)
    if twice := [n for n in names if names.count(n) > 1]:
        raise DataError(f"{path}: two columns are named {twice[0]!r}; rename one of them")
    try:
        columns = [column.to_pylist() for column in table.columns]
    except ValueError as error:  # bytes that are not UTF-8 in a column of strings, dates beyond all calendars
        raise DataError(f"{path}: a cell cannot be read ({_line(error)}); write the file again") from None
    cells = tuple(_decoded(path, n, column, features.get(n)) for n, column in zip(names, columns, strict=True))
    return Sheet(path, names, cells, list(range(1, table.num_rows + 1)))


def is_dataset(folder: Path) -> bool:
    """Whether a folder is one that `save_to_disk` wrote, or holds Parquet or Arrow files, itself or in its folders."""
    if not folder.is_dir():
        return False
    if any((folder / name).is_file() for name in (DICT, STATE)):
        return True
    return next(walk(str(folder), frozenset(SUFFIXES), Counter()), None) is not None


def read_dataset(folder: Path) -> Sheet:
    """All parts and shards of such a folder as one sheet, its column `split` the part that each row belongs to.

    A part is told by the name of a file or of the folder it lies in. Files of no known part ("unsupervised") are left
    out where others have one. Raises DataError for a missing shard, and where no file is.
    """
    files = list(_files(folder))
    if not files:
        raise DataError(f"{folder}: no {', '.join(SUFFIXES)} file in it; give the folder that save_to_disk wrote")
    _refuse_missing(files)
    parts = [_part(file.relative_to(folder)) for file in files]
    kept = [(file, part or "") for file, part in zip(files, parts, strict=True) if part or not any(parts)]
    said = [
        f"{f.relative_to(folder)} left out, no train, val or test" for f, p in zip(files, parts, strict=True) if not p
    ]
    pieces = [Piece(str(file.relative_to(folder)), part, read_arrow(file)) for file, part in kept]
    return stacked(folder, pieces, said if any(parts) else ())


def _opened(path: Path) -> Any:
    """The table of a file: Parquet, or Arrow as a stream or a file, by its first bytes and not its suffix."""
    try:
        import pyarrow
        from pyarrow import ipc, parquet
    except ModuleNotFoundError:
        raise UsageError(
            f"{path.suffix} files need pyarrow, which is not installed; install it with: pip install 'multicnn[arrow]'"
        ) from None
    try:
        with open(path, "rb") as file:
            start = file.read(6)
        if start.startswith(b"PAR1"):
            return parquet.ParquetFile(path).read()
        with pyarrow.memory_map(str(path)) as source:
            return (ipc.open_file if start == b"ARROW1" else ipc.open_stream)(source).read_all()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise DataError(
            f"{path}: no Parquet or Arrow file, or a damaged one ({_line(error)}); fetch it again"
        ) from None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _features(text: str, path: Path) -> Mapping[str, Any]:
    """The features that a description tells; none where it tells nothing."""
    try:
        told = json.loads(text)
        found = told.get("info", told).get("features") or {}
        return found if isinstance(found, dict) else {}
    except (ValueError, AttributeError, RecursionError) as error:
        raise DataError(f"{path}: its description of the columns cannot be read ({error}); fetch it again") from None


def _told_beside(folder: Path) -> Mapping[str, Any]:
    path = folder / INFO
    return _features(path.read_text(encoding="utf-8", errors="replace"), path) if path.is_file() else {}


def _decoded(path: Path, name: str, cells: list[Any], feature: Any) -> list[Any]:
    named = _named(feature)
    if named is None:
        return cells
    try:
        return [named(cell) for cell in cells]
    except (IndexError, TypeError, AttributeError):
        raise DataError(
            f"{path}: column {name!r} does not fit its description, class numbers without a name; mend it"
        ) from None


def _named(feature: Any) -> Named | None:
    """What puts names in the place of class numbers, at any depth; None where there are none.

    -1 stands for a label that nobody gave.
    """
    if isinstance(feature, list) and len(feature) == 1:
        return _each(_named(feature[0]))
    if not isinstance(feature, dict):
        return None
    kind = feature.get("_type")
    if kind == "ClassLabel" and feature.get("names"):
        names = [str(n) for n in feature["names"]]
        return lambda v: None if v is None or v == -1 else v if isinstance(v, str) else names[_natural(v)]
    if kind in ("Sequence", "List", "LargeList"):
        inner = feature.get("feature")
        if isinstance(inner, dict) and "_type" not in inner:  # a sequence of records is a record of sequences
            return _named({k: [f] for k, f in inner.items()})
        return _each(_named(inner))
    if isinstance(kind, str):
        return None
    fields = {k: named for k, f in feature.items() if (named := _named(f))}
    return (lambda v: v and {k: fields.get(k, _same)(x) for k, x in v.items()}) if fields else None


def _same(value: Any) -> Any:
    return value


def _each(named: Named | None) -> Named | None:
    if named is None:
        return None
    return lambda v: None if v is None else [named(x) for x in v]


def _natural(value: int) -> int:
    if value < 0:
        raise IndexError(value)
    return value


def _files(folder: Path) -> Iterator[Path]:
    """The files that hold rows: those that `state.json` tells, else all; `cache-*.arrow` are of other steps."""
    states = [s for f in (folder, *_folders(folder)) if (s := f / STATE).is_file()]
    if not states:
        yield from (
            Path(p) for p in walk(str(folder), frozenset(SUFFIXES), Counter()) if not Path(p).name.startswith("cache-")
        )
    for state in states:
        try:
            names = [str(f["filename"]) for f in json.loads(state.read_text(encoding="utf-8"))["_data_files"]]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DataError(f"{state}: names no data files ({error!r}); write the set again") from None
        for file in (state.parent / name for name in names):
            if not file.is_file():
                raise DataError(f"{state}: its file {file.name} is missing; fetch the set again")
            yield file


def _folders(folder: Path) -> list[Path]:
    return [Path(e.path) for e in listing(folder) if e.is_dir()]


def _part(file: Path) -> str | None:
    """By the file's own name, else by the folders it lies in, the nearest first."""
    return next((part for name in (file.stem, *reversed(file.parts[:-1])) if (part := part_in(name))), None)


def _refuse_missing(files: list[Path]) -> None:
    """Raises DataError naming a shard that is not there."""
    there = set(files)
    for file in files:
        if shard := SHARD.fullmatch(file.name):
            head, number, of, count, tail = shard.groups()
            for n in range(int(count)):
                name = f"{head}{n:0{len(number)}}{of}{count}"
                if not any(f.parent == file.parent and f.name.startswith(name) for f in there):
                    raise DataError(f"{file.parent}: {name}{tail} is missing; fetch all shards of the set")
