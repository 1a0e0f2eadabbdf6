"""Stanford Sentiment Treebank as first published: sentences, their parts, a dictionary of phrases and sentiments."""

import math
from pathlib import Path

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets.labelled import SENTIMENTS
from multicnn.text.datasets.lines import Line, guessed_lines
from multicnn.text.datasets.rows import Row, tabled
from multicnn.text.datasets.sst import BRACKETS

SENTENCES, SPLIT, PHRASES, VALUES = "datasetSentences.txt", "datasetSplit.txt", "dictionary.txt", "sentiment_labels.txt"
PARTS = {"1": "train", "2": "test", "3": "val"}
FIVE = SENTIMENTS[5]


def is_release(path: Path) -> bool:
    """Whether a folder holds the four files of stanfordSentimentTreebank.zip."""
    return all((path / name).is_file() for name in (SENTENCES, SPLIT, PHRASES, VALUES))


def release(path: Path) -> Table:
    """Whole sentences of five classes in their official parts; a value up to 0.2, 0.4, ... is of the next class.

    The sentences were encoded twice and have other brackets than the dictionary, which is mended; one that is in no way
    in the dictionary is left out and counted. Raises DataError naming the line that is none.
    """
    values = dict(_pairs(path / VALUES, "|", header=True))
    phrases = {phrase: values.get(number) for phrase, number in _pairs(path / PHRASES, "|")}
    parts = dict(_pairs(path / SPLIT, ",", header=True))
    rows, lost = [], 0
    for number, text in _pairs(path / SENTENCES, "\t", header=True):
        mended = _mended(text)
        value = phrases.get(mended)
        if value is None or PARTS.get(parts.get(number, "")) is None:
            lost += 1
            continue
        rows.append(Row(f"{SENTENCES}:{number}", mended, (FIVE[_class(value, path / VALUES)],), PARTS[parts[number]]))
    said = ["the treebank's first files, whole sentences of five classes"]
    said += [f"{lost:,} sentences are not in the dictionary and left out"] if lost else []
    return tabled(path, rows, name="sst5", said=said, classes=FIVE)


def _pairs(file: Path, mark: str, *, header: bool = False) -> list[tuple[str, str]]:
    lines, _ = guessed_lines(file)
    return [_pair(file, line, mark) for line in lines[1 if header else 0 :]]


def _pair(file: Path, line: Line, mark: str) -> tuple[str, str]:
    """The two cells of a line; only the last mark of a phrase parts it from its number."""
    left, found, right = line.text.rpartition(mark) if mark == "|" else line.text.partition(mark)
    if not found:
        raise DataError(f"{file}: line {line.number} has no {mark!r} between two cells; fetch the file again")
    return left, right


def _mended(text: str) -> str:
    for token, bracket in BRACKETS.items():
        text = text.replace(token, bracket)
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def _class(value: str, file: Path) -> int:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise DataError(f"{file}: {value[:20]!r} is no sentiment from 0 to 1; fetch the file again")
    return max(0, math.ceil(number * 5 - 1e-9) - 1)
