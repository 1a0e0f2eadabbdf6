"""A sound's pieces joined again without a seam, then cut in its pauses, so that texts are found in little memory."""

from collections.abc import Iterator
from typing import Any

import numpy as np

SILENCE = 0.8  # s of blanks that always part words, said or not
PAUSE = 0.2  # s of blanks, the least that counts as a pause
LONG = 20.0  # s, from which a text is cut at a pause between words
LONGEST = 60.0  # s, from which it is cut at any pause, or at the likeliest blank of its last third


def parts(answer: Iterator[np.ndarray], reader: Any, task: Any) -> Iterator[tuple[float, np.ndarray]]:
    """Stretches between pauses, each with the second it begins at.  pieces (k + 1) t -> s, (k + 1) t"""
    held, first = None, 0
    for piece in kept(answer, reader, task):
        held = piece if held is None else np.concatenate([held, piece], axis=1)
        while (cut := pause(held, task)) is not None:
            yield first * task.step, held[:, :cut]
            held, first = held[:, cut:], first + cut
    if held is not None and held.shape[1]:
        yield first * task.step, held


def kept(answer: Iterator[np.ndarray], reader: Any, task: Any) -> Iterator[np.ndarray]:
    """The steps of each piece's own time; what it says of its context is left out.  (k + 1) t -> (k + 1) t"""
    cell = task.step * reader.rate  # samples
    chunk, context = reader.samples("chunk"), reader.samples("context")
    waiting, start = None, 0
    for piece in answer:
        if waiting is not None:
            yield own(waiting, start, chunk, context, cell)
            start += chunk
        waiting = piece
    if waiting is not None:
        yield own(waiting, start, None, context, cell)


def own(piece: np.ndarray, start: int, chunk: int | None, context: int, cell: float) -> np.ndarray:
    """The steps that begin in a piece's own samples; the last piece goes on to its end."""
    before = min(start, context)
    first = int(np.ceil(start / cell - 1e-6)) - round((start - before) / cell)
    end = (
        piece.shape[1]
        if chunk is None
        else first + int(np.ceil((start + chunk) / cell - 1e-6) - np.ceil(start / cell - 1e-6))
    )
    return piece[:, first:end]


def pause(chances: np.ndarray, task: Any) -> int | None:
    """Where to cut a stretch: in its first silence, or where it has become long, in its last pause between words.

    None where it may grow.  (k + 1) t -> step
    """
    path = chances.argmax(axis=0)
    starts, ends = blanks(path == len(chances) - 1)
    seconds = (ends - starts) * task.step
    if (silent := np.flatnonzero(seconds >= SILENCE)).size:
        return int(starts[silent[0]] + ends[silent[0]]) // 2
    length = len(path) * task.step
    if length < LONG:
        return None
    apart = [
        task.texts[a].endswith(" ") or task.texts[b].startswith(" ")
        for a, b in zip(path[starts - 1], path[ends], strict=True)
    ]
    pauses = np.flatnonzero((seconds >= PAUSE) & (np.array(apart, dtype=bool) | (length >= LONGEST)))
    if pauses.size:
        return int(starts[pauses[-1]] + ends[pauses[-1]]) // 2
    third = 2 * len(path) // 3
    return third + int(chances[-1, third:].argmax()) if length >= LONGEST else None


def blanks(blank: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First step and step behind the last of each run of blanks that has units on both sides.  t -> n, n"""
    edges = np.flatnonzero(np.diff(blank.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    inside = (starts > 0) & (ends < len(blank))
    return starts[inside], ends[inside]
