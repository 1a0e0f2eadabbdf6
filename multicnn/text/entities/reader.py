"""From a piece of a text to the numbers of its words and what they look like; from its entities to a tag a word."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from unicodedata import is_normalized, normalize

import numpy as np

from multicnn.data.layouts.encoding import read_as
from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.names import find
from multicnn.text.entities.cut import Piece, cuts, sentences
from multicnn.text.entities.features import WIDTH, looks, plain
from multicnn.text.reader import FIRST, UNKNOWN
from multicnn.text.tokens import RARE, spans
from multicnn.text.vectors import Source

MARK = "\x1f"  # between the words of a piece; white space, so that no word holds it
POLICIES = {"snap": "widen to whole words", "drop": "leave out", "error": "stop"}
MOST = 10_000_000  # characters of a file
SHORT, RECENT = 20_000, 512  # characters of a text, and how many of such are remembered
Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class TokenReader:
    """Numbers of the words of a piece, in small letters, and what they look like, see `features.looks`.

    words: the vocabulary, 0 being padding and 1 an unknown word. size: words of a piece that answer; context: words on
    either side that are read too. vectors: the file that a front-end may take the words' vectors from; added: words
    that training did not have and these vectors know. on_misaligned: what becomes of entities that begin or end within
    a word: snap, drop or error.
    item: the words of a piece with MARK between them; none is one unknown word.  -> t 1+WIDTH, int32
    """

    words: Sequence[str]
    size: int = 64
    context: int = 4
    vectors: Source = field(default_factory=Source)
    added: Sequence[str] = ()
    on_misaligned: str = "snap"
    said: tuple[str, ...] = field(default=(), compare=False)

    dtype = np.dtype(np.int32)
    shape = None
    window = None
    quantum = 8
    cell = (1 + WIDTH,)
    stem, stems = 0, ()  # a front-end of vectors asks for them

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "added", tuple(self.added))
        if isinstance(self.vectors, Mapping):
            object.__setattr__(self, "vectors", Source(**self.vectors))
        find("policy for misaligned entities", POLICIES, self.on_misaligned)
        if self.size < 1 or self.context < 0:
            raise UsageError(
                f"reader.size is {self.size} and context {self.context}; they must be at least 1 and 0 words"
            )

    def __call__(self, item: str) -> np.ndarray:
        return self.cells(item.split(MARK) if item else [])

    def cells(self, words: Sequence[str]) -> np.ndarray:
        """A row a word; one of an unknown word where there is none."""
        out = np.zeros((max(1, len(words)), 1 + WIDTH), dtype=self.dtype)
        if not words:
            out[0, 0] = UNKNOWN
            return out
        known = self.numbers
        out[:, 0] = [known.get(w.lower(), UNKNOWN) for w in words]
        out[:, 1:] = np.concatenate([looks(w) for w in words]).reshape(-1, WIDTH)
        return out

    def files(self, item: Any) -> Sequence[str]:
        return ()

    def settings(self) -> dict[str, Any]:
        return {
            "words": list(self.words),
            "size": self.size,
            "context": self.context,
            "vectors": self.vectors.settings(),
            "added": list(self.added),
            "on_misaligned": self.on_misaligned,
        }

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each known word."""
        return {w: FIRST + i for i, w in enumerate((*self.words, *self.added))}

    def lost(self) -> str:
        return self.vectors.lost if self.vectors.path else ""

    def met(self, items: Iterable[Any]) -> "TokenReader":
        """The same reader, which also numbers those new words of some texts that its vectors know."""
        if not self.vectors.path:
            return self
        new: set[str] = set()
        for item in items:
            new.update(w.lower() for w in worded(readable(item))[0])
        added = self.vectors.known(sorted(new - self.numbers.keys()))
        return replace(self, added=(*self.added, *added)) if added else self

    def pieces(self, item: Any) -> Iterator[np.ndarray]:
        """The pieces of a text, or of the file at a Path."""
        text = whole(item)
        words, places = worded(text)
        for piece in self.cut(text, places):
            yield self.cells(words[piece.first : piece.last])

    def cut(self, text: str, places: Spans) -> list[Piece]:
        """Which words of a text are read at once."""
        return cuts(sentences(text, places), self.size, self.context)


@dataclass(frozen=True, kw_only=True)
class TagReader:
    """A tag a word, -1 for those that do not answer and behind the end; item: see `table.cut`.  -> longest, int16"""

    longest: int

    dtype = np.dtype(np.int16)
    window = None
    quantum = 1
    said: tuple[str, ...] = field(default=(), init=False, compare=False)

    @property
    def shape(self) -> tuple[int]:
        return (self.longest,)

    def files(self, item: str) -> Sequence[str]:
        return ()

    def settings(self) -> dict[str, Any]:
        return {"longest": self.longest}

    def __call__(self, item: str) -> np.ndarray:
        tags = json.loads(item.rpartition("\0")[2])["tags"]
        out = np.full(self.longest, -1, dtype=self.dtype)
        out[: len(tags)] = tags
        return out


def plan_tags(table: Table, reader: TokenReader) -> TagReader:
    """What reads the tags of a table's pieces."""
    assert table.answer is not None
    return TagReader(longest=max((len(json.loads(line)["tags"]) for line in table.answer), default=1))


def answered(table: Table, rows: np.ndarray) -> Iterator[tuple[str, dict[str, Any]]]:
    """The texts of some rows with what is known of their entities."""
    assert table.answer is not None
    for text, answer in zip(table.items[rows].tolist(), table.answer[rows].tolist(), strict=True):
        yield text, json.loads(answer)


def words_of(text: str, answer: Mapping[str, Any]) -> tuple[list[str], Spans]:
    """The words of a text and their places: the set's own where it is cut into words."""
    own = [(a, b) for a, b in answer.get("tokens", ())]
    return (forms(text, own), own) if own else worded(text)


def worded(text: str) -> tuple[list[str], Spans]:
    """The words of a text and their places; those of short texts are remembered, as each step asks for them anew."""
    return _recent(text) if len(text) < SHORT else _worded(text)


def _worded(text: str) -> tuple[list[str], Spans]:
    places = spans(text)
    return forms(text, places), places


_recent = lru_cache(maxsize=RECENT)(_worded)


def forms(text: str, places: Spans) -> list[str]:
    """The words at these places as the net knows them: in Unicode's composed form, with plain apostrophes."""
    if text.isascii() or (RARE.search(text) is None and is_normalized("NFC", text)):
        return [text[a:b] for a, b in places]
    composed = [plain(normalize("NFC", text[a:b])) for a, b in places]
    return [w or text[a:b] or "?" for w, (a, b) in zip(composed, places, strict=True)]


def whole(item: Any) -> str:
    """A text itself, or that of the file at a Path with its own line ends. Raises DataError naming the file."""
    if not isinstance(item, Path):
        return str(item)
    text, _ = read_as(item, lambda file: file.read(MOST + 1))
    if len(text) > MOST:
        raise DataError(f"{item}: longer than {MOST:,} characters; cut it into several texts")
    if "\0" in text:
        raise DataError(f"{item}: not a text file, it holds zero bytes; give a .txt file")
    return text


def readable(item: Any) -> str:
    """The text, or none of a file that cannot be read, for reading it as a sample says why."""
    try:
        return whole(item)
    except DataError:
        return ""
