"""CoNLL-U with the tags of entities among the features of its last column, as Nerus has them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.columns import schemes
from multicnn.text.datasets.entities.files import named, part_by, read_lines, start
from multicnn.text.datasets.entities.marked import Found, Marked
from multicnn.text.datasets.entities.sentences import Sentence, marked
from multicnn.text.datasets.entities.tags import OUTSIDE

CELLS = 10
KEYS = ("tag", "ne", "name", "ner", "entity")  # of features, in any case
NUMBER = re.compile(r"\d+(-\d+|\.\d+)?")


class Word(NamedTuple):
    """A line of a word, of several (`1-2`), or of none that is written (`8.1`)."""

    number: str
    form: str
    tag: str
    line: int


def is_conllu(path: Path) -> bool:
    """Whether the lines of a file that are no comments have ten cells and begin with numbers."""
    lines = [line.split("\t") for line in start(path) if line.strip() and not line.startswith("#")]
    if not lines:
        return path.suffix.lower() == ".conllu"  # its first comment is long
    return all(len(c) == CELLS and NUMBER.fullmatch(c[0]) for c in lines[:50])


def read_conllu(files: Sequence[Path], root: Path, mended: Mended) -> Found:
    """The sentences of such files, their text as `# text` has it. Raises DataError naming the line that is broken."""
    said: list[str] = []
    found: list[Marked] = []
    how: dict[str, list[str]] = {}
    for path in files:
        sentences = read_lines(path, lambda lines, path=path: list(sentences_of(lines, path)), said)
        name = named(path, root)
        own, scheme = marked(sentences, path, name, part_by(path, root), name if len(files) > 1 else "", mended)
        how.setdefault(scheme, []).append(name)
        found += own
    what = schemes(how) if how else "no tags"
    return Found(found, f"CoNLL-U with entities in its last column, {what}", "sentences", said)


def sentences_of(lines: Iterator[tuple[int, str]], path: Path) -> Iterator[Sentence]:
    """Runs of lines between blank ones."""
    words: list[Word] = []
    text, document = None, ""
    for number, line in lines:
        if line.startswith("#"):
            key, _, value = line[1:].partition("=")
            text = value.strip() if key.strip() == "text" else text
            document = f"document {value.strip() or number}" if key.split()[:2] == ["newdoc", "id"] else document
            document = f"document at line {number}" if key.split() == ["newdoc"] else document
        elif line.strip():
            words.append(word(line, number, path))
        elif words:
            yield sentence(words, text, document, path)
            words, text = [], None
    if words:
        yield sentence(words, text, document, path)


def word(line: str, number: int, path: Path) -> Word:
    """Of one line. Raises DataError."""
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) != CELLS or not NUMBER.fullmatch(cells[0]) or not cells[1].strip():
        raise DataError(
            f"{path}: line {number} is {line[:60]!r}; CoNLL-U has a number, a word and {CELLS - 2} cells more, "
            "with tabs between"
        )
    return Word(cells[0], " ".join(cells[1].split()), tag_of(cells[9]), number)


def tag_of(features: str) -> str:
    """`B-PER` of `SpaceAfter=No|Tag=B-PER`; O without one."""
    told = {k.strip().lower(): v.strip() for k, _, v in (f.partition("=") for f in features.split("|"))}
    return next((told[key] for key in KEYS if told.get(key)), "O")


def sentence(words: Sequence[Word], text: str | None, document: str, path: Path) -> Sentence:
    """The written words; one that is written together takes the first tag of its parts, if it has none itself.

    Raises DataError for a range that runs backwards.
    """
    tokens: list[Word] = []
    last, open_ = 0, False
    for one in words:
        if "." in one.number:
            continue
        first, _, end = one.number.partition("-")
        if end:
            if int(end) < int(first):
                raise DataError(f"{path}: line {one.line}: words {one.number} run backwards; correct the numbers")
            tokens.append(one)
            last, open_ = int(end), one.tag in OUTSIDE
        elif int(first) > last:
            tokens.append(one)
        elif open_ and one.tag not in OUTSIDE:
            tokens[-1] = tokens[-1]._replace(tag=one.tag)
            open_ = False
    own = tokens or list(words)
    return Sentence([w.form for w in own], [w.tag for w in own], [w.line for w in own], document, text)
