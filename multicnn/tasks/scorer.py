"""What words say to a search: which there are, and how likely each is behind the others."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

from multicnn.data.layouts.encoding import read_text
from multicnn.errors import DataError, UsageError
from multicnn.tasks.arpa import Arpa, read_arpa

NEVER = -math.inf
LARGEST = 1_000_000_000  # characters of a word list


class State(NamedTuple):
    """Where a text has come to: the letters of its unfinished word, the words before, the score of these."""

    begun: str
    before: tuple[str, ...]
    score: float


START = State("", (), 0.0)


class Words:
    """A list of words and all their beginnings."""

    def __init__(self, words: Iterable[str]):
        self.whole = frozenset(words)
        self.begun = frozenset(w[:n] for w in self.whole for n in range(1, len(w) + 1))


class Scorer:
    """Adds alpha times the logarithm of a word's probability, and beta, to a text's score at the end of each word.

    words: what may be said; None: anything. grams: the model; None: all words are alike.
    """

    def __init__(self, words: Words | None, grams: Arpa | None, *, alpha: float, beta: float):
        self.words, self.grams, self.alpha, self.beta = words, grams, alpha, beta

    def advance(self, state: State, text: str) -> State | None:
        """The state after a unit that adds `text`; None where no such word begins or ends so."""
        for letter in text:
            if letter != " ":
                state = State(state.begun + letter, state.before, state.score)
                if self.words is not None and state.begun not in self.words.begun:
                    return None
            elif state.begun:
                found = self._word(state)
                if found is None:
                    return None
                state = found
        return state

    def end(self, state: State) -> float:
        """The score of a text that ends here; minus infinity within a word."""
        done = self._word(state) if state.begun else state
        if done is None:
            return NEVER
        return done.score + (self.alpha * self.grams.end(done.before) if self.grams else 0.0)

    def _word(self, state: State) -> State | None:
        """The state once the word begun is finished."""
        if self.words is not None and state.begun not in self.words.whole:
            return None
        gain = self.beta + (self.alpha * self.grams.word(state.before, state.begun) if self.grams else 0.0)
        keep = self.grams.order - 1 if self.grams else 0
        before = (*state.before, state.begun)[-keep:] if keep else ()
        return State("", before, state.score + gain)


def scorer(texts: Sequence[str], words: str, arpa: str, *, alpha: float, beta: float) -> Scorer | None:
    """What the files of a word list and of an n-gram model say; None where neither is named.

    Their letters are taken small where the units have no capitals. Raises DataError for a list of which no word can be
    said with these units, UsageError where there is no such file.
    """
    if not (words or arpa):
        return None
    small = not any(t != t.lower() for t in texts)
    listed = Words(read_words(Path(words), texts, small=small)) if words else None
    return Scorer(listed, read_arpa(existing("arpa", arpa), small=small) if arpa else None, alpha=alpha, beta=beta)


def read_words(path: Path, texts: Sequence[str], *, small: bool) -> set[str]:
    """The words of a file, one a line; what stands behind a space or a tab, as a count, is left out."""
    letters = set("".join(texts))
    lines = read_text(existing("words", str(path)), limit=LARGEST).splitlines()
    words = {normalize("NFC", line.split()[0]) for line in lines if line.split()}
    words = {w.lower() for w in words} if small else words
    spelled = {w for w in words if letters.issuperset(w)}
    if not spelled:
        raise DataError(
            f"{path}: none of its {len(words)} words has only letters that the model knows; check its script"
        )
    return spelled


def existing(setting: str, name: str) -> Path:
    """The file of a setting. Raises UsageError where there is none."""
    path = Path(name).expanduser()
    if not path.is_file():
        raise UsageError(f"task.{setting} {name}: no such file; check the name")
    return path
