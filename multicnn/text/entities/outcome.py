"""Answers that are entities: rows of begin and end in the text, drawings in the text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.train.run import RunFolder
from multicnn.train.task import Task
from multicnn.verbs.modality import Look


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
    entities: list[Entity]
    error = None

    def record(self) -> dict[str, Any]:
        """id and entities."""
        return {"id": self.id, "entities": [e._asdict() | {"score": round(e.score, 4)} for e in self.entities]}

    def cells(self) -> list[list[str]]:
        """A line an entity; one with the id alone where there is none."""
        lines = [[self.id, str(e.begin), str(e.end), e.type, e.text, f"{e.score:.4f}"] for e in self.entities]
        return lines or [[self.id, *[""] * len(Entity._fields)]]


@dataclass(frozen=True)
class Named:
    """Shows entities."""

    files = False

    def columns(self, classes: Sequence[str]) -> list[str]:
        """id, begin, end, type, text, score."""
        return ["id", *Entity._fields]

    def tell(self, name: str, item: Any, reader: Reader, task: Task, answer: Iterator[np.ndarray]) -> Read:
        list(answer)
        return Read(name, [])

    def keep(self, prediction: Read, folder: Path | None) -> Read:
        return prediction

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """Nothing: the table tells all."""

    def write(
        self, folder: RunFolder, part: str, task: Task, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        pass

    def baselines(
        self, task: Task, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """None."""
        return {}
