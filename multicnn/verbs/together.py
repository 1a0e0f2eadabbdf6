"""Samples whose pieces differ in length, such as texts: the pieces of many are answered together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from multicnn.data.batches import rounded
from multicnn.data.reader import InPieces
from multicnn.data.store import pack
from multicnn.errors import DataError
from multicnn.train.voice import Voice
from multicnn.verbs.modality import Prediction
from multicnn.verbs.trained import Trained

MOST = 512  # samples whose pieces are in memory at once
ROOM = 1_000_000  # characters or bytes of them, unless one alone is larger
STEPS = 4096  # of a batch: fewer leave the processor idle, more its caches


@dataclass(frozen=True)
class Unread:
    """A sample that could not be read, and why."""

    id: str
    error: str

    def record(self) -> dict[str, Any]:
        return {"id": self.id, "error": self.error}

    def cells(self) -> list[list[str]]:
        return [[self.id]]


def similar(items: Sequence[tuple[str, Any]]) -> Iterator[Sequence[tuple[str, Any]]]:
    """The items in order, in groups that fit into memory."""
    some: list[tuple[str, Any]] = []
    held = 0
    for name, item in items:
        new = large(item)
        if some and (held + new > ROOM or len(some) == MOST):
            yield some
            some, held = [], 0
        some.append((name, item))
        held += new
    if some:
        yield some


def large(item: Any) -> int:
    """Characters of a text, or bytes of a file; 0 for one that is not there, as reading it will say."""
    if not isinstance(item, Path):
        return len(item)
    try:
        return item.stat().st_size
    except OSError:
        return 0


def together(trained: Trained, items: Sequence[tuple[str, Any]], voice: Voice) -> Iterator[Prediction]:
    """The answers for some samples in their order, their pieces put into batches by length alone."""
    reader = cast(InPieces, trained.reader)
    pieces: list[np.ndarray] = []
    found: list[tuple[int, int] | str] = []
    for _, item in items:
        try:
            own = list(reader.pieces(item))
            found.append((len(pieces), len(pieces) + len(own)))
            pieces += own
        except DataError as error:
            found.append(str(error))
    answer = by_length(trained, pieces, voice)
    for (name, item), place in zip(items, found, strict=True):
        if isinstance(place, str):
            yield Unread(name, place)
        else:
            own = iter(answer[slice(*place)])
            yield trained.kind.outcome.tell(name, item, trained.reader, trained.task, own)


def by_length(trained: Trained, pieces: Sequence[np.ndarray], voice: Voice) -> list[np.ndarray]:
    """The answer to each decoded piece."""
    out: list[Any] = [None] * len(pieces)
    lengths = rounded(np.array([len(p) for p in pieces], dtype=np.int64), trained.reader.quantum)
    for length in np.unique(lengths).tolist():
        places = np.flatnonzero(lengths == length).tolist()
        store = pack([pieces[i] for i in places], trained.reader)
        for place, one in zip(places, trained.answer_alike(store, voice, size=max(1, STEPS // length)), strict=True):
            out[place] = one
    return out
