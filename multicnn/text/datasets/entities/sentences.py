"""Sentences as tokens with a tag each, made texts with spans."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.marked import Marked, Token
from multicnn.text.datasets.entities.tags import is_tag, read


class Sentence(NamedTuple):
    """Tokens and their tags. lines: of each token, or the one line of all.  text: the original; None: tokens joined.

    document: of several in one file; "" where the file does not tell.
    """

    tokens: Sequence[str]
    tags: Sequence[str]
    lines: Sequence[int]
    document: str = ""
    text: str | None = None


def marked(
    sentences: Sequence[Sentence], path: object, name: str, part: str, group: str, mended: Mended
) -> tuple[list[Marked], str]:
    """The texts of a file, and its scheme. name: of the file, for ids.  group: the document that the whole file is.

    Raises DataError naming the line of what is no tag.
    """
    parsed, how = read([one.tags for one in sentences])
    for one in sentences if how.types != "alone" else ():
        for place, tag in enumerate(one.tags):
            if not is_tag(tag):
                where = f"{path}: line {line(one, place)}"
                raise DataError(f"{where}: {tag[:60]!r} is no tag such as O, B-PER or I-PER; correct it")
    found = []
    for one, tags in zip(sentences, parsed, strict=True):
        spans, repairs = how.read(tags)
        where = f"{name}:{line(one, 0)}"
        if repairs:
            mended.note(f"tags repaired that {how.name} does not allow there", where, repairs)
        text, tokens = placed(one)
        own = [(tokens[a][0], tokens[b - 1][1], kind) for a, b, kind in spans]
        document = f"{name} {one.document}" if one.document else group
        found.append(Marked(text, where, own, tokens, part, document, f"{path}: line {line(one, 0)}"))
    return found, str(how)


def line(one: Sentence, token: int) -> int:
    """The line of a token."""
    return one.lines[token] if token < len(one.lines) else one.lines[0]


def placed(one: Sentence) -> tuple[str, list[Token]]:
    """A sentence's text, and begin and end of each token in it; joined by spaces where its own text has other words."""
    if one.text is not None and (tokens := found_in(one.text, one.tokens)):
        return one.text, tokens
    ends = list(accumulate((len(token) + 1 for token in one.tokens), initial=0))
    return " ".join(one.tokens), [(a, a + len(t)) for a, t in zip(ends, one.tokens, strict=False)]


def found_in(text: str, tokens: Sequence[str]) -> list[Token] | None:
    """The tokens in a text, one behind the other with nothing but spaces between; None where they are not."""
    found: list[Token] = []
    place = 0
    for token in tokens:
        at = text.find(token, place, place + len(token) + GAP)
        if at < 0 or text[place:at].strip():
            return None
        place = at + len(token)
        found.append((at, place))
    return None if text[place:].strip() else found


GAP = 50  # spaces between two tokens of a text, at most
