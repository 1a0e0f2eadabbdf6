"""Answers that are entities: rows of begin and end in the text, drawings in the text."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.tasks.entities import Entities, Span, joined
from multicnn.text.entities.draw import Mark, page
from multicnn.text.entities.errors import BORDERS, RIGHT, Case, Sample, cases, confusions, samples
from multicnn.text.entities.reader import TokenReader, whole, worded
from multicnn.train.run import RunFolder, write_text
from multicnn.train.task import Task
from multicnn.verbs.modality import Look

DRAWN = 40  # pieces of a part


class Entity(NamedTuple):
    """Begin and end in code points of the text as it was given, type, the words themselves, and how sure."""

    begin: int
    end: int
    type: str
    text: str
    score: float


@dataclass(frozen=True, eq=False)
class Read:
    """The entities of one text in their order."""

    id: str
    text: str
    entities: list[Entity]
    error = None

    def record(self) -> dict[str, Any]:
        """id and entities."""
        return {"id": self.id, "entities": [e._asdict() | {"score": round(e.score, 4)} for e in self.entities]}

    def cells(self) -> list[list[str]]:
        """A line an entity; one with the id alone where there is none."""
        lines = [[self.id, str(e.begin), str(e.end), e.type, e.text, f"{e.score:.4f}"] for e in self.entities]
        return lines or [[self.id, *[""] * len(Entity._fields)]]


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """As CSV."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def shown(sample: Sample) -> tuple[str, str, list[Mark]]:
    """A piece for a drawing: its words with spaces between, right answers green, wrong ones red, missed ones dashed."""
    begins = np.cumsum([0, *(len(w) + 1 for w in sample.words)])
    at = {place[0]: n for n, place in enumerate(sample.places)}
    ends = {place[1]: n for n, place in enumerate(sample.places)}
    marks = []
    for c in cases(sample):
        label = c.said if c.kind in (RIGHT, BORDERS) else f"{c.said or 'nothing'}, not {c.true or 'any'}"
        end = int(begins[ends[c.end]]) + len(sample.words[ends[c.end]])
        marks.append(Mark(int(begins[at[c.begin]]), end, label, c.kind.split(" ")[-1]))
    return sample.id, " ".join(sample.words), marks


def entity(text: str, begin: int, end: int, found: Span) -> Entity:
    """What stands between two places of a text."""
    return Entity(begin, end, found.type, text[begin:end], found.probability)


@dataclass(frozen=True)
class Named:
    """Shows entities."""

    files: Literal["optional"] = "optional"

    def columns(self, classes: Sequence[str]) -> list[str]:
        """id, begin, end, type, text, score."""
        return ["id", *Entity._fields]

    def tell(self, name: str, item: Any, reader: Reader, task: Task, answer: Iterator[np.ndarray]) -> Read:
        """tags t+tags+2 of each piece -> the entities of the text, found over all its words at once"""
        assert isinstance(reader, TokenReader)
        assert isinstance(task, Entities)
        text = whole(item)
        _, places = worded(text)
        parts = list(answer)
        if not places:
            return Read(name, text, [])
        found = task.spans(joined(parts, [(p.begin - p.first, p.end - p.first) for p in reader.cut(text, places)]))
        return Read(name, text, [entity(text, places[s.begin][0], places[s.end - 1][1], s) for s in found])

    def keep(self, prediction: Read, folder: Path | None) -> Read:
        """Nothing by itself; without a folder its text is forgotten."""
        return prediction if folder is not None else replace(prediction, text="")

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """entities.html: the texts with what was found in them."""
        read = [p for p in predictions if isinstance(p, Read)]
        texts = ((p.id, p.text, [Mark(e.begin, e.end, e.type) for e in p.entities]) for p in read)
        write_text(folder / "entities.html", page("Entities", texts))

    def write(
        self, folder: RunFolder, part: str, task: Task, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """predictions_PART.csv and errors_PART.csv, a line an entity that is said or true; types_PART.csv, how often
        what was taken for what; entities_PART.html, the first texts.
        """
        assert isinstance(task, Entities)
        measured = list(samples(task, table, rows, judged))
        found = [c for sample in measured for c in cases(sample)]
        wrong = [c for c in found if c.kind != RIGHT]
        said = [[c.id, c.begin, c.end, c.said, c.text, c.kind] for c in found if c.said]
        place = folder.evaluation
        write_text(place / f"predictions_{part}.csv", lines([["id", "begin", "end", "type", "text", "verdict"], *said]))
        write_text(place / f"errors_{part}.csv", lines([Case._fields, *wrong]))
        write_text(place / f"types_{part}.csv", lines(confusions(found, task.classes)))
        write_text(place / f"entities_{part}.html", page(f"{part}: truth and answers", map(shown, measured[:DRAWN])))

    def baselines(
        self, task: Task, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """None."""
        return {}
