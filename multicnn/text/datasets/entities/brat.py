"""brat's standoff: NAME.txt with NAME.ann beside it; Collection5 is in this layout too."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.apart import settled
from multicnn.text.datasets.entities.files import named, part_by, read_lines, read_whole
from multicnn.text.datasets.entities.marked import Found, Marked
from multicnn.text.datasets.entities.units import UNITS, Claim, Claimed, fitted

LINE = re.compile(r"T\d+[\t ]+(\S+)[\t ]+(\d+[\t ]+\d+(?:;\d+[\t ]+\d+)*)(?:[\t ](.*))?")
COLLECTION5 = {"MEDIA": "ORG", "GEOPOLIT": "LOC"}  # as its authors and those who measure on it put them together


def read_brat(files: Sequence[Path], root: Path, mended: Mended, on_misaligned: str) -> Found:
    """The documents of a folder that have annotations; a text without is counted, for nobody looked at it.

    Raises DataError naming an annotation that cannot be read, or whose text is missing.
    """
    said: list[str] = []
    notes = sorted(f for f in files if f.suffix.lower() == ".ann")
    there = set(files)
    texts = []
    for note in notes:
        text = next((t for s in (".txt", ".TXT") if (t := note.with_suffix(s)) in there), None)
        if text is None:
            raise DataError(f"{note}: its text {note.with_suffix('.txt').name} is missing; put it beside it")
        texts.append(text)
    if unread := sum(f.suffix.lower() == ".txt" for f in files) - len(texts):
        said.append(f"{unread} texts without an .ann file left out")
    claimed = [
        Claimed(body := read_whole(t, said), list(claims(n, body, said, mended)))
        for t, n in zip(texts, notes, strict=True)
    ]
    spans, unit = fitted(claimed, mended, strict=on_misaligned == "error")
    if unit != next(iter(UNITS)):
        said.append(f"offsets count {unit}")
    marked = [
        Marked(
            one.text, named(path, root).removesuffix(path.suffix),
            settled(one.text, own, None, str(note), mended, on_misaligned),
            part=part_by(path, root), where=str(path),
        )
        for path, note, one, own in zip(texts, notes, claimed, spans, strict=True)
    ]  # fmt: skip
    return Found(marked, "brat's .txt and .ann files", "documents", said)


def claims(path: Path, text: str, said: list[str], mended: Mended) -> Iterator[Claim]:
    """The entities of a file. Raises DataError naming the line; relations, events and notes are passed over."""
    for number, line in read_lines(path, list, said):
        if not line.startswith("T"):
            continue
        where = f"{path}: line {number}"
        match = LINE.fullmatch(line.rstrip())
        if not match:
            raise DataError(
                f"{where} is {line[:60]!r}; brat writes T1, type, begin and end, and the text, between tabs"
            )
        pieces = [tuple(map(offset, piece.split())) for piece in match[2].split(";")]
        if any(b > e for b, e in pieces):
            raise DataError(f"{where}: {match[2]} runs backwards; correct it")
        yield from joined(pieces, match[1], match[3], text, where, mended)


def offset(digits: str) -> int:
    """A number of at most 18 digits."""
    return int(digits[:18])


def joined(
    pieces: Sequence[tuple[int, ...]], kind: str, quoted: str | None, text: str, where: str, mended: Mended
) -> Iterator[Claim]:
    """One span where brat parted it at line ends only; else each piece by itself."""
    first, last = pieces[0][0], pieces[-1][1]
    if len(pieces) == 1:
        yield Claim(first, last, kind, quoted, where)
    elif all(not text[a[1] : b[0]].strip() and a[1] <= b[0] for a, b in pairwise(pieces)):
        mended.note("entities over line ends, of several pieces, joined", where)
        yield Claim(first, last, kind, quoted, where)
    else:
        mended.note("entities of several pieces, each piece taken for one", where)
        words = quoted if quoted and len(quoted) == sum(e - b for b, e in pieces) + len(pieces) - 1 else None
        place = 0
        for begin, end in pieces:
            yield Claim(begin, end, kind, words and words[place : place + end - begin], where)
            place += end - begin + 1
