"""A row of a table for each piece of a recording, with what is known of it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from multicnn.audio.decode import header
from multicnn.audio.events.reader import PieceReader
from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.tasks.tracks import TIMES

GUESSED = (".mp3",)  # headers that only estimate a length


def cut(table: Table, reader: PieceReader) -> tuple[Table, np.ndarray]:
    """A row a piece, and the row of the recording that each is of; one of a recording that cannot be read.

    The answer becomes `{"head": three lines, "events": [[class, onset, offset], ...]}`, in the piece's time, with the
    events that sound in it; the target, which classes those are.
    """
    samples = [length(item, reader) for item in table.items]
    counts = [reader.count(n) for n in samples]
    of = np.repeat(np.arange(len(table)), counts)
    number = np.concatenate([np.arange(n) for n in counts])
    assert table.answer is not None
    known = [json.loads(str(answer)) for answer in table.answer]
    pieces = [
        piece(known[row], row, i, samples[row] / reader.rate, counts[row], reader)
        for row, i in zip(of.tolist(), number.tolist(), strict=True)
    ]
    rows = table.take(of)
    several = np.array(counts)[of] > 1
    names = [f"{name}#{i}" if more else str(name) for name, i, more in zip(rows.ids, number, several, strict=True)]
    places = strings(f"{item}\0{i}" for item, i in zip(rows.items, number, strict=True))
    more = len(of) > len(table)
    said = f"{len(table):,} recordings are heard in {len(of):,} pieces of {reader.seconds:g} s"
    return replace(
        rows,
        items=parts(table, reader, of, number) if table.items.ndim > 1 else places,
        ids=strings(names),
        target=np.array([[c in {e[0] for e in p["events"]} for c in table.classes] for p in pieces]),
        group=(rows.ids if rows.group is None else rows.group) if more else rows.group,
        answer=strings(json.dumps(p) for p in pieces),
        said=(*table.said, *([said] if more else [])),
    ), of


def parts(table: Table, reader: PieceReader, of: np.ndarray, number: np.ndarray) -> np.ndarray:
    """The pieces of recordings in memory, which are as long as their longest.  -> pieces t"""
    size = min(reader.shape[0], table.items.shape[1])
    out = np.zeros((len(of), size), dtype=table.items.dtype)
    for line, row, i in zip(out, of, number, strict=True):
        own = table.items[row, reader.start(i) :][:size]
        line[: len(own)] = own
    return out


def length(item: Any, reader: PieceReader) -> int:
    """Samples of a recording at the reader's rate; one piece's for what cannot be read, which the store then names."""
    if isinstance(item, np.ndarray):
        return len(item)
    try:
        if str(item).lower().endswith(GUESSED):
            return len(reader.whole()(str(item)))
        return round(header(item).seconds * reader.rate)
    except DataError:
        return reader.shape[0]


def piece(
    known: dict[str, Any], row: int, number: int, seconds: float, count: int, reader: PieceReader
) -> dict[str, Any]:
    """What is known of a piece of the recording in `row`, which lasts `seconds`."""
    start = number * reader.hop
    held = min(seconds - start, reader.seconds)
    low, high = reader.share(number, held, last=number == count - 1)
    head = [[row, number, reader.hop], [held, low, high], [known["known"], 0, reader.seconds]]
    if known["known"] == TIMES:
        events = sounding(known["events"], start, start + held)
    else:
        events = [[c, None, None] for c, *_ in known["events"]]
    return {"head": head, "events": events}


def sounding(events: Sequence[Sequence[Any]], start: float, end: float) -> list[list[Any]]:
    """The events that sound between start and end, whole, in seconds from start."""
    return [[c, on - start, off - start] for c, on, off in events if off > start and on < end]
