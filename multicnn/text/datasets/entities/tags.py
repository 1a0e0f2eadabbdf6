"""Tags of tokens, however they are spelt, as spans of tokens; the scheme is told by the tags of the whole file."""

import re
from collections import Counter
from collections.abc import Sequence

from multicnn.text.datasets.entities.marked import Span

UNTYPED = "entity"  # the type where tags are B, I and O alone
OUTSIDE = frozenset({"O", "o", "_", "0", "OUT", "-O-"})
TAG = re.compile(r"([BIESLUM])(?:[-_.](.+))?|(.+)[-_.]([BIESLUM])")
Tag = tuple[str, str]  # prefix, type; ("O", "") outside


def parse(tag: str) -> Tag | None:
    """Prefix and type of `B-PER`, `B_PER`, `PER-B` or `B`; None for what is no tag."""
    if tag in OUTSIDE:
        return "O", ""
    match = TAG.fullmatch(tag)
    if not match:
        return None
    prefix, kind = (match[1], match[2]) if match[1] else (match[4], match[3])
    return prefix, (kind or UNTYPED).strip() or UNTYPED


def scheme(sentences: Sequence[Sequence[Tag]]) -> str:
    """IO, IOB1, IOB2, BIOES, BILOU or BMES, by the prefixes of a file's tags and by what begins its entities."""
    prefixes = {prefix for tags in sentences for prefix, _ in tags}
    for name, own in (("BMES", "M"), ("BILOU", "LU"), ("BIOES", "ES")):
        if prefixes & set(own):
            return name
    if "B" not in prefixes:
        return "IO"
    begins: Counter[str] = Counter()
    for tags in sentences:
        before: Tag = ("O", "")
        for tag in tags:
            if tag[1] and (tag[0] == "B" or before[1] != tag[1]):
                begins[tag[0] if before[1] != tag[1] else "between"] += 1
            before = tag
    return "IOB2" if begins["B"] >= begins["I"] else "IOB1"


def spans_of(tags: Sequence[Tag], scheme: str) -> tuple[list[Span], int]:
    """Spans of tokens (first, behind the last, type), and how many tags had to be taken for another."""
    spans: list[Span] = []
    first, kind, repairs = -1, "", 0

    def close(place: int) -> None:
        nonlocal first
        if first >= 0:
            spans.append((first, place, kind))
        first = -1

    for place, (prefix, own) in enumerate(tags):
        goes_on = prefix in "IMEL" and first >= 0 and own == kind
        if not goes_on:
            repairs += first >= 0 and scheme in CLOSED  # it was not closed
            close(place)
            if own:
                repairs += prefix in "MEL" or (prefix == "I" and scheme not in ("IO", "IOB1"))
                first, kind = place, own
        if prefix in "ELSU":
            close(place + 1)
    repairs += first >= 0 and scheme in CLOSED
    close(len(tags))
    return spans, repairs


CLOSED = frozenset({"BIOES", "BILOU", "BMES"})  # schemes that tag the last token of an entity too
