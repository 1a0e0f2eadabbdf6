"""Text in an encoding that nobody noted: UTF-8 and UTF-16 by their marks, Cyrillic by its letters, else Western."""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import TextIO, TypeVar

import numpy as np

from multicnn.errors import DataError

T = TypeVar("T")

MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CYRILLIC = ("cp1251", "koi8-r", "cp866")
RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"  # letters, the commonest first, and how many there are in 1,000
PER_MILLE = (
    110,
    85,
    80,
    74,
    67,
    63,
    55,
    47,
    45,
    44,
    35,
    32,
    30,
    28,
    26,
    20,
    19,
    17,
    17,
    17,
    16,
    14,
    12,
    10,
    9,
    7,
    6,
    5,
)
FREQUENCY = dict(zip(RUSSIAN, (*PER_MILLE, 4, 3, 3, 0.4, 0.4), strict=True))
CHUNK = 1 << 20  # bytes


def read_as(path: Path, parse: Callable[[TextIO], T]) -> tuple[T, str]:
    """What `parse` makes of a text file, and what to tell the user of its encoding ("" for Unicode).

    The file is decoded as it is read, line ends are kept. Raises DataError where it cannot be read or is damaged UTF-8.
    """
    try:
        encoding = _marked(path)
        try:
            with open(path, encoding=encoding or "utf-8", newline="") as file:
                return parse(file), ""
        except UnicodeDecodeError:
            bad = _first_bad_byte(path, encoding or "utf-8")
        guess = None if encoding else guess_encoding(_around(path, bad))
        if guess is None:
            what = f"line {_line(path, bad)} is not valid {encoding or 'UTF-8'}"
            raise DataError(f"{path}: {what}; mend it, or save the file as UTF-8")
        try:
            with open(path, encoding=guess, newline="") as file:
                note = f"{path.name} is not Unicode; read as {guess}, save it as UTF-8 if letters look wrong"
                return parse(file), note
        except UnicodeDecodeError:
            what = f"line {_line(path, bad)} is not valid UTF-8, and the file no {guess} text either"
            raise DataError(f"{path}: {what}; mend it, or save the file as UTF-8") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check its name and its rights") from None


def read_text(path: Path, *, limit: int = 10_000_000) -> str:
    """The whole text of a file, with `\\n` line ends. Raises DataError beyond `limit` characters."""
    return read_noted(path, limit=limit)[0]


def read_noted(path: Path, *, limit: int = 10_000_000) -> tuple[str, str]:
    """The same, and what to tell the user of its encoding ("" for Unicode)."""
    text, note = read_as(path, lambda file: file.read(limit + 1))
    if len(text) > limit:
        raise DataError(f"{path}: longer than {limit:,} characters; cut it into several texts")
    return text.replace("\r\n", "\n").replace("\r", "\n"), note


def guess_encoding(data: bytes) -> str | None:
    """The likely encoding of bytes that are not UTF-8; None where nearly all of them are (UTF-8 with damage)."""
    text = np.frombuffer(data.decode("utf-8", "surrogateescape").encode("utf-32-le", "surrogatepass"), np.uint32)
    bad = int(((text >= 0xDC80) & (text <= 0xDCFF)).sum())
    if (text >= 128).sum() - bad > 4 * bad:
        return None
    high = np.frombuffer(data, np.uint8) >= 128
    in_runs = (high[1:] & high[:-1]).sum() / high.sum()
    if in_runs > 0.5:  # words of such bytes; the accents of Western languages stand between plain letters
        return max(CYRILLIC, key=lambda encoding: _likelihood(data, encoding))
    return "cp1252" if _decodes(data, "cp1252") else "latin-1"


def _likelihood(data: bytes, encoding: str) -> float:
    """Log-likelihood a byte that these are Russian letters, capitals rarer than small ones."""
    counts = np.bincount(np.frombuffer(data, np.uint8), minlength=256)[128:]
    letters = bytes(range(128, 256)).decode(encoding, "replace")
    chance = [FREQUENCY.get(c, FREQUENCY.get(c.lower(), 0.05) * 0.6) / 1000 for c in letters]
    return float(counts @ np.log(chance) / counts.sum())


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _marked(path: Path) -> str | None:
    with open(path, "rb") as file:
        start = file.read(4)
    return next((encoding for mark, encoding in MARKS if start.startswith(mark)), None)


def _first_bad_byte(path: Path, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return file.tell() - len(error.object) + error.start
        return file.tell()  # cut short within its last letter


def _around(path: Path, position: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(max(0, position - CHUNK))
        return file.read(2 * CHUNK)


def _line(path: Path, position: int) -> int:
    line = 1
    with open(path, "rb") as file:
        while position > 0 and (chunk := file.read(min(CHUNK, position))):
            line += chunk.count(b"\n")
            position -= len(chunk)
    return line
