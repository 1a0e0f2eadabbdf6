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
# Letters of Russian by their frequency in per cent (Russian National Corpus).
LETTERS = dict(
    о=10.97, е=8.45, а=8.01, и=7.35, н=6.70, т=6.26, с=5.47, р=4.73, в=4.54, л=4.40, к=3.49, м=3.21, д=2.98, п=2.81,
    у=2.62, я=2.01, ы=1.90, ь=1.74, г=1.70, з=1.65, б=1.59, ч=1.44, й=1.21, х=0.97, ж=0.94, ш=0.73, ю=0.64, ц=0.48,
    щ=0.36, э=0.32, ф=0.26, ъ=0.04, ё=0.04,
)  # fmt: skip
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
            raise DataError(
                f"{path}: line {_line(path, bad)} is not valid {encoding or 'UTF-8'}; mend it, or save the file as UTF-8"
            )
        with open(path, encoding=guess, newline="") as file:
            return parse(file), f"{path.name} is not Unicode; read as {guess}, save it as UTF-8 if letters look wrong"
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check its name and its rights") from None


def read_text(path: Path, *, limit: int = 10_000_000) -> str:
    """The whole text of a file, with `\\n` line ends. Raises DataError beyond `limit` characters."""
    text, _ = read_as(path, lambda file: file.read(limit + 1))
    if len(text) > limit:
        raise DataError(f"{path}: longer than {limit:,} characters; cut it into several texts")
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
    chance = [LETTERS.get(c, LETTERS.get(c.lower(), 0.005) * 0.6) / 100 for c in letters]
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
