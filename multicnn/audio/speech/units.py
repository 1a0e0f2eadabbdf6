"""Texts as units: characters, or the pieces of words that sentencepiece has found."""

from collections.abc import Callable, Sequence

from multicnn.errors import DataError
from multicnn.tasks.align import GAP

UNSEEN = 10.0  # by which a letter that no piece holds scores less than the rarest piece

Segmenter = Callable[[str, str], list[int]]  # text, name of its sample -> numbers of units


def segmenter(units: Sequence[str], scores: Sequence[float]) -> Segmenter:
    """What turns a text into numbers of `units`: a character each, or where there are scores by the best sum of these.

    A letter that is in no unit has the number of units and one more (see `Align.judge`). It raises DataError for a text
    without a letter that is known.
    """
    number = {unit: n for n, unit in enumerate(units)}
    chance = dict(zip(units, scores, strict=True)) if scores else {}
    longest = max(map(len, units))

    def segment(text: str, name: str) -> list[int]:
        parts = best(text, chance, longest) if chance else text
        found = [number.get(part, len(units) + 1) for part in parts]
        if text and not any(n < len(units) for n, part in zip(found, parts, strict=True) if part not in (" ", GAP)):
            raise DataError(
                f"{name}: no letter of its transcript {text[:40]!r} is known to the model; check the script"
            )
        return found

    return segment


def best(text: str, chance: dict[str, float], longest: int) -> list[str]:
    """The pieces of a text with the highest sum of scores, as sentencepiece's unigram model finds them.

    Kudo 2018, arXiv 1804.10959. Every word begins with GAP.
    """
    unseen = min(chance.values()) - UNSEEN
    line = GAP + text.replace(" ", GAP) if text else ""
    total, came = [0.0, *[float("-inf")] * len(line)], [0] * (len(line) + 1)
    for end in range(1, len(line) + 1):
        for start in range(max(0, end - longest), end):
            score = total[start] + chance.get(line[start:end], unseen if end == start + 1 else float("-inf"))
            if score > total[end]:
                total[end], came[end] = score, start
    found, end = [], len(line)
    while end:
        found.append(line[came[end] : end])
        end = came[end]
    return found[::-1]
