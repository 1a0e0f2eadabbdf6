"""Random taggings, the same whoever asks: sentences in a scheme, well-formed or not, and what another would say."""

import random
from collections.abc import Sequence

CASES = 25
TYPES = ("LOC", "ORG", "PER")
LETTERS = {"IOB1": "BIO", "IOB2": "BIO", "BIOES": "BIOES", "BILOU": "BILOU"}


def broken(seed: int, scheme: str) -> list[list[str]]:
    """Sentences of tags drawn one by one, whatever the scheme allows."""
    draw = random.Random(f"{seed} {scheme}")
    return [[tag(draw, LETTERS[scheme]) for _ in range(draw.randint(1, 9))] for _ in range(4)]


def tag(draw: random.Random, letters: str) -> str:
    """One of them."""
    letter = draw.choice(letters)
    return "O" if letter == "O" else f"{letter}-{draw.choice(TYPES[:2])}"


def wellformed(seed: int, scheme: str) -> tuple[list[list[tuple[str, int, int]]], list[list[str]]]:
    """Type, first and last token of the entities of sentences, and their tags."""
    draw = random.Random(f"{seed} {scheme} well")
    spans, tags = [], []
    for _ in range(4):
        own, end, n = [], 0, draw.randint(1, 12)
        while end < n:
            begin = end + draw.choice((0, 0, 1, 2))
            last = begin + draw.choice((0, 0, 1, 2))
            if last < n:
                own.append((draw.choice(TYPES), begin, last))
            end = last + 1
        spans.append(own)
        tags.append(written(own, n, scheme))
    return spans, tags


def written(spans: Sequence[tuple[str, int, int]], n: int, scheme: str) -> list[str]:
    """The tags of entities in one of the schemes."""
    out = ["O"] * n
    before = ("", -1)
    for name, begin, last in spans:
        places = ["B"] + ["I"] * (last - begin)
        if scheme == "IOB1" and before != (name, begin - 1):
            places[0] = "I"
        if scheme in ("BIOES", "BILOU"):
            end, single = ("E", "S") if scheme == "BIOES" else ("L", "U")
            places[-1] = end if last > begin else single
        out[begin : last + 1] = [f"{place}-{name}" for place in places]
        before = (name, last)
    return out


def answers(seed: int) -> tuple[list[list[str]], list[list[str]]]:
    """True and said sentences in IOB2 that mostly agree."""
    draw = random.Random(f"{seed} answers")
    spans, true = wellformed(seed, "IOB2")
    said = []
    for own, tags in zip(spans, true, strict=True):
        changed = []
        for name, begin, last in own:
            kind = draw.choice(("same", "same", "type", "border", "gone"))
            if kind == "gone":
                continue
            shorter = last - (kind == "border" and last > begin)
            changed.append((draw.choice(TYPES) if kind == "type" else name, begin, shorter))
        said.append(written(changed, len(tags), "IOB2"))
    return true, said
