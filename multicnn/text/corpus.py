"""Texts to learn vectors from: those of a set of any layout, or files without labels."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from multicnn.data.layouts.encoding import read_as
from multicnn.data.layouts.tree import walk
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.reader import WordReader
from multicnn.verbs.modality import Kind
from multicnn.verbs.sources import DataSettings, open_source

TABLES = (".csv", ".tsv", ".jsonl", ".json")
UNLABELLED = frozenset({".txt", ".text"})
ALL = 10**9  # words of a text that are read


@dataclass(frozen=True)
class Corpus:
    """Texts as lists of words. empty: how many texts hold none. said: where they come from."""

    name: str
    texts: list[list[str]]
    empty: int
    said: str

    @property
    def tokens(self) -> int:
        return sum(map(len, self.texts))

    def counts(self) -> Counter[str]:
        """How often each word occurs."""
        return Counter(word for text in self.texts for word in text)


def read_corpus(kind: Kind, source: str, *, keep_case: bool = False, text_column: str | None = None) -> Corpus:
    """The words of a set's texts without its official test part, of a file a line, or of the files of a folder.

    Raises DataError where there is no such data, or no word in it.
    """
    name, texts, said = _texts(kind, source, text_column)
    cut = WordReader(words=(), lower=not keep_case, max_words=ALL)
    whole = [cut.tokens(text) for text in texts]
    words = [text for text in whole if text]
    if not words:
        raise DataError(f"{source}: its texts hold no word; name other texts")
    return Corpus(name, words, len(whole) - len(words), said)


def _texts(kind: Kind, source: str, column: str | None) -> tuple[str, list[str], str]:
    """A name, the texts, and what was read."""
    path = Path(source).expanduser()
    try:
        return _labelled(open_source(kind, source, DataSettings(item_column=column)))
    except DataError:
        files = _unlabelled(path)
        if column or not files:
            raise
    said = f"{path}: {len(files):,} files without labels, a text a line"
    return path.stem, [line for file in files for line in _lines(file)], said


def _labelled(table: Table) -> tuple[str, list[str], str]:
    """The texts of a table; not those of its official test part, which vectors must not know either."""
    kept = table if table.split is None else table.take(table.split != "test")
    out = len(table) - len(kept)
    but = f" but the {out:,} of its test part" if out else ""
    return table.name, kept.items.tolist(), f"{table.name}: all texts{but}"


def _unlabelled(path: Path) -> list[Path]:
    """The file, or the files of a folder, that may hold plain text."""
    if path.is_dir():
        return sorted(Path(name) for name in walk(str(path), UNLABELLED, Counter()))
    return [path] if path.is_file() and path.suffix.lower() not in TABLES else []


def _lines(path: Path) -> list[str]:
    """Raises DataError naming a file that is no text."""
    text, _ = read_as(path, lambda file: file.read())
    if "\0" in text:
        raise DataError(f"{path}: not a text file, it holds zero bytes; name files of text")
    return text.splitlines()
