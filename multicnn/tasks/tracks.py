"""Whole recordings from the answers to their pieces: what is known and said of each, along its time.

A piece's truth `y` is `HEAD + m` lines of three numbers. The first: number of the recording, number of the piece, and
seconds from a piece's begin to the next one's. The second: seconds that the piece holds, and from where to where in
it, in seconds, it answers for the recording. The third: what is known (one of TIMES, TAGS, NOTHING), and the seconds of
the whole piece. Then class, onset and offset in seconds of the piece; class -1 where there are no more; without times,
NaN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from multicnn.tasks.spans import NONE, merged

HEAD = 3  # lines before the events
TIMES, TAGS, NOTHING = 0, 1, 2  # known: when events are; which occur; neither
FACTS = 2  # numbers of a judgement that tell its sizes: cells, and their seconds
TINY = 1e-4  # seconds: less of a cell is no cell
DIGITS = 3  # places piece by piece are whole milliseconds


class Judged(NamedTuple):
    """scores: n k t.  tags: n k, of each class anywhere in the piece.  y: n (HEAD + m) 3.  loss: n.  cell: seconds."""

    scores: np.ndarray
    tags: np.ndarray
    y: np.ndarray
    loss: np.ndarray
    cell: float


@dataclass(frozen=True, eq=False)
class Track:
    """One recording.

    rows: of its pieces, in order.  known: TIMES, TAGS or NOTHING.  scores: k t, of cells with borders edges: t + 1
    seconds.  tags: k, the most that any piece gave each class.  true: the merged spans of each class.  present: k bool.
    """

    rows: np.ndarray
    known: int
    scores: np.ndarray
    edges: np.ndarray
    tags: np.ndarray
    true: list[np.ndarray]
    present: np.ndarray

    @property
    def length(self) -> float:
        """Seconds."""
        return float(self.edges[-1])


def pack(scores: Tensor, tags: Tensor, y: Tensor, loss: Tensor, cell: float) -> Tensor:
    """b k t, b k, b (HEAD + m) 3, b -> b numbers"""
    sizes = torch.tensor([scores.shape[2], cell], dtype=torch.float64, device=scores.device)
    parts = [sizes.expand(len(y), -1), scores.flatten(1), tags, y.flatten(1), loss[:, None]]
    return torch.cat([p.to(torch.float64) for p in parts], 1)


def unpack(judged: np.ndarray, k: int) -> Judged:
    """What `pack` was given, of k classes."""
    cells = int(judged[0, 0]) if len(judged) else 0
    ends = np.cumsum([FACTS, k * cells, k])
    _, scores, tags, rest = np.split(judged, ends, axis=1)
    y, loss = rest[:, :-1].reshape(len(judged), -1, 3), rest[:, -1]
    return Judged(scores.reshape(len(judged), k, cells), tags, y, loss, float(judged[0, 1]) if cells else 0.0)


def tracks(judged: Judged) -> list[Track]:
    """The recordings in the order of their first pieces."""
    number = judged.y[:, 0, 0]
    _, first = np.unique(number, return_index=True)
    return [track(judged, np.flatnonzero(number == n)) for n in number[np.sort(first)]]


def track(judged: Judged, rows: np.ndarray) -> Track:
    """One recording from the rows of its pieces."""
    rows = rows[np.argsort(judged.y[rows, 0, 1], kind="stable")]
    head = judged.y[rows, :HEAD]
    starts = head[:, 0, 1] * head[:, 0, 2].round(DIGITS)
    known = int(head[0, 2, 0])
    scores, edges = join(judged.scores[rows], starts, head[:, 1, 1], head[:, 1, 2], judged.cell)
    k = scores.shape[0]
    lines = np.concatenate([shifted(judged.y[r, HEAD:], s) for r, s in zip(rows, starts, strict=True)])
    present = np.isin(np.arange(k), lines[:, 0])
    true = [trimmed(merged(lines[lines[:, 0] == c, 1:]), edges[-1]) if known == TIMES else NONE for c in range(k)]
    return Track(rows, known, scores, edges, judged.tags[rows].max(0), true, present)


def shifted(events: np.ndarray, start: float) -> np.ndarray:
    """Events of a piece in the time of the recording, without the lines behind the last.  m 3 -> n 3"""
    return events[events[:, 0] >= 0] + [0, start, start]


def trimmed(spans: np.ndarray, end: float) -> np.ndarray:
    """Within the recording, which float32 may miss by a little."""
    return spans.clip(0, end)


def join(
    scores: np.ndarray | Sequence[np.ndarray], starts: np.ndarray, low: np.ndarray, high: np.ndarray, cell: float
) -> tuple[np.ndarray, np.ndarray]:
    """The scores of pieces end to end, each from its `low` to its `high` second, and the borders of their cells.

    Cells are cut at the borders of their piece's share.
    n k t, n, n, n -> k T, T + 1
    """
    parts, borders, end = [], [np.zeros(1)], 0.0
    for own, start, a, b in zip(scores, starts, low, high, strict=True):
        begin = np.arange(own.shape[1]) * cell
        mine = (begin + cell > a + TINY) & (begin < b - TINY)
        parts.append(own[:, mine])
        end = start + b
        ends = np.minimum(start + begin[mine] + cell, end)
        ends[-1:] = end
        borders.append(ends)
    return np.concatenate(parts, axis=1), np.concatenate(borders)
