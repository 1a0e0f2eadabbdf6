"""A data set as the audit reads it: the table, its parts, every sample decoded once."""

from dataclasses import dataclass

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store, open_store
from multicnn.data.table import PARTS, Table
from multicnn.data.table import asked as with_answers
from multicnn.errors import DataError
from multicnn.insight.audit.finding import Finding
from multicnn.train.voice import Voice
from multicnn.verbs import sources
from multicnn.verbs.modality import Kind, Modality
from multicnn.verbs.sources import DataSettings


@dataclass(frozen=True, eq=False)
class Audited:
    """What every check may look at.

    splits: the parts that training would have; where it would refuse to deal them, the official ones, all other rows
    being training rows.  reader, store: that of the modality's first task, which reads the samples of all its tasks.
    answers: why an answer, such as a mask, cannot be read, by its row.  findings: of opening it.
    """

    modality: Modality
    kind: Kind
    task: str
    table: Table
    splits: Splits
    reader: Reader
    store: Store
    answers: dict[int, str]
    findings: tuple[Finding, ...] = ()

    @property
    def part(self) -> np.ndarray:
        """The name of each row's part."""
        return named_parts(self.splits, len(self.table))


def named_parts(splits: Splits, n: int) -> np.ndarray:
    """The name of the part of each of n rows."""
    parts = np.full(n, "train", dtype=np.dtypes.StringDType())
    for name, rows in sources.parts(splits).items():
        parts[rows] = name
    return parts


def look(modality: Modality, task: str | None, data: DataSettings, seed: int, workers: int, voice: Voice) -> Audited:
    """Read a data set. Raises UsageError or DataError where there is no table to look at."""
    kind = modality.kind(task)
    table = sources.load_table(kind, data)
    splits, findings = dealt(table, data, seed)
    reader = modality.kind(None).plan_reader if kind.cut else kind.plan_reader
    planned = reader(table, splits.train)
    store = open_store(table, planned, workers=workers, tick=lambda n, of: voice.tick("decode", n, of))
    answers = _bad_answers(kind, table, splits, workers, voice)
    return Audited(modality, kind, task or modality.task, table, splits, planned, store, answers, findings)


def dealt(table: Table, data: DataSettings, seed: int) -> tuple[Splits, tuple[Finding, ...]]:
    """The parts of training, or why it would refuse to make them."""
    try:
        return sources.split_table(table, data, seed), ()
    except DataError as error:
        given = {p: np.flatnonzero(table.split == p) if table.split is not None else np.zeros(0, int) for p in PARTS}
        rest = np.setdiff1d(np.arange(len(table)), np.concatenate([given["val"], given["test"]]))
        splits = Splits(rest, given["val"], given["test"], "not dealt")
        return splits, (Finding("parts", "error", (), f"training would refuse this set: {error}"),)


def _bad_answers(kind: Kind, table: Table, splits: Splits, workers: int, voice: Voice) -> dict[int, str]:
    """Answers that cannot be read, by the row of their sample."""
    if kind.plan_answer is None:
        return {}
    reader = kind.plan_reader(table, splits.train)
    pieces, of = kind.cut(table, reader) if kind.cut else (table, np.arange(len(table)))
    store = open_store(
        with_answers(pieces), kind.plan_answer(pieces, reader), workers=workers,
        tick=lambda n, of: voice.tick("decode answers", n, of),
    )  # fmt: skip
    return {int(of[row]): why for row, why in sorted(store.bad.items(), reverse=True)}
