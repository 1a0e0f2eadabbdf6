"""What is a tag of a token, however it is spelt, so that columns of tags are known and broken tags named."""

import re
from collections.abc import Sequence

from multicnn.tasks.schemes import BEFORE, BEHIND, Scheme, detect

OUTSIDE = frozenset({"O", "o", "_", "0", "OUT", "-O-", "-"})
WORDS = re.compile(r"[A-Z][A-Z_-]+")  # types that are tags themselves
MANY = 30  # types, at most, that such tags may be of


def is_tag(tag: str) -> bool:
    """Whether a word is outside, or B-PER, PER-B or B, in letters of whatever scheme."""
    return tag in OUTSIDE or bool(BEFORE.fullmatch(tag) or BEHIND.fullmatch(tag))


def typed(tag: str) -> bool:
    """Whether a tag tells a type."""
    found = BEFORE.fullmatch(tag) or BEHIND.fullmatch(tag)
    return bool(found) and None not in found.groups()


def tagged(values: Sequence[str], least: float) -> bool:
    """Whether a share of values are tags: some of them O or typed, or else types of few kinds among many O."""
    good = [v for v in values if is_tag(v)]
    if len(good) >= least * len(values):
        return any(map(typed, good)) or "O" in good or "OUT" in good
    outside = values.count("O") + values.count("OUT")
    names = set(values) - OUTSIDE
    return 2 * outside >= len(values) and len(names) <= MANY and all(map(WORDS.fullmatch, names))


def read(sentences: Sequence[Sequence[str]]) -> tuple[list[list[str]], Scheme]:
    """Tags with one spelling of O, and the scheme of all."""
    plain = [["O" if tag in OUTSIDE else tag for tag in tags] for tags in sentences]
    return plain, detect(plain)
