"""From a text to the numbers of its words, and the vocabulary that training texts settle."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import nsmallest
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.layouts.encoding import read_text
from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.names import find
from multicnn.text.tokenizers import TOKENIZERS
from multicnn.text.vectors.coverage import coverage
from multicnn.text.vectors.source import Source, source

PADDING, UNKNOWN, FIRST = 0, 1, 2  # word numbers; `words[i]` has number FIRST + i
LONGEST = 64  # characters a word: of a text only the first max_words * LONGEST are looked at
# Words that texts are filled up to: in steps of 4 (at 1 the batches of one length are small, at 8 a sixth of a sentence
# is padding), from 32 on of an eighth, so that documents of every length share full batches and waste 6 %.
LENGTHS = (*range(4, 33, 4), *(step * 2**n for n in range(2, 12) for step in range(9, 17)))
MANY = 20_000  # training texts: from here on a word must occur twice to be learnt
PAIRS = 50_000  # of words that are known, unless vectors tell which words are alike
STEM = 5  # letters of a stem, unless vectors tell which words are alike
PAIRED = 10_000  # training texts whose pairs of words are counted, spread evenly over all: bounds the memory


@dataclass(frozen=True, kw_only=True)
class WordReader:
    """Word numbers of a text: 0 is padding, 1 an unknown word, from 2 on the vocabulary, the stems, the added words.

    words: the vocabulary, most frequent first. pairs: neighbours that deserve a vector of their own ("not good"), with
    a space between; they have no numbers. lower: whether capitals count as small letters. max_words: the rest of a
    longer text is not read. stem: an unknown word that begins with the first `stem` letters of a known one takes the
    number of that stem; 0 knows no stems. vectors: the file of vectors that a front-end may take the words' from.
    added: words that training did not have and these vectors know. tokenizer: of TOKENIZERS; "characters" makes words
    of single letters. said: what planning found out, for the user.
    Takes a text, or the Path of a document; a text without words is one unknown word. Raises DataError for a document
    that cannot be read or holds no text.
    text -> t, int32
    """

    words: Sequence[str]
    pairs: Sequence[str] = ()
    lower: bool = True
    max_words: int = 1000
    stem: int = STEM
    vectors: Source = field(default_factory=Source)
    added: Sequence[str] = ()
    tokenizer: str = "words"
    said: tuple[str, ...] = field(default=(), compare=False)

    dtype = np.dtype(np.int32)
    shape = None
    window = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(self.words))  # lists, where the settings come from JSON or TOML
        object.__setattr__(self, "pairs", tuple(self.pairs))
        object.__setattr__(self, "added", tuple(self.added))
        if isinstance(self.vectors, Mapping):
            object.__setattr__(self, "vectors", Source(**self.vectors))
        if self.max_words < 1 or self.stem < 0:
            raise UsageError(f"max_words is {self.max_words} and stem {self.stem}; they must be at least 1 and 0")
        find("tokenizer", TOKENIZERS, self.tokenizer)

    def __call__(self, item: str | Path) -> np.ndarray:
        words = self.tokens(document(item) if isinstance(item, Path) else item)
        found = list(map(self.numbers.get, words))
        if None in found:
            stems, stem = self.stems, self.stem
            found = [n or stems.get(w[:stem], UNKNOWN) for n, w in zip(found, words, strict=True)]
        return np.array(found or [UNKNOWN], dtype=self.dtype)

    @property
    def quantum(self) -> int | Sequence[int]:
        """What texts are filled up to; letters are five a word."""
        return 20 if self.tokenizer == "characters" else LENGTHS

    def lost(self) -> str:
        return self.vectors.lost if self.vectors.path else ""

    def met(self, items: Iterable[str | Path]) -> "WordReader":
        """The same reader, which also numbers those new words of some texts that its vectors know.

        A document that cannot be read holds none; reading it as a sample says why.
        """
        if not self.vectors.path:
            return self
        new: set[str] = set()
        for item in items:
            new.update(self.tokens(readable(item)))
        added = self.vectors.known(sorted(new - self.numbers.keys()))
        return replace(self, added=(*self.added, *added)) if added else self

    def tokens(self, text: str) -> list[str]:
        """The words that count: the first `max_words`."""
        text = text[: self.max_words * LONGEST]
        cut = TOKENIZERS[self.tokenizer].tokens
        return cut(text.lower() if self.lower else text)[: self.max_words]

    def files(self, item: Any) -> Sequence[str]:
        return ()

    def settings(self) -> dict[str, Any]:
        return {
            "words": list(self.words),
            "pairs": list(self.pairs),
            "lower": self.lower,
            "max_words": self.max_words,
            "stem": self.stem,
            "vectors": self.vectors.settings(),
            "added": list(self.added),
            "tokenizer": self.tokenizer,
        }

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word of the vocabulary, and of those that were added."""
        behind = FIRST + len(self.words) + len(self.stems)
        return {w: FIRST + i for i, w in enumerate(self.words)} | {w: behind + i for i, w in enumerate(self.added)}

    @cached_property
    def stems(self) -> dict[str, int]:
        """The number of each stem: after the words, in the order of their first word."""
        known = dict.fromkeys(w[: self.stem] for w in self.words if self.stem and len(w) >= self.stem)
        return {s: FIRST + len(self.words) + i for i, s in enumerate(known)}

    @property
    def size(self) -> int:
        """How many numbers there are, padding and unknown among them."""
        return FIRST + len(self.words) + len(self.stems) + len(self.added)

    @property
    def names(self) -> list[str]:
        """What each number stands for."""
        return ["", "?", *self.words, *(f"{s}…" for s in self.stems), *self.added]


