"""Lhotse's cuts: a JSON object a line, packed or not, that names a piece of a recording and what is said of it."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from multicnn.audio.segment import SLACK, named
from multicnn.data.table import Table, number, strings
from multicnn.errors import DataError

ENDINGS = (".jsonl.gz", ".jsonl")
FIELDS = ("label", "command", "keyword", "class", "event", "text")  # of a supervision or its custom part


def is_cuts(path: Path) -> bool:
    """Whether a file holds cuts."""
    if not path.is_file() or not path.name.endswith(ENDINGS):
        return False
    try:
        first = next(_objects(path), None)
    except DataError:
        return False
    return isinstance(first, dict) and {"recording", "supervisions", "start", "duration"} <= first.keys()


def read_cuts(path: Path) -> Table:
    """A cut a sample, its label that of its only supervision.

    What one speaker said, or one recording holds, is a group.
    Raises DataError for a cut of several recordings or labels, a source that is no file, and a missing file.
    """
    found = [_cut(path, row, cut) for row, cut in enumerate(_objects(path), start=1)]
    if not found:
        raise DataError(f"{path}: no cut in it; write the manifest anew")
    ids, items, labels, groups = zip(*found, strict=True)
    classes, target = number(labels)
    return Table(
        name=path.name.split(".")[0],
        items=strings(items),
        ids=strings(ids),
        classes=classes,
        target=target,
        group=strings(groups) if len(set(groups)) < len(groups) else None,
        said=(f"{len(ids):,} cuts of lhotse",),
    )


def _objects(path: Path) -> Iterator[Any]:
    """A JSON value a line. Raises DataError naming a line that is none."""
    row = 0
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8") as lines:
            for line in lines:
                row += 1
                if line.strip():
                    yield json.loads(line)
    except (ValueError, OSError, EOFError) as error:
        raise DataError(f"{path}: row {row or 1} cannot be read ({error}); write the manifest anew") from error


def _cut(path: Path, row: int, cut: Any) -> tuple[str, str, str, str]:
    """Name, item, label and group."""
    where = f"{path}: row {row}"
    if not isinstance(cut, dict) or "recording" not in cut:
        raise DataError(f"{where} is no cut of one recording; mixed cuts are not read, save them as sounds first")
    recording, said = cut["recording"], cut.get("supervisions") or []
    if len(said) != 1:
        raise DataError(f"{where} has {len(said)} supervisions; trim the cuts to one each")
    label = next((str(v) for f in FIELDS if (v := said[0].get(f) or (said[0].get("custom") or {}).get(f))), None)
    if label is None:
        raise DataError(f"{where} has none of {', '.join(FIELDS)} in its supervision; add one")
    file, start, end = _file(path, where, recording), float(cut["start"]), float(cut["start"]) + float(cut["duration"])
    whole = start == 0 and end >= float(recording.get("duration", end + 1)) - SLACK
    group = said[0].get("speaker") or recording.get("id") or file
    return str(cut.get("id", row)), file if whole else named(file, start, end), label, str(group)


def _file(path: Path, where: str, recording: dict[str, Any]) -> str:
    """The file of a recording, relative ones below the manifest's folder or where the user stands."""
    sources = recording.get("sources") or [{}]
    if len(sources) != 1 or sources[0].get("type") != "file":
        raise DataError(f"{where}: its recording is no single file; commands and addresses are not followed, save it")
    name = str(sources[0].get("source"))
    found = next((p for p in (path.parent / name, Path(name)) if p.is_file()), None)
    if found is None:
        raise DataError(f"{where}: no such file {name}; paths are relative to {path.parent}")
    return str(found.absolute())
