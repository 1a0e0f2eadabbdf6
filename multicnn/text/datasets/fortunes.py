"""Files of fortunes, which the program `fortune` draws from: a topic a file, texts between lines of one `%`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from multicnn.data.layouts.encoding import read_text
from multicnn.data.layouts.tree import is_file, listing
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.reviews import same_words
from multicnn.text.datasets.rows import Row, lacking, tabled

MARK = "%"
LEFT_OUT = (".dat", ".u8")  # the index of a file, and a second name of it
FEWEST = 10  # texts of a topic
TOPICS = 13  # of fortunes-ru, those with most texts
SOURCE = "the Debian package fortunes-ru, which installs to /usr/share/games/fortunes/ru"


def fortunes_ru(path: Path | None = None) -> Table:
    """The 13 topics with most texts of Debian's fortunes-ru: 7,870 Russian jokes and sayings, no official split.

    Raises DataError where the folder holds no such files.
    """
    if path is None or not is_fortunes(path):
        raise lacking("fortunes-ru", path, "files of fortunes", SOURCE)
    rows, _ = _read(path, FEWEST)
    topics = Counter(row.labels[0] for row in rows)
    chosen = {topic for topic, _ in sorted(topics.items(), key=lambda item: (-item[1], item[0]))[:TOPICS]}
    return _grouped(path, [row for row in rows if row.labels[0] in chosen], "fortunes-ru", [])


def is_fortunes(path: Path) -> bool:
    """Whether a folder holds at least two files of fortunes."""
    return path.is_dir() and sum(map(_marked, files(path))) > 1


def fortunes(path: Path) -> Table:
    """All topics of at least 10 texts; a text that several files share stays in one part with its twins."""
    rows, few = _read(path, FEWEST)
    said = [f"files of fortunes: texts between lines of {MARK!r}, a topic a file"]
    said += [f"topics of fewer than {FEWEST} texts left out: {', '.join(few[:12])}"] if few else []
    return _grouped(path, rows, path.absolute().name, said)


def files(folder: Path) -> list[Path]:
    """Each file once, however many names it has; the index files are left out."""
    found = [Path(e.path) for e in listing(folder) if is_file(e) and Path(e.name).suffix != ".dat"]
    names = {f.name for f in found}
    return [f for f in found if f.suffix not in LEFT_OUT or f.stem not in names]


def _marked(file: Path) -> bool:
    """Whether a line of the first 64 KiB is a single mark."""
    try:
        with open(file, "rb") as opened:
            return f"\n{MARK}\n".encode() in opened.read(1 << 16).replace(b"\r\n", b"\n")
    except OSError:
        return False


def _read(folder: Path, fewest: int) -> tuple[list[Row], list[str]]:
    """The texts of all marked files, and the topics that have too few."""
    rows: list[Row] = []
    few = []
    for file in filter(_marked, files(folder)):
        topic = file.stem if file.suffix == ".u8" else file.name
        found = [Row(f"{file.name}:{line}", text, (topic,)) for line, text in _texts(read_text(file))]
        few += [topic] if len(found) < fewest else []
        rows += found if len(found) >= fewest else []
    if not rows:
        raise DataError(f"{folder}: no file has {fewest} texts between lines of {MARK!r}; add texts")
    return rows, few


def _texts(content: str) -> list[tuple[int, str]]:
    """(line that it begins on, text) of those that are not empty."""
    found, start, lines = [], 1, []
    for number, line in enumerate([*content.split("\n"), MARK], start=1):
        if line.rstrip() != MARK:
            lines.append(line)
            continue
        if text := "\n".join(lines).strip():
            found.append((start, text))
        start, lines = number + 1, []
    return found


def _grouped(path: Path, rows: Sequence[Row], name: str, said: Sequence[str]) -> Table:
    table = tabled(path, rows, name=name, said=said)
    return replace(table, group=same_words(table.items.tolist()))
