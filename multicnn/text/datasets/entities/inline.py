"""A sentence a line, the tag of each token behind it: WikiNER's `word|pos|I-PER`, the People's Daily's `word/nr`."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.columns import schemes
from multicnn.text.datasets.entities.files import named, part_by, read_lines, start
from multicnn.text.datasets.entities.marked import Found, Marked
from multicnn.text.datasets.entities.sentences import Sentence, marked
from multicnn.text.datasets.entities.tags import is_tag

LEAST = 0.9  # share of the first tokens that have the form
PKU = {"nr": "PER", "ns": "LOC", "nt": "ORG"}  # names in the tags of Peking University; others are parts of speech
PIECE = re.compile(r"\[?\S+/[A-Za-z]+(\][A-Za-z]*)?")
CLOSES = re.compile(r"(.*/[A-Za-z]+)\]([A-Za-z]*)")
LETTERS = frozenset({"nr", "ns", "n", "v", "w"})  # some tags that every page in this layout has
Tokens = tuple[list[str], list[str]]  # tokens, tags


def is_wikiner(path: Path) -> bool:
    """Whether the tokens of a file are `word|tag` or `word|pos|tag`."""
    pieces = [piece for line in start(path) for piece in line.split()]
    good = sum("|" in p and is_tag(p.rsplit("|", 1)[1]) for p in pieces)
    return bool(pieces) and good >= LEAST * len(pieces)


def is_pku(path: Path) -> bool:
    """Whether the tokens of a file are `word/tag` in the tags of Peking University."""
    pieces = [piece for line in start(path) for piece in line.split()]
    good = [p for p in pieces if PIECE.fullmatch(p)]
    tags = {p.rsplit("/", 1)[1] for p in good}
    return len(good) >= LEAST * max(1, len(pieces)) and len(tags & LETTERS) > 1 and not any(t.isupper() for t in tags)


def read_wikiner(files: Sequence[Path], root: Path, mended: Mended) -> Found:
    """A sentence a line. Raises DataError naming the line with a token that has no tag."""
    return read_inline(files, root, mended, wikiner, "WikiNER, word|tag")


def read_pku(files: Sequence[Path], root: Path, mended: Mended) -> Found:
    """A sentence a line; nr are persons, ns places, nt organisations, and `[a/ns b/n]nt` is one of these.

    Names that follow one another are one person's, for given names stand apart. Raises DataError naming the line.
    """
    return read_inline(files, root, mended, pku, "the People's Daily's word/tag, nr PER, ns LOC, nt ORG")


def read_inline(
    files: Sequence[Path], root: Path, mended: Mended, cut: Callable[[str, str], Tokens], what: str
) -> Found:
    """The sentences of files, each line cut by `cut(line, where)`."""
    said: list[str] = []
    found: list[Marked] = []
    how: dict[str, list[str]] = {}
    for path in files:
        sentences = read_lines(path, lambda lines, path=path: list(sentences_of(lines, path, cut)), said)
        name = named(path, root)
        own, scheme = marked(sentences, path, name, part_by(path, root), "", mended)
        how.setdefault(scheme, []).append(name)
        found += own
    return Found(found, f"{what}, {schemes(how)}" if cut is wikiner else what, "sentences", said)


def sentences_of(lines: Iterator[tuple[int, str]], path: Path, cut: Callable[[str, str], Tokens]) -> Iterator[Sentence]:
    """Of all lines that are not blank."""
    for number, line in lines:
        if line.strip():
            tokens, tags = cut(line, f"{path}: line {number}")
            yield Sentence(tokens, tags, [number])


def wikiner(line: str, where: str) -> Tokens:
    """Words and tags of a line; the part of speech between them is not used."""
    tokens, tags = [], []
    for piece in line.split():
        word, bar, tag = piece.rpartition("|")
        word = word.rsplit("|", 1)[0] or word
        if not bar or not word or not is_tag(tag):
            raise DataError(f"{where}: {piece[:60]!r} is no word|pos|tag such as Rome|NNP|I-LOC; correct it")
        tokens.append(word)
        tags.append(tag)
    return tokens, tags


def pku(line: str, where: str) -> Tokens:
    """Words and IOB2 tags of a line."""
    tokens: list[str] = []
    tags: list[str] = []
    opened, before = -1, ""
    for piece in line.split():
        inner = piece
        if piece.startswith("[") and not piece.startswith("[/"):
            inner, opened = piece[1:], len(tokens)
        close = CLOSES.fullmatch(inner)
        word, slash, letters = (close[1] if close else inner).rpartition("/")
        if not slash or not word or not letters.isascii() or not letters.isalpha():
            raise DataError(f"{where}: {piece[:60]!r} is no word/tag such as 中国/ns; correct it")
        kind = PKU.get(letters, "")
        tokens.append(word)
        tags.append(f"{'I' if kind == before == 'PER' else 'B'}-{kind}" if kind else "O")
        before = kind
        if close and opened >= 0:
            whole = PKU.get(close[2], "")
            tags[opened:] = (
                [f"{'I' if k else 'B'}-{whole}" for k in range(len(tokens) - opened)] if whole else tags[opened:]
            )
            opened, before = -1, ""
    return tokens, tags
