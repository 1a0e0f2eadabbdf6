"""BSNLP's shared tasks: a document's text, and in another file the names that occur in it, without their places."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.apart import settled
from multicnn.text.datasets.entities.files import named, part_by, read_lines, read_whole
from multicnn.text.datasets.entities.marked import Found, Marked, Span

HEAD = 4  # lines before the text: number, language, date, address
LONGEST = 1000  # characters of a name
CELLS = 4  # mention, base form, type, number of what it means


def is_bsnlp(files: Sequence[Path]) -> bool:
    """Whether there are .out files, each line behind the first of four cells, and texts."""
    out = [f for f in files if f.suffix == ".out"]
    return bool(out) and any(f.suffix == ".txt" for f in files)


def read_bsnlp(files: Sequence[Path], root: Path, mended: Mended, on_misaligned: str) -> Found:
    """The documents with their names at all places where they stand as words. Raises DataError naming a broken line.

    The annotation of `raw/ru/brexit/ru-1.txt` is `annotated/ru/brexit/ru-1.out`, or beside it.
    """
    said: list[str] = []
    texts = {key(f, root): f for f in files if f.suffix == ".txt"}
    found = []
    for note in sorted(f for f in files if f.suffix == ".out"):
        path = texts.get(key(note, root))
        if path is None:
            raise DataError(f"{note}: its text {note.stem}.txt is missing; put it in the folder raw")
        text = body(path, said)
        mentions = list(names(note, said))
        spans = settled(text, list(places(text, mentions, mended)), None, str(note), mended, on_misaligned)
        found.append(Marked(text, named(path, root), spans, part=part_by(path, root), where=str(path)))
    how = "BSNLP's texts and .out files, a name at all places where it stands"
    return Found(found, how, "documents", said)


def key(path: Path, root: Path) -> tuple[str, ...]:
    """What a text and its annotation share: their path without `raw` or `annotated`."""
    parts = path.relative_to(root).with_suffix("").parts if root.is_dir() else (path.stem,)
    return tuple(p for p in parts if p not in ("raw", "annotated"))


def body(path: Path, said: list[str]) -> str:
    """The text without the lines that tell of it."""
    lines = read_whole(path, said).splitlines(keepends=True)
    told = len(lines) > HEAD and lines[3].strip().startswith("http")
    return "".join(lines[HEAD:] if told else lines).strip()


def names(path: Path, said: list[str]) -> Iterator[tuple[str, str, str]]:
    """(mention, type, where) of each line behind the first. Raises DataError."""
    for number, line in read_lines(path, list, said):
        cells = [c.strip() for c in line.split("\t")]
        if not line.strip() or (number == 1 and len(cells) == 1):
            continue
        if len(cells) < CELLS - 1 or not cells[0] or not cells[2]:
            raise DataError(
                f"{path}: line {number} is {line[:60]!r}; write mention, base form, type and number, with tabs between"
            )
        if len(cells[0]) > LONGEST:
            raise DataError(f"{path}: line {number} has a name of {len(cells[0]):,} characters; correct it")
        yield cells[0], cells[2], f"{path}: line {number}"


def places(text: str, mentions: Sequence[tuple[str, str, str]], mended: Mended) -> Iterator[Span]:
    """Every place of every name in a text, as whole words, spaces and line ends alike."""
    kinds = {" ".join(mention.split()): (kind, where) for mention, kind, where in reversed(mentions)}
    if not kinds:
        return
    longest = sorted(kinds, key=len, reverse=True)
    pattern = "|".join(r"\s+".join(map(re.escape, mention.split())) for mention in longest)
    seen = set()
    for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text):
        mention = " ".join(match[0].split())
        seen.add(mention)
        yield match.start(), match.end(), kinds[mention][0]
    inside = " ".join(text.split())
    for mention in kinds.keys() - seen:
        if mention not in inside:
            mended.note("names that do not stand in their text left out", kinds[mention][1])
