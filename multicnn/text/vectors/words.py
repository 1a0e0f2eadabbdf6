"""What all files of word vectors answer, and how a word is looked up in them."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np


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


def spellings(word: str) -> list[str]:
    """How a word may be listed: as it is, else in small letters, with a capital, in capitals."""
    return list(dict.fromkeys((word, word.lower(), word.capitalize(), word.upper())))


def listed(vectors: WordVectors, words: Sequence[str]) -> list[str]:
    """Each word as the file spells it; one that it does not list stays as it is."""
    found, open_ = list(words), np.flatnonzero(~vectors.has(words)).tolist()
    tries = [(place, form) for place in open_ for form in spellings(words[place])[1:]]
    known = vectors.has([form for _, form in tries])
    for (place, form), there in reversed(list(zip(tries, known.tolist(), strict=True))):  # the first form stays
        if there:
            found[place] = form
    return found


def look_up(vectors: WordVectors, words: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """As `find`, in any spelling.  n words -> (n, dim) float32, (n,) bool"""
    return vectors.find(listed(vectors, words))
