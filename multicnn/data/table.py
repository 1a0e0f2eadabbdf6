"""A data set as columns: what to read, what it is, which part it belongs to, whom it must stay together with."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from multicnn.errors import DataError
from multicnn.names import hint

STRINGS = np.dtypes.StringDType()  # variable width: a list of paths costs its characters, not Python objects
PARTS = ("train", "val", "test")


@dataclass(frozen=True, eq=False)
class Table:
    """One row a sample.

    name: of the set, for the run folder.  items: (n,) paths or texts, or (n, ...) samples in memory.
    ids: (n,) what a person calls the sample (path below the set's root, `file.csv:row`, `train-17`); unique.
    classes: names in the order of the class numbers.  target: (n,) class numbers, or (n, k) bool for several labels.
    known: (n, k) which of several labels are known to be there or not; None: all.
    split: (n,) "train", "val", "test" or "" where the set leaves it open; None without official parts.
    fold: (n,) official fold numbers; group: (n,) samples of one group never part.
    answer: (n,) what is to be answered where that is more than class numbers, as text: a mask's file, boxes, words; the
    target then says which classes occur in the sample.  said: what the reader decided.
    more: (n,) strings each, what else is known of the samples, by the names of its columns.
    """

    name: str
    items: np.ndarray
    ids: np.ndarray
    classes: tuple[str, ...]
    target: np.ndarray
    split: np.ndarray | None = None
    fold: np.ndarray | None = None
    group: np.ndarray | None = None
    answer: np.ndarray | None = None
    said: tuple[str, ...] = ()
    known: np.ndarray | None = None
    more: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def several(self) -> bool:
        """Whether a sample may carry several labels, or none."""
        return self.target.ndim == 2

    @property
    def truth(self) -> np.ndarray:
        """The target as tasks take it: where labels are not known (n, k) of 1, 0 and -1 for unknown."""
        return self.target if self.known is None else np.where(self.known, self.target, -1).astype(np.int8)

    def take(self, rows: np.ndarray) -> "Table":
        """The same table with only `rows` (indices or mask)."""
        columns = {k: getattr(self, k) for k in ("items", "ids", "target", "split", "fold", "group", "answer", "known")}
        more = {name: column[rows] for name, column in self.more.items()}
        return replace(self, more=more, **{k: v[rows] for k, v in columns.items() if v is not None})

    def with_classes(self, classes: Sequence[str]) -> "Table":
        """The same rows numbered by another list of classes, matched by name. Raises DataError on an unknown name."""
        unknown = [c for c in self.classes if c not in classes]
        if unknown:
            where = self.ids[np.argmax(self.has(self.classes.index(unknown[0])))]
            raise DataError(f"{where}: class {unknown[0]!r} is not one the model knows; {hint(unknown[0], classes)}")
        place = np.array([list(classes).index(c) for c in self.classes], dtype=np.int64)
        if self.several:
            target = np.zeros((len(self), len(classes)), dtype=bool)
            target[:, place] = self.target
        else:
            target = place[self.target]
        known = self.known
        if known is not None:
            known = np.ones((len(self), len(classes)), dtype=bool)
            known[:, place] = self.known
        return replace(self, classes=tuple(classes), target=target, known=known)

    def with_several(self) -> "Table":
        """The same rows, each label one of several that a sample may carry."""
        return self if self.several else replace(self, target=self.target[:, None] == np.arange(len(self.classes)))

    def has(self, k: int) -> np.ndarray:
        """(n,) whether each sample carries class `k`."""
        return self.target[:, k] if self.several else self.target == k

    def counts(self) -> dict[str, int]:
        """Samples of each class."""
        return {c: int(self.has(k).sum()) for k, c in enumerate(self.classes)}


def asked(table: Table) -> Table:
    """The same rows with item and answer, parted by NUL, as items: what an answer's reader decodes."""
    assert table.answer is not None
    items = table.items if table.items.ndim == 1 else table.ids  # samples in memory have names only
    pairs = zip(items, table.answer, strict=True)
    return replace(table, items=strings(f"{item}\0{answer}" for item, answer in pairs))


def strings(values: Iterable[Any]) -> np.ndarray:
    """A column of variable-width strings."""
    return np.array([str(v) for v in values], dtype=STRINGS)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key by which `class 2` comes before `class 10`."""
    pieces = re.findall(r"\d+|\D+", name)
    return tuple((0, int(p), p) if p.isdecimal() else (1, 0, p.casefold()) for p in pieces)


def number(labels: Sequence[str], classes: Sequence[str] | None = None) -> tuple[tuple[str, ...], np.ndarray]:
    """Class names in natural order, and each label's number.  n strings -> (n,) int64"""
    names = tuple(classes) if classes is not None else tuple(sorted(set(labels), key=lambda c: (natural(c), c)))
    place = {c: i for i, c in enumerate(names)}
    return names, np.array([place[label] for label in labels], dtype=np.int64)


def number_several(
    labels: Sequence[Sequence[str]], classes: Sequence[str] | None = None
) -> tuple[tuple[str, ...], np.ndarray]:
    """Class names in natural order, and which of them each sample carries.  n lists -> (n, k) bool"""
    found = {c for sample in labels for c in sample}
    names = tuple(classes) if classes is not None else tuple(sorted(found, key=lambda c: (natural(c), c)))
    place = {c: i for i, c in enumerate(names)}
    target = np.zeros((len(labels), len(names)), dtype=bool)
    for row, sample in enumerate(labels):
        for c in sample:
            target[row, place[c]] = True
    return names, target
