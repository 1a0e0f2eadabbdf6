"""Texts as units: characters, or the pieces of words that sentencepiece has found."""

from collections.abc import Callable, Sequence

from multicnn.errors import DataError
from multicnn.tasks.align import GAP

Segmenter = Callable[[str, str], list[int]]  # text, name of its sample -> numbers of units


def segmenter(units: Sequence[str], scores: Sequence[float]) -> Segmenter:
    """What turns a text into numbers of `units`: a character each, or where there are scores by the best sum of these.

    It raises DataError naming a character that is in no unit.
    """
    number = {unit: n for n, unit in enumerate(units)}
    if not scores:
        return lambda text, name: [_known(number, letter, name) for letter in text]
    chance = dict(zip(units, scores, strict=True))
    longest = max(map(len, units))
    return lambda text, name: [number[u] for u in best(text, chance, longest, name)]


def _known(number: dict[str, int], letter: str, name: str) -> int:
    if letter not in number:
        raise DataError(f"{name}: its transcript has {letter!r}, which the model does not know; correct or remove it")
    return number[letter]


def best(text: str, chance: dict[str, float], longest: int, name: str) -> list[str]:
    """The pieces of a text with the highest sum of scores, as sentencepiece's unigram model finds them.

    Kudo 2018, arXiv 1804.10959. Every word begins with GAP.
    """
    line = GAP + text.replace(" ", GAP) if text else ""
    total, came = [0.0, *[float("-inf")] * len(line)], [0] * (len(line) + 1)
    for end in range(1, len(line) + 1):
        for start in range(max(0, end - longest), end):
            score = total[start] + chance.get(line[start:end], float("-inf"))
            if score > total[end]:
                total[end], came[end] = score, start
    if total[-1] == float("-inf"):
        reach = max(n for n, score in enumerate(total) if score > float("-inf"))
        raise DataError(f"{name}: its transcript has {line[reach]!r}, which no unit holds; correct or remove it")
    found, end = [], len(line)
    while end:
        found.append(line[came[end] : end])
        end = came[end]
    return found[::-1]