def plan_reader(
    table: Table,
    rows: np.ndarray,
    *,
    lower: bool = True,
    min_count: int | None = None,
    max_vocabulary: int = 50_000,
    max_pairs: int | None = None,
    max_words: int = 1000,
    stem: int | None = None,
    vectors: str = "",
    tokenizer: str = "words",
) -> WordReader:
    """The reader whose vocabulary is the words of the training rows, most frequent first, and their pairs.

    min_count: rarer words are unknown; None takes 1 below 20,000 texts, else 2. max_pairs: 0 knows no pairs. vectors: a
    file of word vectors; with it pairs and stems are known only where they are asked for. tokenizer: of TOKENIZERS.
    Raises DataError where no training text has a word or the file no vectors, and UsageError for a number
    below 1 or an unknown tokenizer.
    """
    for name, number in (("max_words", max_words), ("min_count", min_count), ("max_vocabulary", max_vocabulary)):
        if number is not None and number < 1:
            raise UsageError(f"{name} is {number}; it must be at least 1")
    probe = WordReader(words=(), lower=lower, max_words=max_words + 1, tokenizer=tokenizer)  # one word more: too long
    file = source(vectors)
    counts, pairs, long = count(table.items[rows].tolist(), probe)
    at_least = min_count if min_count is not None else 1 if len(rows) < MANY else 2
    words = frequent(counts, at_least, max_vocabulary)
    if not words:
        raise DataError(f"{table.name}: no training text holds a word; check which column holds the texts")
    said = [f"vocabulary: {len(words):,} of {len(counts):,} words, from {len(rows):,} training texts"]
    said += [f"{long:,} of them are longer than {max_words:,} words and read up to there"] if long else []
    said += [f"vectors: {'; '.join(file.opened.said)}", coverage(counts, file)] if vectors else []
    if tokenizer == "characters":  # networks of one length need not be longer than the training texts
        max_words = min(max_words, max(len(probe.tokens(text)) for text in table.items[rows].tolist()))
    max_pairs = max_pairs if max_pairs is not None else 0 if vectors else PAIRS
    pairs = frequent(known_pairs(pairs, words), 1, max_pairs)
    stem = stem if stem is not None else 0 if vectors else STEM
    return WordReader(
        words=words,
        pairs=pairs,
        lower=lower,
        max_words=max_words,
        stem=stem,
        vectors=file,
        tokenizer=tokenizer,
        said=tuple(said),
    )


def count(texts: Sequence[str], probe: WordReader) -> tuple[Counter[str], Counter[str], int]:
    """How often each word and each pair occurs, and how many texts fill the probe, which are a word too long."""
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    step, long = -(-len(texts) // PAIRED), 0
    for place, text in enumerate(texts):
        found = probe.tokens(text)
        if len(found) == probe.max_words:
            found, long = found[:-1], long + 1
        words.update(found)
        if place % step == 0:
            pairs.update(map(" ".join, pairwise(found)))
    return words, pairs, long


def frequent(counts: Mapping[str, int], at_least: int, at_most: int) -> tuple[str, ...]:
    """The most frequent ones; those of one count in the order of the alphabet, whatever order the rows had."""
    kept = [(-n, w) for w, n in counts.items() if n >= at_least]
    return tuple(w for _, w in nsmallest(at_most, kept))


def known_pairs(counts: Mapping[str, int], words: Sequence[str]) -> dict[str, int]:
    """The pairs of which both words are in the vocabulary."""
    known = set(words)
    return {p: n for p, n in counts.items() if known.issuperset(p.split(" "))}


def document(path: Path) -> str:
    """The text of a file. Raises DataError naming it where it is empty or no text."""
    text = read_text(path)
    if "\0" in text:
        raise DataError(f"{path}: not a text file, it holds zero bytes; give a .txt file")
    if not text.strip():
        raise DataError(f"{path}: the file is empty; remove it or put its text in")
    return text


def readable(item: str | Path) -> str:
    """A text, or that of a document; none of one that cannot be read."""
    if isinstance(item, str):
        return item
    try:
        return document(item)
    except DataError:
        return ""
