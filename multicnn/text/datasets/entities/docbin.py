"""spaCy's .spacy files (DocBin), read without spaCy: packed arrays of numbers that stand for its strings."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.files import named, part_by
from multicnn.text.datasets.entities.marked import Found, Marked, Span, Token
from multicnn.text.datasets.entities.symbols import SYMBOLS

ORTH, ENT_IOB, ENT_TYPE = 65, 77, 78  # spaCy's numbers of attributes
INSIDE, OUTSIDE, BEGIN = 1, 2, 3  # of ENT_IOB; 0: nobody said
MOST = 2_000_000_000  # bytes that a file may unpack to
MULTIPLIER, SHIFT, ALL = 0xC6A4A7935BD1E995, 47, (1 << 64) - 1
UNTYPED = "entity"


def read_docbin(files: Sequence[Path], root: Path, mended: Mended) -> Found:
    """The documents of such files with their text to the letter. Raises DataError for a damaged file."""
    found = [one for path in files for one in documents(path, named(path, root), part_by(path, root))]
    return Found(found, "spaCy's .spacy files", "documents")


def documents(path: Path, name: str, part: str) -> Iterator[Marked]:
    """All of a file."""
    packed = unpacked(path)
    try:
        attributes = [int(a) for a in packed["attrs"]]
        lengths = np.frombuffer(packed["lengths"], "<i4")
        cells = np.frombuffer(packed["tokens"], "<u8").reshape(int(lengths.sum()), len(attributes))
        spaces = np.frombuffer(packed["spaces"], bool).reshape(-1)
        strings = SYMBOLS | {hashed(s.encode("utf-8", "surrogatepass")): s for s in packed["strings"]}
        words, iob, types = (cells[:, attributes.index(a)].tolist() for a in (ORTH, ENT_IOB, ENT_TYPE))
        if (lengths < 0).any() or len(spaces) != len(cells):
            raise ValueError("lengths of documents and tokens differ")
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise DataError(f"{path}: no DocBin of spaCy, or one without entities ({error!r}); write it again") from None
    flags = packed.get("flags") or []
    place = 0
    for number, n in enumerate(lengths.tolist(), start=1):
        rows = slice(place, place + n)
        unknown = isinstance(flags, list) and number <= len(flags) and spaceless(flags[number - 1])
        own = [True] * n if unknown else spaces[rows].tolist()
        where = f"{path}: document {number}"
        text, tokens, spans = document(words[rows], iob[rows], types[rows], own, strings, where)
        yield Marked(text, f"{name}:{number}", spans, tokens, part, where=where)
        place += n


def unpacked(path: Path) -> Mapping[str, Any]:
    """The object in a file. Raises DataError."""
    try:
        machine = zlib.decompressobj()
        data = machine.decompress(path.read_bytes(), MOST)
        if machine.unconsumed_tail or not machine.eof:
            raise ValueError("it is cut short, or too long")
        found = msgpack.unpackb(data, strict_map_key=False, unicode_errors="surrogatepass")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); check its rights") from None
    except (zlib.error, ValueError, msgpack.UnpackException, RecursionError) as error:
        raise DataError(f"{path}: no DocBin of spaCy, or a damaged one ({error}); write it again") from None
    if not isinstance(found, dict):
        raise DataError(f"{path}: no DocBin of spaCy but a {type(found).__name__}; write it again with spacy convert")
    return found


def spaceless(flags: Any) -> bool:
    """Whether nobody knows where spaces stood between a document's tokens."""
    return isinstance(flags, dict) and bool(flags.get("has_unknown_spaces"))


def document(
    words: Sequence[int], iob: Sequence[int], types: Sequence[int], spaces: Sequence[bool],
    strings: Mapping[int, str], where: str,
) -> tuple[str, list[Token], list[Span]]:  # fmt: skip
    """Text, tokens that are not spaces, and spans. Raises DataError for a number without a string."""
    pieces: list[str] = []
    tokens: list[Token] = []
    spans: list[Span] = []
    place, open_ = 0, False
    for word, how, kind, space in zip(words, iob, types, spaces, strict=True):
        text = string(word, strings, where)
        end = place + len(text)
        if how == BEGIN or (how == INSIDE and not open_):
            spans.append((place, end, string(kind, strings, where) or UNTYPED))
        elif how == INSIDE:
            spans[-1] = (spans[-1][0], end, spans[-1][2])
        open_ = how in (BEGIN, INSIDE)
        if text.strip():
            tokens.append((place, end))
        pieces.append(text + " " * space)
        place = end + space
    return "".join(pieces).rstrip(" "), tokens, spans


def string(number: int, strings: Mapping[int, str], where: str) -> str:
    """What a number stands for, 0 for nothing. Raises DataError."""
    if number and number not in strings:
        raise DataError(f"{where}: number {number} stands for none of its strings; write the file again")
    return strings[number] if number else ""


def hashed(data: bytes) -> int:
    """MurmurHash 2 of 64 bits, seed 1: spaCy's number of a string. Appleby 2008, smhasher's MurmurHash64A."""
    value = (1 ^ (len(data) * MULTIPLIER)) & ALL
    whole = len(data) & ~7
    for k in np.frombuffer(data[:whole], "<u8").tolist():
        k = (k * MULTIPLIER) & ALL
        k = ((k ^ (k >> SHIFT)) * MULTIPLIER) & ALL
        value = ((value ^ k) * MULTIPLIER) & ALL
    if rest := data[whole:]:
        value = ((value ^ int.from_bytes(rest, "little")) * MULTIPLIER) & ALL
    value = ((value ^ (value >> SHIFT)) * MULTIPLIER) & ALL
    return value ^ (value >> SHIFT)
