"""Masks from prototypes and what is kept of them: shapes on the grid, their overlaps, and judgements to measure.

Prototypes are coarser than the grid by a whole number of cells, `step`, and may reach beyond its far ends.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from multicnn.tasks.boxed import TRUE, as_hits, as_number
from multicnn.tasks.precision import matched, same, taken
from multicnn.zoo.cells import cut, stretch

ROOM = 0.1  # of a box's side, by which its mask may reach beyond it, for boxes are never exact
SURE = 0.5  # probability from which a cell belongs to a mask
ANSWER = 10  # numbers of an answer that are kept: class, score, box, two sets of overlaps, best overlap, area


class Judged(NamedTuple):
    """found: class, score, box, `samples n 6`.  hits, mask_hits: `samples n overlaps`, see `precision.matched`.
    share: of the truth of its class that each mask meets best.  area: of each mask, as a share of the grid.
    true: `samples m 5`.  loss: `samples`.
    """

    found: np.ndarray
    hits: np.ndarray
    mask_hits: np.ndarray
    share: np.ndarray
    area: np.ndarray
    true: np.ndarray
    loss: np.ndarray


def pack(found: Tensor, true: Tensor, share: Tensor, area: Tensor, loss: Tensor) -> Tensor:
    """share: overlap of each mask with each true one.  b n 6, b m 5, b n m, b n, b -> b (10 n + 5 m + 1)"""
    alike = same(found, true)
    hits, mask_hits = as_number(matched(found, true)), as_number(taken(share.double(), alike))
    best = torch.where(alike, share, 0).amax(-1, keepdim=True)
    answers = torch.cat([found, hits, mask_hits, best, area[..., None]], -1)
    return torch.cat([answers.flatten(1), true.flatten(1), loss[:, None]], 1)


def unpack(judged: np.ndarray, n: int) -> Judged:
    """samples (10 n + 5 m + 1) -> what `pack` was given of `n` answers a sample"""
    answers, true, loss = np.split(judged, [n * ANSWER, judged.shape[1] - 1], axis=1)
    answers = answers.reshape(len(judged), n, ANSWER)
    hits, mask_hits = as_hits(answers[..., 6:7]), as_hits(answers[..., 7:8])
    true = true.reshape(len(judged), -1, TRUE)
    return Judged(answers[..., :6], hits, mask_hits, answers[..., 8], answers[..., 9], true, loss[:, 0])


def masks(mix: Tensor, prototypes: Tensor, box: Tensor, step: int, grid: Sequence[int]) -> Tensor:
    """The cells of each box's mask.  n p, p h w, n 4, grid -> n *grid, bool"""
    if not len(box):
        return torch.zeros(0, *grid, dtype=torch.bool, device=box.device)
    found = torch.einsum("np,phw->nhw", mix, prototypes).sigmoid()
    fine = stretch(found[None], [n * step for n in found.shape[1:]])[0]
    return (cut(fine, grid) >= SURE) & within(widened(box, ROOM), grid, grid)


def widened(box: Tensor, room: float) -> Tensor:
    """By a share of its sides, beyond each edge.  ... 4 -> ... 4"""
    side = room * (box[..., 2:] - box[..., :2])
    return torch.cat([box[..., :2] - side, box[..., 2:] + side], -1)


def within(box: Tensor, cells: Sequence[int], grid: Sequence[float]) -> Tensor:
    """Whether the middle of each cell lies in a box; `grid` is how many cells make the share 1.  ... 4 -> ... *cells"""
    down, across = ((torch.arange(n, device=box.device) + 0.5) / of for n, of in zip(cells, grid, strict=True))
    x1, y1, x2, y2 = (edge[..., None] for edge in box.unbind(-1))
    return ((down > y1) & (down < y2))[..., :, None] & ((across > x1) & (across < x2))[..., None, :]


def overlaps(found: Tensor, owner: Tensor, m: int) -> Tensor:
    """Intersection over union of each mask with each of m instances of a map.  n h w, h w -> n m"""
    true = (owner.flatten()[:, None] == torch.arange(1, m + 1, device=owner.device)).float()
    own = found.flatten(1).float()
    both = own @ true
    either = own.sum(1, keepdim=True) + true.sum(0) - both
    return both / either.clamp(min=1)
