"""Answers that are transcripts: a text, and when each of its words is said."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from multicnn.audio.speech.seams import parts
from multicnn.audio.speech.subtitles import write_subtitles
from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.tasks import edits
from multicnn.tasks.ctc import align
from multicnn.train.run import RunFolder, write_text
from multicnn.verbs.modality import Look


class Word(NamedTuple):
    """A word, when it begins and ends in seconds, and how sure the network is of its units, from 0 to 1.

    Networks of this kind tell when a unit is recognised: the end of a word comes early.
    """

    word: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True)
class Transcribed:
    """What is said in one sound."""

    id: str
    words: list[Word]
    error = None

    @property
    def text(self) -> str:
        return " ".join(w.word for w in self.words)

    @property
    def confidence(self) -> float | None:
        """Mean of the words' confidences; None without words."""
        return round(float(np.mean([w.confidence for w in self.words])), 4) if self.words else None

    def record(self) -> dict[str, Any]:
        """id, text, confidence, and each word with its times."""
        words = [
            {"word": w.word, "start": round(w.start, 3), "end": round(w.end, 3), "confidence": round(w.confidence, 4)}
            for w in self.words
        ]
        return {"id": self.id, "text": self.text, "confidence": self.confidence, "words": words}

    def cells(self) -> list[list[str]]:
        return [[self.id, self.text, "" if self.confidence is None else f"{self.confidence:.4f}"]]


@dataclass(frozen=True)
class Transcripts:
    """Shows transcripts."""

    files: Literal["optional"] = "optional"

    def columns(self, classes: Sequence[str]) -> list[str]:
        """id, text, confidence."""
        return ["id", "text", "confidence"]

    def tell(self, name: str, item: Any, reader: Reader, task: Any, answer: Iterator[np.ndarray]) -> Transcribed:
        """Log-probabilities of a sound's pieces -> its words"""
        words: list[Word] = []
        for start, chances in parts(answer, reader, task):
            words += spoken(task, chances, start)
        return Transcribed(name, words)

    def keep(self, prediction: Transcribed, folder: Path | None) -> Transcribed:
        """subtitles/NAME.srt, NAME.vtt and NAME.TextGrid."""
        if folder is not None:
            write_subtitles(folder / "subtitles", prediction.id, prediction.words)
        return prediction

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """Nothing: the table tells all."""

    def write(
        self, folder: RunFolder, part: str, task: Any, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """predictions_PART.csv: the true text of each sample, the answer, the edits of words and characters."""
        assert table.answer is not None
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\n").writerow
        write(["id", "text", "prediction", "word_edits", "words", "character_edits", "characters", "loss"])
        for row, line, units in zip(rows, judged, edits.answers(judged, len(task.classes)), strict=True):
            counts = [int(n) for n in (line[:3].sum(), line[3], line[4:7].sum(), line[7])]
            write([table.ids[row], table.answer[row], task.text(units), *counts, f"{line[8]:.6g}"])
        write_text(folder.evaluation / f"predictions_{part}.csv", out.getvalue())

    def baselines(
        self, task: Any, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """None: no text is right by chance."""
        return {}


def spoken(task: Any, chances: np.ndarray, start: float) -> list[Word]:
    """The words of a stretch of steps that begins at `start` seconds.  (k + 1) t log-probabilities -> words"""
    units = task.units(chances)
    if not units:
        return []
    when = align(chances, np.array(units))
    found: list[Word] = []
    for letters in by_word(units, task.texts):
        places = [place for place, _ in letters]
        first, last = when.start[places[0]], when.end[places[-1]]
        share = float(np.exp(np.mean(np.log(np.maximum(when.share[places], 1e-30)))))
        text = "".join(letter for _, letter in letters)
        found.append(Word(text, start + first * task.step, start + last * task.step, share))
    return found


def by_word(units: Sequence[int], texts: Sequence[str]) -> list[list[tuple[int, str]]]:
    """The units of each word by their places, and their letters in it."""
    found: list[list[tuple[int, str]]] = [[]]
    for place, unit in enumerate(units):
        head, *rest = texts[unit].split(" ")
        for n, letters in enumerate([head, *rest]):
            if n:
                found.append([])
            if letters:
                found[-1].append((place, letters))
    return [word for word in found if word]
