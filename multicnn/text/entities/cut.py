"""Texts in pieces that a net reads at once: whole sentences where they fit, with words around them for context."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

ENDS = frozenset(".!?…\u3002\uff01\uff1f")  # and those of Chinese and Japanese
BEFORE = frozenset("\"'«“„”»\u2019)]")  # may stand between the end of a sentence and the next one


class Piece(NamedTuple):
    """Words `begin` to `end` answer; those from `first` on and up to `last` are read too. Numbers of a text's words."""

    first: int
    begin: int
    end: int
    last: int


def cuts(ends: Sequence[int], size: int, context: int) -> list[Piece]:
    """The pieces of a text whose sentences end before these words, the last number being that of its words.

    Each word answers in exactly one piece; a piece is as many sentences as have `size` words together, or a part of a
    longer one. Beside them it reads up to `context` words on either side. An empty text is one empty piece.
    """
    total, borders = ends[-1], [0]
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        while end - borders[-1] > size:
            borders.append(start if start > borders[-1] else borders[-1] + size)
    borders.append(total)
    return around(borders, context)


def around(borders: Sequence[int], context: int) -> list[Piece]:
    """The pieces between borders, which begin at 0 and end behind the last word."""
    return [Piece(max(0, b - context), b, e, min(borders[-1], e + context)) for b, e in pairwise(borders)]


def sentences(text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Behind which words a sentence ends, the last one among them; [0] where there is no word.

    A line's end ends it, and so does a full stop and its like before a space and anything but a small letter.
    """
    ends, stopped = [], False
    for number, ((_, end), (following, _)) in enumerate(pairwise(spans), start=1):
        last = text[end - 1 : end]
        stopped = last in ENDS or (stopped and last in BEFORE)
        gap = text[end:following]
        if gap and ("\n" in gap or "\r" in gap or (stopped and not text[following].islower())):
            ends.append(number)
    return [*ends, len(spans)]
