"""Text files with a sample a line."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TextIO

from multicnn.data.layouts.encoding import guess_encoding, read_as
from multicnn.data.layouts.parts import part_in
from multicnn.data.layouts.tree import is_file, listing
from multicnn.data.table import PARTS
from multicnn.errors import DataError

HEAD = 1 << 16  # bytes by which a layout is known
LONGEST = 10_000_000  # characters a line
MOST_FILES = 100  # of a folder that is looked through for parts
MOSTLY = 0.9  # of the lines of a file's beginning


class Line(NamedTuple):
    """A line that is not blank, and its number from 1 on."""

    number: int
    text: str


def read_lines(path: Path, *, encoding: str) -> list[Line]:
    """All lines that are not blank, without spaces around; only `\\n` and `\\r\\n` end a line.

    Raises DataError naming a file that cannot be read.
    """
    try:
        text = path.read_bytes().decode(encoding)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check its name and its rights") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not {encoding}; fetch the file again") from None
    return [Line(n, line.strip()) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]


def guessed_lines(path: Path) -> tuple[list[Line], tuple[str, ...]]:
    """The same of a file whose encoding nobody noted, and what to say of it.

    Raises DataError for a line with a NUL character or of more than 10,000,000 characters.
    """

    def parse(file: TextIO) -> list[Line]:
        found, number = [], 0
        while line := file.readline(LONGEST + 1):
            number += 1
            if len(line) > LONGEST:
                raise DataError(f"{path}: line {number} has more than {LONGEST:,} characters; cut it")
            if "\0" in line:
                raise DataError(f"{path}: line {number} has a NUL character; the file is damaged, save it as UTF-8")
            if text := line.strip():
                found.append(Line(number, text))
        return found

    found, note = read_as(path, parse)
    return found, (note,) if note else ()


def head(path: Path) -> list[str]:
    """The first lines of a file, for a look; none of what is no text."""
    try:
        with open(path, "rb") as file:
            data = file.read(HEAD)
    except OSError:
        return []
    if not data.strip() or (b"\0" in data and data[:2] not in (b"\xff\xfe", b"\xfe\xff")):
        return []
    lines = _decoded(data).replace("\r\n", "\n").split("\n")
    whole = lines if len(data) < HEAD or len(lines) == 1 else lines[:-1]
    return [line.strip() for line in whole if line.strip()]


def mostly(path: Path, fits: Callable[[str], object]) -> bool:
    """Whether nine in ten of the first lines of a file fit."""
    lines = head(path)
    return bool(lines) and sum(bool(fits(line)) for line in lines) >= MOSTLY * len(lines)


def parted(path: Path, fits: Callable[[Path], bool]) -> dict[str, Path]:
    """The file of each part: of a folder those that fit, whose names tell different parts and nothing else.

    A file alone is of part "". None where the folder holds no file for training, or two sets.
    """
    if path.is_file():
        return {"": path} if fits(path) else {}
    if not path.is_dir():
        return {}
    files = [Path(e.path) for e in listing(path) if is_file(e)]
    if len(files) > MOST_FILES:
        return {}
    told = [(part_in(f.name), f) for f in files]
    parts = {part: f for part, f in told if part and fits(f)}
    twice = len(parts) < sum(part is not None and fits(f) for part, f in told)
    if not parts:
        alone = [f for f in files if fits(f)]
        return {"": alone[0]} if len(alone) == 1 else {}
    return {part: parts[part] for part in PARTS if part in parts} if "train" in parts and not twice else {}


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data[: len(data) // 2 * 2].decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(data) - 4:
            return data[: error.start].decode("utf-8-sig")
        return data.decode(guess_encoding(data) or "utf-8", "replace")
