"""Recordings with events as their layout gives them, made one table.

A recording's answer is a line of JSON: `{"known": 0, "events": [["dog", 0.5, 1.25], ...]}`, onset and offset in
seconds; known as in `multicnn.tasks.tracks`. Of tags alone the times are null.
"""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from multicnn.audio.decode import header
from multicnn.data.mended import Mended
from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError
from multicnn.tasks.spans import merged
from multicnn.tasks.tracks import NOTHING, TAGS, TIMES

BEYOND = 0.5  # seconds that an event may reach beyond the end of its recording: rounding, or padding cut off
Event = tuple[str, float, float]  # class, onset, offset


@dataclass
class Marked:
    """One recording: file, what a person calls it, its events and, where only those are known, its tags.

    known: TIMES, TAGS or NOTHING.  where: the file and line that it comes from, for the user.
    """

    path: str
    id: str
    known: int = TIMES
    events: list[Event] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    part: str = ""
    group: str = ""
    where: str = ""


def answer(known: int, events: Sequence[Sequence[object]]) -> str:
    """The line of JSON of one recording."""
    return json.dumps({"known": known, "events": [list(e) for e in events]}, ensure_ascii=False)


def tabled(name: str, found: Sequence[Marked], said: Sequence[str] = ()) -> Table:
    """The table of marked recordings.

    Events of one class that overlap or touch are merged, those without length left out, those that end a little behind
    their recording cut, all counted in `said`. Raises DataError for an event far behind the end, and where there is no
    event at all.
    """
    if not found:
        raise DataError(f"{name}: no recording; give sounds with their events")
    with ThreadPoolExecutor() as pool:
        seconds = list(pool.map(length, (m.path for m in found)))
    mended = Mended()
    events = [settled(m, s, mended) for m, s in zip(found, seconds, strict=True)]
    labels = [sorted({str(e[0]) for e in own}) for own in events]
    classes, target = number_several(labels)
    if not classes:
        raise DataError(f"{name}: none of its {len(found):,} recordings has an event; there is nothing to learn")
    parts, groups = [m.part for m in found], [m.group for m in found]
    return Table(
        name=name,
        items=strings(m.path for m in found),
        ids=strings(m.id for m in found),
        classes=classes,
        target=target,
        split=strings(parts) if any(parts) else None,
        group=strings(g or m.id for g, m in zip(groups, found, strict=True)) if any(groups) else None,
        answer=strings(answer(m.known, own) for m, own in zip(found, events, strict=True)),
        said=(*told(found, events), *said, *mended.said()),
    )


def told(found: Sequence[Marked], events: Sequence[Sequence[object]]) -> list[str]:
    """What there is."""
    timed = [len(own) for m, own in zip(found, events, strict=True) if m.known == TIMES]
    lines = [f"{sum(timed):,} events in {len(timed):,} recordings"] if timed else []
    lines += [f"{timed.count(0):,} recordings without an event, kept"] if 0 in timed else []
    for known, what in ((TAGS, "only known for what occurs in them"), (NOTHING, "of which nothing is known")):
        n = sum(m.known == known for m in found)
        lines += [f"{n:,} recordings {what}"] if n else []
    return lines


def length(path: str) -> float:
    """Seconds by the header; infinite for a file that the store will name as bad."""
    try:
        return header(path).seconds
    except DataError:
        return np.inf


def settled(marked: Marked, seconds: float, mended: Mended) -> list[tuple[str, float | None, float | None]]:
    """What the table says of one recording of so many seconds."""
    if marked.known != TIMES:
        return [(c, None, None) for c in sorted(set(marked.tags))]
    out: list[tuple[str, float | None, float | None]] = []
    for c in dict.fromkeys(e[0] for e in marked.events):
        own = np.array([checked(marked, e, seconds, mended) for e in marked.events if e[0] == c])
        whole = own[own[:, 1] > own[:, 0]]
        if short := len(own) - len(whole):
            mended.note("events without length left out", marked.where or marked.id, short)
        one = merged(whole)
        if fewer := len(whole) - len(one):
            mended.note("events merged with one of their class that they overlap or touch", marked.id, fewer)
        out += [(c, float(a), float(b)) for a, b in one]
    return out


def checked(marked: Marked, event: Event, seconds: float, mended: Mended) -> tuple[float, float]:
    """Onset and offset within the recording. Raises DataError where they cannot be meant."""
    c, onset, offset = event
    where = marked.where or marked.id
    if not (np.isfinite([onset, offset]).all() and 0 <= onset <= offset):
        raise DataError(f"{where}: event {c!r} from {onset:g} to {offset:g} s; give 0 <= onset <= offset")
    if offset > seconds + BEYOND:
        raise DataError(
            f"{where}: event {c!r} ends at {offset:g} s, but {marked.path} at {seconds:.6g} s; correct it, or the file"
        )
    if offset > seconds:
        mended.note("events cut at the end of their recording", where)
    return min(onset, seconds), min(offset, seconds)
