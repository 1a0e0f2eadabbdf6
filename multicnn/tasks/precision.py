"""Average precision of boxes as COCO defines it, from judgements small enough to keep, for any weights of samples.

Lin et al. 2014, arxiv.org/abs/1405.0312: matches at ten overlaps from 0.50 to 0.95, precision read at 101 recalls. The
numbers equal those of the COCO tools (tested); their `accumulate` cannot weigh samples, as intervals need.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from multicnn.tasks.boxes import iou

OVERLAPS = np.linspace(0.5, 0.95, 10)  # intersection over union, at least
RECALLS = np.linspace(0, 1, 101)


def matched(found: Tensor, true: Tensor) -> Tensor:
    """Which overlaps each answer reaches with a true box of its class that no better answer has taken.

    found: class, score, box, best score first. true: class, box. A class below 0 is a line without a box.
    b n 6, b m 5 -> b n overlaps
    """
    return taken(iou(found[:, :, None, 2:].double(), true[:, None, :, 1:].double()), same(found, true))


def same(found: Tensor, true: Tensor) -> Tensor:
    """Whether an answer and a true line are of one class.  b n 6, b m 5 -> b n m"""
    return (found[..., None, 0] == true[:, None, :, 0]) & (found[..., None, 0] >= 0)


def taken(share: Tensor, alike: Tensor) -> Tensor:
    """`matched` by any overlaps, those of masks say; `alike` tells which pairs may match at all.

    b n m, b n m -> b n overlaps
    """
    share = torch.where(alike, share, -1)
    need = torch.tensor(OVERLAPS, device=share.device)[:, None]
    free = torch.ones(len(share), len(OVERLAPS), share.shape[2], dtype=torch.bool, device=share.device)
    hits = []
    for line in share.unbind(1):  # b m
        best, which = torch.where(free & (line[:, None] >= need), line[:, None], -1).max(-1, keepdim=True)
        hits.append(best[..., 0] > 0)
        free = free.scatter(-1, which, free.gather(-1, which) & (best <= 0))
    return torch.stack(hits, 1)


def average_precision(
    found: np.ndarray, hits: np.ndarray, true: np.ndarray, k: int, weight: np.ndarray | None = None
) -> np.ndarray:
    """Of each class at each overlap, NaN for a class without true boxes.

    found: class and score of each answer. hits: see `matched`. true: classes. weight: how often each sample counts.
    samples n 2, samples n overlaps, samples m -> k overlaps
    """
    weight = np.ones(len(found)) if weight is None else weight
    sample, place = np.nonzero((found[..., 0] >= 0) & (weight > 0)[:, None])
    order = np.argsort(-found[sample, place, 1], kind="stable")
    sample, place = sample[order], place[order]
    of, hit, counts = found[sample, place, 0], hits[sample, place], weight[sample, None]
    result = np.full((k, hits.shape[-1]), np.nan)
    for c in range(k):
        positives = weight @ (true == c).sum(axis=1)
        if positives > 0:
            mine = of == c
            result[c] = read(counts[mine] * hit[mine], counts[mine], positives)
    return result


def read(hits: np.ndarray, seen: np.ndarray, positives: float) -> np.ndarray:
    """Mean over the recalls of the highest precision at that recall or above; 0 above the highest recall.

    n overlaps, n 1 -> overlaps
    """
    right = np.cumsum(hits, axis=0)
    precision = right / np.cumsum(seen, axis=0)
    precision = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    precision = np.concatenate([precision, np.zeros((1, hits.shape[1]))])
    places = [np.searchsorted(column, RECALLS) for column in (right / positives).T]
    return np.array([precision[at, i].mean() for i, at in enumerate(places)])


def measured(precision: np.ndarray) -> dict[str, float]:
    """map (mean over classes and overlaps), map50 and map75; 0 where nothing is to be found.  k overlaps ->"""
    known = precision[~np.isnan(precision).any(axis=1)]
    if not len(known):
        return {"map": 0.0, "map50": 0.0, "map75": 0.0}
    return {"map": float(known.mean()), "map50": float(known[:, 0].mean()), "map75": float(known[:, 5].mean())}


def by_class(precision: np.ndarray, true: np.ndarray, classes: Sequence[str]) -> dict[str, dict[str, float]]:
    """ap (mean over overlaps), ap50 and true boxes of each class; 0 for one without.  k overlaps, samples m ->"""
    rows = np.nan_to_num(precision)
    return {
        c: {"ap": float(rows[i].mean()), "ap50": float(rows[i, 0]), "boxes": int((true == i).sum())}
        for i, c in enumerate(classes)
    }
