"""The files of a data set of texts, the part and the document that each belongs to."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO, TypeVar

from multicnn.data.layouts.encoding import read_as
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.sheet import MAX_CELL, checked_lines
from multicnn.data.layouts.tree import is_file, is_folder, listing
from multicnn.errors import DataError

T = TypeVar("T")
CONLL = {"testa": "val", "testb": "test"}  # CoNLL-2002 and 2003 tune on the first
NOTES = re.compile(r"(?i)(readme|licen[cs]e|copying|authors|citation|changelog|index)(\.|$)")
SNIFFED = 1 << 16  # bytes


def below(folder: Path, above: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Path]:
    """All files below a folder by name, but for notes about the set; a link back to a folder above is not followed."""
    here = os.stat(folder)
    if (here.st_dev, here.st_ino) in above:
        return
    for entry in listing(folder):
        if is_folder(entry):
            yield from below(Path(entry.path), above | {(here.st_dev, here.st_ino)})
        elif is_file(entry) and not NOTES.match(entry.name):
            yield Path(entry.path)


def files_of(path: Path) -> list[Path]:
    """The file itself, or all below a folder. Raises DataError where there is none."""
    if not path.exists():
        raise DataError(f"no such file or folder: {path}; check the name")
    files = list(below(path)) if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: the folder is empty; put the set's files there")
    return files


def named(file: Path, root: Path) -> str:
    """A file's name below the set's folder; that of a single file."""
    return file.relative_to(root).as_posix() if root.is_dir() else file.name


def part_by(file: Path, root: Path) -> str:
    """The part that a file's name, else the folders it lies in, nearest first, tell; "" of a file alone."""
    if not root.is_dir():
        return ""
    names = [file.name, *reversed(file.relative_to(root).parts[:-1])]
    return next(filter(None, map(part_word, names)), "")


def part_word(name: str) -> str:
    """The one part that the words of a name stand for, as in `eng.testa`, `wnut17train.conll`, `devset`; else ""."""
    words = [w.casefold() for w in re.split(r"[\W\d_]+", name) if w]
    found = {p for w in words if (p := CONLL.get(w) or part_of(w) or part_of(w.removesuffix("set")))}
    return found.pop() if len(found) == 1 else ""


def read_lines(path: Path, parse: Callable[[Iterator[tuple[int, str]]], T], said: list[str]) -> T:
    """What `parse` makes of the numbered lines of a file, which end in \\n, \\r\\n or \\r only.

    A note on its encoding goes to `said`. Raises DataError for NUL characters and lines beyond all measure.
    """

    def parsed(file: TextIO) -> T:
        lines = (line.rstrip("\r\n") for line in checked_lines(file, path, MAX_CELL))
        return parse(enumerate(lines, start=1))

    found, note = read_as(path, parsed)
    if note:
        said.append(note)
    return found


def read_whole(path: Path, said: list[str]) -> str:
    """The text of a file with its line ends as they are. Raises DataError for NUL characters, or beyond MAX_CELL."""
    text, note = read_as(path, lambda file: file.read(MAX_CELL + 1))
    if len(text) > MAX_CELL:
        raise DataError(f"{path}: longer than {MAX_CELL:,} characters; cut it into several texts")
    if "\0" in text:
        raise DataError(f"{path}: not a text, it holds NUL characters; save it again as UTF-8")
    if note:
        said.append(note)
    return text


def start(path: Path) -> list[str]:
    """The first lines of a file, in whatever encoding, to tell its layout by."""
    try:
        with open(path, "rb") as file:
            data = file.read(SNIFFED)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check its name and its rights") from None
    lines = decoded(data).splitlines()
    return lines[:-1] if len(data) == SNIFFED and len(lines) > 1 else lines


def decoded(data: bytes) -> str:
    """Bytes as a text to look at."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def with_suffix(files: Sequence[Path], *suffixes: str) -> list[Path]:
    """Those whose names end so, in any case."""
    return [file for file in files if file.name.lower().endswith(suffixes)]
