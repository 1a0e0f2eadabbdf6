"""Tags of tokens and the stretches that they mean: IO, IOB1, IOB2, BIOES, BILOU, BMES, with types before or behind.

Stretches are read as conlleval reads them (github.com/sighsmile/conlleval), whatever the scheme: nothing that is tagged
is lost, and what a scheme does not allow is counted as a repair.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

UNNAMED = "entity"  # the type of tags that name none, as B and I alone
OUTSIDE = "O"
LETTERS = {"M": "I", "L": "E", "U": "S"}  # of BMES and BILOU, to those of BIOES
BEFORE = re.compile(r"([BIESLUM])(?:[-_](.+))?", re.IGNORECASE)  # B-PER, b_per, B
BEHIND = re.compile(r"(?:(.+)[-_])?([BIESLUM])", re.IGNORECASE)  # PER-B
IO, IOB1, IOB2, BIOES, BILOU, BMES = "IO", "IOB1", "IOB2", "BIOES", "BILOU", "BMES"
ENDED = (BIOES, BILOU, BMES)  # which mark the last token


class Part(NamedTuple):
    """What a tag says: place B, I, E, S, or O outside; type."""

    place: str
    type: str


class Stretch(NamedTuple):
    """First token, token behind the last, type."""

    begin: int
    end: int
    type: str


@dataclass(frozen=True)
class Scheme:
    """How tags are to be read.

    name: of the six.  types: "before" (PER-B) or "behind" (B-PER) the place, or "alone": a tag is the type.
    """

    name: str
    types: str

    def part(self, tag: str) -> Part:
        """What a tag says. One that is not of the scheme is a type alone."""
        return _part(tag.strip(), self.types)

    def read(self, tags: Sequence[str]) -> tuple[list[Stretch], int]:
        """The stretches of a sentence's tags, in order, and how many tags the scheme does not allow where they are."""
        return _stretches([self.part(tag) for tag in tags], self.name)

    def __str__(self) -> str:
        """`BIOES`, `BIOES (PER-B)`, `IO (PER)`."""
        return self.name + {"behind": "", "before": " (TYPE-B)", "alone": " (TYPE)"}[self.types]


def _part(tag: str, types: str) -> Part:
    if tag.upper() == OUTSIDE:
        return Part(OUTSIDE, "")
    if types == "alone":
        return Part("I", tag)
    found = (BEFORE if types == "behind" else BEHIND).fullmatch(tag)
    if not found:
        return Part("I", tag)
    place, name = found.groups() if types == "behind" else found.groups()[::-1]
    return Part(LETTERS.get(place.upper(), place.upper()), name or UNNAMED)


def detect(sentences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme of a file's tags, by the letters of the places that most of them tell.

    Between IOB1 and IOB2 by how often a stretch begins with I, and with B where none is just before.
    """
    sentences = [[tag.strip() for tag in tags] for tags in sentences]
    seen = {tag for tags in sentences for tag in tags if tag.upper() != OUTSIDE}
    types = _types(seen)
    if types == "alone":
        return Scheme(IO, types)
    pattern, group = (BEFORE, 1) if types == "behind" else (BEHIND, 2)
    letters = {found.group(group).upper() for tag in seen if (found := pattern.fullmatch(tag))}
    if letters & {"M"}:
        return Scheme(BMES, types)
    if letters & {"L", "U"}:
        return Scheme(BILOU, types)
    if letters & {"E", "S"}:
        return Scheme(BIOES, types)
    if letters == {"I"}:
        return Scheme(IO, types)
    return Scheme(_iob([[_part(tag, types) for tag in tags] for tags in sentences]), types)


def _types(seen: Collection[str]) -> str:
    """Where the types of most of these tags stand; a broken one does not decide."""
    behind, before = (sum(pattern.fullmatch(tag) is not None for tag in seen) for pattern in (BEFORE, BEHIND))
    if 2 * max(behind, before) < len(seen):
        return "alone"
    return "behind" if behind >= before else "before"


def _iob(sentences: Iterable[Sequence[Part]]) -> str:
    """IOB1 or IOB2."""
    found: Counter[str] = Counter()
    for parts in sentences:
        for before, part in _pairs(parts):
            if part.place == "I" and before.type != part.type:
                found[IOB1] += 1
            if part.place == "B" and before.type != part.type:
                found[IOB2] += 1
    return IOB1 if found[IOB1] > found[IOB2] else IOB2


def _pairs(parts: Sequence[Part]) -> Iterator[tuple[Part, Part]]:
    """Each part with the one before it."""
    return zip([Part(OUTSIDE, ""), *parts], parts, strict=False)


def _stretches(parts: Sequence[Part], name: str) -> tuple[list[Stretch], int]:
    out: list[Stretch] = []
    repairs, begin = 0, 0
    before = Part(OUTSIDE, "")
    for at, part in enumerate([*parts, Part(OUTSIDE, "")]):
        goes_on = part.place in "IE" and before.place in "BI" and before.type == part.type
        if before.place != OUTSIDE and not goes_on:
            out.append(Stretch(begin, at, before.type))
        if part.place != OUTSIDE and not goes_on:
            begin = at
        repairs += _wrong(before, part, name, goes_on=goes_on)
        before = part
    return out, repairs


def _wrong(before: Part, part: Part, name: str, *, goes_on: bool) -> bool:
    """Whether the scheme does not allow a part behind another."""
    if name == IO:
        return part.place == "B"
    if name == IOB1:  # B only parts two of one type
        return part.place in "ES" or (part.place == "B" and before.type != part.type)
    begun = part.place in "IE" and not goes_on
    left_open = name in ENDED and before.place in "BI" and not goes_on
    return begun or left_open


def bio(stretches: Iterable[tuple[int, int, str]], n: int) -> list[str]:
    """Tags of n tokens in IOB2; the stretches do not overlap."""
    tags = [OUTSIDE] * n
    for begin, end, name in stretches:
        tags[begin:end] = [f"B-{name}", *[f"I-{name}"] * (end - begin - 1)]
    return tags


def names(classes: Sequence[str]) -> list[str]:
    """The tags by their numbers, see `multicnn.tasks.entity_scores`."""
    return [OUTSIDE, *(f"{place}-{c}" for c in classes for place in "BI")]
