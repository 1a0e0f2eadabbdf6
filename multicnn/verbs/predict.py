"""Predict: answers for files, folders, tables or lines of text that carry no labels."""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any, cast

import numpy as np

from multicnn.data.reader import InPieces
from multicnn.data.store import pack
from multicnn.errors import DataError
from multicnn.train.voice import Voice
from multicnn.verbs.modality import Prediction
from multicnn.verbs.together import Unread, similar, together
from multicnn.verbs.trained import Trained

BLOCK = 512  # samples decoded and answered at once, so that memory stays flat
ROOM = 25_000_000  # numbers of the answers to a block


def predict(trained: Trained, items: Sequence[tuple[str, Any]], voice: Voice) -> list[Prediction]:
    """Answers in the order of `items`, pairs of a name and what the reader takes; unreadable ones say why."""
    return list(one_by_one(trained, items, voice))


def one_by_one(trained: Trained, items: Sequence[tuple[str, Any]], voice: Voice) -> Iterator[Prediction]:
    """The same, each as soon as it is known, for answers that are large."""
    trained.warn_of_lost(voice)
    if isinstance(trained.reader, InPieces) and trained.reader.shape is None:
        for some in similar(items):
            yield from together(trained.meeting(item for _, item in some), some, voice)
        return
    if isinstance(trained.reader, InPieces):
        for name, item in items:
            yield _in_pieces(trained.meeting([item]), name, item, voice)
        return
    size = block(trained)
    for start in range(0, len(items), size):
        yield from _block(trained, items[start : start + size], voice)


def block(trained: Trained) -> int:
    """How many samples are answered at once: fewer where each of their cells has an answer."""
    cells = math.prod(trained.reader.shape or ()) * (trained.kind.numbers or len(trained.classes))
    return min(BLOCK, max(1, ROOM // cells)) if trained.kind.outcome.files else BLOCK


def _in_pieces(trained: Trained, name: str, item: Any, voice: Voice) -> Prediction:
    """One sample that is answered piece by piece while its answer is put together."""
    reader = cast(InPieces, trained.reader)
    try:
        return trained.kind.outcome.tell(
            name, item, trained.reader, trained.task, _answers(trained, reader.pieces(item), voice)
        )
    except DataError as error:
        return Unread(name, str(error))


def _answers(trained: Trained, pieces: Iterator[np.ndarray], voice: Voice) -> Iterator[np.ndarray]:
    """The answer to each of some decoded samples."""
    for some in batched(pieces, min(block(trained), trained.facts["batch_size"])):
        for _, alike in groupby(some, key=np.shape):
            yield from trained.answer_alike(pack(list(alike), trained.reader), voice)


def batched(values: Iterator[np.ndarray], n: int) -> Iterator[list[np.ndarray]]:
    """Lists of `n`, the last one shorter."""
    while some := list(islice(values, n)):
        yield some


def _block(trained: Trained, items: Sequence[tuple[str, Any]], voice: Voice) -> list[Prediction]:
    trained = trained.meeting(item for _, item in items)
    samples: dict[int, np.ndarray] = {}
    told: dict[int, Prediction] = {}
    for place, (name, item) in enumerate(items):
        try:
            if trained.spotter and trained.spotter.long(item):
                told[place] = trained.spotter.spot(
                    name, item, trained.task, lambda some: _answers(trained, some, voice)
                )
            else:
                samples[place] = trained.reader(item)
        except DataError as error:
            told[place] = Unread(name, str(error))
    answer = np.zeros((0, len(trained.classes)))
    if samples:
        store = pack(list(samples.values()), trained.reader)
        answer = trained.answer(store, np.arange(len(samples)), voice)
    answers = iter(answer)
    return [
        told[place]
        if place in told
        else trained.kind.outcome.tell(name, item, trained.reader, trained.task, next(answers))
        for place, (name, item) in enumerate(items)
    ]


def as_csv(predictions: Iterable[Prediction], columns: Sequence[str]) -> str:
    """The columns of the task's outcome, and the error of what could not be read."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write([*columns, "error"])
    for p in predictions:
        for cells in p.cells():
            write([*cells, *[""] * (len(columns) - len(cells)), p.error or ""])
    return out.getvalue()


def as_jsonl(predictions: Iterable[Prediction]) -> str:
    """One object a sample."""
    return "".join(json.dumps(p.record(), ensure_ascii=False) + "\n" for p in predictions)
