"""A table with a header and a token a row, the sentence's number or name in a column of its own."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from multicnn.data.layouts.columns import chosen, listed, plain
from multicnn.data.layouts.sheet import Sheet, as_text
from multicnn.data.layouts.tabular import read_sheet
from multicnn.data.mended import Mended
from multicnn.errors import DataError
from multicnn.text.datasets.entities.columns import schemes
from multicnn.text.datasets.entities.files import named, part_by, start
from multicnn.text.datasets.entities.marked import Found, Marked
from multicnn.text.datasets.entities.sentences import Sentence, marked
from multicnn.text.datasets.entities.shapes import Keys

SENTENCE = ("sentence_#", "sentence_id", "sentence", "sent_id", "sentence_number", "sent", "предложение")
TOKEN = ("word", "token", "words", "tokens", "слово", "токен")
TAG = ("tag", "ner_tag", "ner", "label", "labels", "entity", "iob", "bio", "tags", "тег", "метка")
TABLES = (".csv", ".tsv", ".tab", ".txt")


def is_token_rows(path: Path) -> bool:
    """Whether the first line of a file names columns of a sentence, a token and a tag."""
    if path.suffix.lower() not in TABLES[:3]:
        return False
    header = next(iter(start(path)), "")
    names = {plain(name.strip('"\ufeff')) for name in header.replace(";", ",").replace("\t", ",").split(",")}
    return all(names & set(usual) for usual in (SENTENCE, TOKEN, TAG))


def read_token_rows(files: Sequence[Path], root: Path, mended: Mended, keys: Keys) -> Found:
    """The sentences of such tables. Raises DataError naming the row without a token or a tag."""
    said: list[str] = []
    found: list[Marked] = []
    how: dict[str, list[str]] = {}
    for path in files:
        sheet = read_sheet(path)
        said += sheet.said
        name = named(path, root)
        own, scheme = marked(list(sentences_of(sheet, keys)), path, name, part_by(path, root), "", mended)
        how.setdefault(scheme, []).append(name)
        found += own
    return Found(found, f"a table with a token a row, {schemes(how)}", "sentences", said)


def sentences_of(sheet: Sheet, keys: Keys) -> Iterator[Sentence]:
    """Runs of rows of one sentence; a row without its number belongs to the sentence before."""
    words = sheet.column(chosen(sheet.names, "text", keys.text) if keys.text else usual(sheet, TOKEN))
    tags = sheet.column(chosen(sheet.names, "label", keys.label) if keys.label else usual(sheet, TAG))
    numbers = sheet.column(usual(sheet, SENTENCE))
    held: list[tuple[str, str, int]] = []
    last = ""
    for row, (word, tag, number) in enumerate(
        zip(map(as_text, words), map(as_text, tags), map(as_text, numbers), strict=True)
    ):
        if held and number and number != last:
            yield sentence(held)
            held = []
        last = number or last
        if not word or not tag:
            raise DataError(f"{sheet.where(row)} has no {'token' if tag else 'tag'}; fill it in or remove the row")
        held.append((" ".join(word.split()), tag, sheet.lines[row]))
    if held:
        yield sentence(held)


def sentence(held: Sequence[tuple[str, str, int]]) -> Sentence:
    """Of some rows."""
    words, tags, lines = zip(*held, strict=True)
    return Sentence(words, tags, lines)


def usual(sheet: Sheet, names: Sequence[str]) -> str:
    """The first column with a usual name. Raises DataError."""
    place = {plain(name): name for name in reversed(sheet.names)}
    found = next((place[name] for name in names if name in place), None)
    if found is None:
        raise DataError(f"{sheet.path}: no column {names[0]!r} among {listed(sheet.names)}; add it")
    return found
