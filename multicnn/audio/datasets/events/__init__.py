"""Recordings with events, in the usual layouts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from multicnn.audio.datasets.events.annotated import Marked, tabled
from multicnn.audio.datasets.events.audioset import named, strong_files
from multicnn.audio.datasets.events.beside import label_files, read_beside
from multicnn.audio.datasets.events.places import Places, around
from multicnn.audio.datasets.events.rows import read_rows
from multicnn.audio.datasets.events.scenes import note_scenes
from multicnn.data.layouts.layout import refuse_columns
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tabular import SUFFIXES
from multicnn.data.table import Table
from multicnn.errors import DataError

__all__ = ["note_scenes", "open_events"]

TABLES = (".tsv", ".csv")
LISTS = ("_durations", "durations")  # ends of the names of tables of lengths, which the sounds themselves tell
TEST = ("eval", "evaluation", "public")  # folders of DCASE's test parts


def open_events(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """A table with a row an event, DCASE's folders, AudioSet's strong labels, or label files beside sounds.

    See the modules here. Raises DataError for what is none of them, UsageError for a column that does not apply.
    """
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES:
            raise DataError(f"{path}: not a table; give one with columns filename, onset, offset, event_label")
        rows, said = read_rows(
            path,
            Places(around(path), lenient=bool(strong_files([path]))),
            item_column=item_column,
            label_column=label_column,
            split_column=split_column,
            group_column=group_column,
        )
        return tabled(path.stem, *named([path], rows, said))
    columns = {
        "--path-column": item_column,
        "--label-column": label_column,
        "--split-column": split_column,
        "--group-by": group_column,
    }
    refuse_columns(columns, path, "no table")
    if labels := label_files(path):
        return tabled(path.name, *read_beside(labels, path))
    if tables := tables_below(path):
        return tabled(path.name, *read_tables(tables, path))
    raise DataError(
        f"{path}: no events; give a table with columns filename, onset, offset, event_label, or sounds with label "
        "files of Audacity, Raven, Praat or RTTM beside them"
    )


def tables_below(folder: Path) -> list[Path]:
    """The tables of a folder, or of `metadata` in it."""
    root = folder / "metadata" if (folder / "metadata").is_dir() else folder
    files = sorted(p for p in root.rglob("*") if p.suffix.lower() in TABLES and not p.name.startswith("."))
    named_so = [p for p in files if not p.stem.endswith(LISTS)]
    strong = strong_files(named_so)
    return strong or named_so


def read_tables(tables: Sequence[Path], folder: Path) -> tuple[Sequence[Marked], Sequence[str]]:
    """The recordings of several tables; one in two of them has what most is known of."""
    found: dict[str, Marked] = {}
    said: list[str] = []
    lenient = bool(strong_files(tables))
    for table in tables:
        places = Places([*around(table), folder], lenient=lenient)
        rows, notes = read_rows(table, places, part=part_by(table, folder))
        said += notes
        for marked in rows:
            before = found.get(marked.path)
            if before is None or marked.known < before.known:
                found[marked.path] = replace(marked, part=marked.part or (before.part if before else ""))
    return named([*tables, *sorted(folder.glob("*.csv"))], list(found.values()), said)


def part_by(table: Path, folder: Path) -> str:
    """The part that a table's path below the folder, or its name, tells."""
    words = [*table.relative_to(folder).parts[:-1], table.stem, *table.stem.split("_")]
    known = (part_of(w) or ("test" if w.lower() in TEST else "") for w in words)
    return next(filter(None, known), "")
