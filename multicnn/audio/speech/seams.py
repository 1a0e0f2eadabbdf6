"""A sound's pieces joined again without a seam, then cut in its pauses, so that texts are found in little memory."""

from collections.abc import Iterator
from typing import Any

import numpy as np

LONG = 20.0  # s, from which a text is cut at the next pause
LONGEST = 60.0  # s, from which it is cut at the likeliest blank of its last third
PAUSE = 0.3  # s of blanks, the least that counts as a pause


def parts(answer: Iterator[np.ndarray], reader: Any, task: Any) -> Iterator[tuple[float, np.ndarray]]:
    """Stretches between pauses, each with the second it begins at.  pieces (k + 1) t -> s, (k + 1) t"""
    held, first = None, 0
    for piece in kept(answer, reader, task):
        held = piece if held is None else np.concatenate([held, piece], axis=1)
        while (cut := pause(held, task.step)) is not None:
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


def pause(chances: np.ndarray, step: float) -> int | None:
    """Where to cut a stretch that has become long: in the middle of its last pause; None where it may grow."""
    length = chances.shape[1] * step
    if length < LONG:
        return None
    blank = chances.argmax(axis=0) == len(chances) - 1
    edges = np.flatnonzero(np.diff(blank.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    wide = (ends - starts) * step >= PAUSE
    inside = wide & (starts > 0) & (ends < len(blank))
    if inside.any():
        last = np.flatnonzero(inside)[-1]
        return int(starts[last] + ends[last]) // 2
    if length < LONGEST:
        return None
    third = 2 * len(blank) // 3
    return third + int(chances[-1, third:].argmax())
