"""What all files of word vectors answer, and how a word is looked up in them."""

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

SHORT = 2  # letters of a piece that a compound is known without, such as the s of "it's"
NOT = "not"  # what "n't" stands for where a file has no word for it


class WordVectors(Protocol):
    """Vectors of words in a file, of which only what is asked for is read.

    dim: numbers of a vector. said: what the file is, and what is odd about it, for the user.
    """

    @property
    def dim(self) -> int: ...

    @property
    def said(self) -> Sequence[str]: ...

    def has(self, words: Sequence[str]) -> np.ndarray:
        """(n,) whether the file lists each word."""
        ...

    def find(self, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """(n, dim) float32 and (n,) whether there is a vector; zeros where there is none.

        A file with sub-words has vectors of words that it does not list.
        """
        ...


def look_up(vectors: WordVectors, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """As `find`, for words that the file may spell otherwise, or know by their parts.

    A word that it does not list is looked up in small letters, with a capital, in capitals; a compound ("well-made",
    "it's") is the mean of its parts. What is left a file with sub-words makes up.
    n words -> (n, dim) float32, (n,) bool
    """
    found, there = _spelled(vectors, words)
    compounds = [place for place in np.flatnonzero(~there).tolist() if parts(words[place]) not in ([], [words[place]])]
    pieces = sorted({piece for place in compounds for piece in parts(words[place])})
    known = dict(zip(pieces, zip(*_spelled(vectors, pieces), strict=True), strict=True))
    for place in compounds:
        own = [(piece, *known[piece]) for piece in parts(words[place])]
        if all(is_known or len(piece) <= SHORT for piece, _, is_known in own) and any(k for _, _, k in own):
            found[place] = np.mean([vector for _, vector, is_known in own if is_known], axis=0)
            there[place] = True
    rest = np.flatnonzero(~there)
    found[rest], there[rest] = vectors.find([words[place] for place in rest.tolist()])
    return found, there


def _spelled(vectors: WordVectors, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The vectors of words that the file lists in some spelling; zeros for others."""
    forms = [(place, form) for place, word in enumerate(words) for form in spellings(word)]
    first: dict[int, str] = {}
    for (place, form), is_listed in zip(forms, vectors.has([f for _, f in forms]).tolist(), strict=True):
        if is_listed:
            first.setdefault(place, form)
    found, there = np.zeros((len(words), vectors.dim), dtype=np.float32), np.zeros(len(words), dtype=bool)
    places = list(first)
    found[places], there[places] = vectors.find(list(first.values()))
    return found, there


def spellings(word: str) -> list[str]:
    """How a word may be listed: as it is, else in small letters, with a capital, in capitals."""
    return list(dict.fromkeys((word, word.lower(), word.capitalize(), word.upper())))


def parts(word: str) -> list[str]:
    """What hyphens and apostrophes hold together; the "n't" of "isn't" is "not"."""
    if word.lower().endswith("n't"):
        return [*parts(word[:-3]), NOT]
    return [piece for piece in re.split("['-]+", word) if piece]
