"""Connectionist temporal classification: a shorter sequence in the same order as the steps of time.

Graves et al. 2006, doi.org/10.1145/1143844.1143891. Of k classes the last one is the blank; transcripts are class
numbers, padded with -1 behind their end.
"""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

PAD = -1


class Aligned(NamedTuple):
    """When each unit of a transcript is said.

    start, end: steps, the end not included.  share: geometric mean of its probability in them.  u, u, u
    """

    start: np.ndarray
    end: np.ndarray
    share: np.ndarray


def needed(y: np.ndarray) -> np.ndarray:
    """Steps that a transcript takes at least: its units, and a blank between equal neighbours.  n u -> n"""
    twice = (y[:, 1:] == y[:, :-1]) & (y[:, 1:] != PAD)
    return (y != PAD).sum(axis=1) + twice.sum(axis=1)


def without(y: Tensor, number: int) -> Tensor:
    """Transcripts without the units of that number.  b u -> b u"""
    kept = (y != number) & (y != PAD)
    order = (~kept).to(torch.uint8).argsort(dim=1, stable=True)
    return torch.where(kept, y, PAD).gather(1, order)


def losses(out: Tensor, y: Tensor) -> Tensor:
    """Minus the log of a transcript's probability, by its units (by 1 where it has none), in float32.

    As torch's own mean has it before the mean over the samples; infinite where the steps are too few.
    b k t logits, b u -> b
    """
    lengths = (y != PAD).sum(dim=1)
    chances = out.float().log_softmax(dim=1).permute(2, 0, 1)
    steps = torch.full_like(lengths, len(chances))
    whole = F.ctc_loss(chances, y.clamp(min=0), steps, lengths, blank=out.shape[1] - 1, reduction="none")
    return whole / lengths.clamp(min=1)


def best_path(chances: np.ndarray) -> list[int]:
    """The units of the likeliest path: its classes without repeats, then without blanks.  k t -> u"""
    path = chances.argmax(axis=0)
    first = np.diff(path, prepend=PAD) != 0
    return path[first & (path != len(chances) - 1)].tolist()


def forced(chances: np.ndarray, units: np.ndarray) -> np.ndarray:
    """The class of each step on the likeliest path that says just these units.  k t log-probabilities, u -> t"""
    states = np.full(2 * len(units) + 1, len(chances) - 1)
    states[1::2] = units
    return states[viterbi(chances, units)]


def viterbi(chances: np.ndarray, units: np.ndarray) -> np.ndarray:
    """The likeliest path as states: 0 is the blank before the first unit, 1 that unit, 2 the blank behind it, ...

    The steps must be as many as `needed`, or more.  k t log-probabilities, u -> t
    """
    states = np.full(2 * len(units) + 1, len(chances) - 1)
    states[1::2] = units
    leaps = np.full(len(states), -np.inf)
    leaps[3::2] = np.where(units[1:] != units[:-1], 0, -np.inf)  # from unit to unit, past the blank between
    emit = chances[states].T.astype(np.float64)
    ways = np.full((3, len(states)), -np.inf)
    score = np.full(len(states), -np.inf)
    score[:2] = emit[0, :2]
    came = np.zeros(emit.shape, dtype=np.int8)
    for step in range(1, len(emit)):
        ways[0], ways[1, 1:], ways[2, 2:] = score, score[:-1], score[:-2] + leaps[2:]
        came[step] = ways.argmax(axis=0)
        score = ways.max(axis=0) + emit[step]
    at = len(states) - 1 - int(len(states) > 1 and score[-2] > score[-1])
    path = np.empty(len(emit), dtype=np.int64)
    for step in range(len(emit) - 1, -1, -1):
        path[step] = at
        at -= int(came[step, at])
    return path


def align(chances: np.ndarray, units: np.ndarray) -> Aligned:
    """When each unit is said on the likeliest path.  k t log-probabilities, u -> u, u, u"""
    path = viterbi(chances, units)
    said = path % 2 == 1
    place, steps = path[said] // 2, np.flatnonzero(said)
    start = np.full(len(units), len(path))
    end, total = np.zeros(len(units), dtype=np.int64), np.zeros(len(units))
    np.minimum.at(start, place, steps)
    np.maximum.at(end, place, steps + 1)
    np.add.at(total, place, chances[units[place], steps])
    return Aligned(start, end, np.exp(total / np.maximum(end - start, 1)))
