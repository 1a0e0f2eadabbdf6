"""Judgements of boxes: what is kept of each sample so that a split can be measured and shown.

A line holds n answers of class, score, box and the overlaps they reach (`precision.matched`, as the bits of a whole
number), m true lines of class and box, and the loss; all in one tensor, as the engine keeps tensors.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from multicnn.tasks.precision import OVERLAPS, matched

ANSWER, TRUE = 7, 5  # numbers of an answer and of a true line


class Judged(NamedTuple):
    """found: class, score, box, `samples n 6`.  hits: `samples n overlaps`.  true: `samples m 5`.  loss: `samples`."""

    found: np.ndarray
    hits: np.ndarray
    true: np.ndarray
    loss: np.ndarray


def pack(found: Tensor, true: Tensor, loss: Tensor) -> Tensor:
    """b n 6, b m 5, b -> b (7 n + 5 m + 1)"""
    lines = torch.cat([found, as_number(matched(found, true)).to(found.dtype)], -1)
    return torch.cat([lines.flatten(1), true.to(found.dtype).flatten(1), loss[:, None]], 1)


def as_number(hits: Tensor) -> Tensor:
    """The overlaps reached as the bits of a whole number.  b n overlaps, bool -> b n 1"""
    return (hits * 2 ** torch.arange(len(OVERLAPS), device=hits.device)).sum(-1, keepdim=True)


def as_hits(number: np.ndarray) -> np.ndarray:
    """What `as_number` was given.  ... 1 -> ... overlaps, bool"""
    return ((number.astype(np.int64) >> np.arange(len(OVERLAPS))) & 1).astype(bool)


def unpack(judged: np.ndarray, n: int) -> Judged:
    """samples (7 n + 5 m + 1) -> what `pack` was given of `n` answers a sample"""
    answers, true, loss = np.split(judged, [n * ANSWER, judged.shape[1] - 1], axis=1)
    answers = answers.reshape(len(judged), n, ANSWER)
    return Judged(answers[..., :6], as_hits(answers[..., 6:]), true.reshape(len(judged), -1, TRUE), loss[:, 0])
