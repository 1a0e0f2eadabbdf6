"""N-gram models of words in the ARPA format, with back-off. Katz 1987, doi.org/10.1109/TASSP.1987.1165125."""

import gzip
import math
from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize

from multicnn.errors import DataError

BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"
RARE = -7.0  # log10 of an unknown word's probability, where the model has none
TEN = math.log(10)
Gram = tuple[str, ...]


class Arpa:
    """Log-probabilities (natural) of words behind others. grams: log10 of probability and of back-off."""

    def __init__(self, grams: dict[Gram, tuple[float, float]]):
        self.grams = grams
        self.order = max(map(len, grams))

    def word(self, before: Gram, word: str) -> float:
        """Of a word behind the words of a sentence so far, of which as many count as the model knows."""
        return TEN * self._score(
            self._known((BEGIN, *before) if len(before) < self.order - 1 else before), self._one(word)
        )

    def end(self, before: Gram) -> float:
        """Of the end of the sentence; 0 where the model has none."""
        return self.word(before, END) if (END,) in self.grams else 0.0

    def _known(self, before: Gram) -> Gram:
        return tuple(map(self._one, before))[-(self.order - 1) :] if self.order > 1 else ()

    def _one(self, word: str) -> str:
        return word if (word,) in self.grams else UNKNOWN

    def _score(self, before: Gram, word: str) -> float:
        """The longest n-gram that the model has, and the back-offs of those it lacks."""
        lost = 0.0
        while True:
            if (*before, word) in self.grams:
                return lost + self.grams[(*before, word)][0]
            if not before:
                return lost + RARE
            lost += self.grams.get(before, (0.0, 0.0))[1]
            before = before[1:]


def read_arpa(path: Path, *, small: bool) -> Arpa:
    """A model from a file, packed by gzip or not; `small` takes the words' letters small.

    Raises DataError naming the line that is none of the format.
    """
    grams: dict[Gram, tuple[float, float]] = {}
    order = 0
    for number, line in _lines(path):
        if line.startswith("\\") and line.endswith("-grams:") and line[1:-7].isdecimal():
            order = int(line[1:-7])
        elif line == "\\end\\":
            break
        elif order and line:
            gram, values = _entry(path, number, line, order)
            gram = tuple(w.lower() for w in gram) if small else gram
            if gram not in grams or values[0] > grams[gram][0]:
                grams[gram] = values
    if not grams:
        raise DataError(f"{path}: no n-grams; give a model in the ARPA format, whose lines follow \\1-grams:")
    return Arpa(grams)


def _entry(path: Path, number: int, line: str, order: int) -> tuple[Gram, tuple[float, float]]:
    """log10 of the probability, the words, and if there is one the log10 of the back-off."""
    cells = line.split()
    try:
        if len(cells) not in (order + 1, order + 2):
            raise ValueError
        back = float(cells[-1]) if len(cells) == order + 2 else 0.0
        return tuple(normalize("NFC", w) for w in cells[1 : order + 1]), (float(cells[0]), back)
    except ValueError:
        raise DataError(
            f"{path}: line {number} is no {order}-gram with its logarithm: {line[:60]!r}; mend it"
        ) from None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, without the spaces around them."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            yield from ((number, line.strip()) for number, line in enumerate(file, start=1))
    except (UnicodeDecodeError, OSError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text ({error}); save it so") from None
