"""Maps of class numbers: moved with their samples, counted against the truth, measured from the counts.

A sample's counts are a line of 3 k + 1 numbers: cells of each class in both maps, in the answer and in the truth, over
the cells that count, and the summed cross-entropy in nats. So no map has to be kept to measure a split.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from multicnn.blocks.warp import warp_nearest
from multicnn.tasks.metrics import ratio


def moved(y: Tensor, matrix: Tensor, outside: int) -> Tensor:
    """Each cell takes the class that lay nearest to where it comes from, `outside` where it comes from none.

    matrix: as in `multicnn.train.augment.Moving`.  b *grid, b rank+1 rank+1 -> b *grid
    """
    return warp_nearest(y[:, None], matrix, outside)[:, 0]


def tally(out: Tensor, y: Tensor, ignore: int) -> Tensor:
    """The counts of each sample.  b k *grid logits, b *grid -> b (3 k + 1)"""
    k, said = out.shape[1], out.argmax(1)
    known = y != ignore
    cost = F.cross_entropy(out, y, ignore_index=ignore, reduction="none").flatten(1).sum(1, keepdim=True)
    parts = [counted(y, known & (said == y), k), counted(said, known, k), counted(y, known, k)]
    return torch.cat([*parts, cost], dim=1)


def counted(classes: Tensor, where: Tensor, k: int) -> Tensor:
    """How many of each class a sample has, where it counts.  b *grid, b *grid -> b k"""
    row = torch.arange(len(classes), device=classes.device)[:, None] * (k + 1)
    number = torch.where(where, classes, k).flatten(1) + row
    return number.flatten().bincount(minlength=len(classes) * (k + 1)).view(-1, k + 1)[:, :k].float()


def counts(judged: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells in both, answered and true, by class.  ... (3 k + 1) -> ... k, ... k, ... k"""
    both, said, true = np.split(judged[..., :-1], 3, axis=-1)
    return both, said, true


def measured(judged: np.ndarray, classes: Sequence[str], weight: np.ndarray | None = None) -> dict[str, float]:
    """iou_mean, dice_mean and pixel_accuracy over all cells of the split, iou_image_mean over its samples.

    Means are over the classes, background included, that occur in truth or answer: of the split, for iou_image_mean of
    each sample first. Of two classes the second is the object, whose iou_NAME and dice_NAME stand by themselves.
    As scikit-learn's jaccard_score, f1_score and accuracy_score over all cells. weight: how often each sample counts.
    """
    weight = np.ones(len(judged)) if weight is None else weight
    both, said, true = counts(weight @ judged)
    iou, dice, occurs = ratio(both, said + true - both), ratio(2 * both, said + true), said + true > 0
    found = {
        "iou_mean": float(mean(iou, occurs)),
        "dice_mean": float(mean(dice, occurs)),
        "pixel_accuracy": float(ratio(both.sum(), true.sum())),
        "iou_image_mean": image_mean(judged, weight),
    }
    if len(classes) == 2:
        found |= {f"iou_{classes[1]}": float(iou[1]), f"dice_{classes[1]}": float(dice[1])}
    return found


def image_mean(judged: np.ndarray, weight: np.ndarray) -> float:
    """The mean over samples with known cells of the mean over their classes of intersection over union."""
    both, said, true = counts(judged)
    occurs = said + true > 0
    return float(mean(mean(ratio(both, said + true - both), occurs), weight * occurs.any(axis=-1)))


def mean(values: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Over the last axis, weighted; 0 where nothing has weight.  ... k, ... k -> ..."""
    return ratio((values * share).sum(axis=-1), share.sum(axis=-1))


def by_class(judged: np.ndarray, classes: Sequence[str]) -> dict[str, dict[str, float]]:
    """iou, dice, precision, recall and true cells of each class, over all cells of the split."""
    both, said, true = counts(judged.sum(axis=0))
    columns = ratio(both, said + true - both), ratio(2 * both, said + true), ratio(both, said), ratio(both, true), true
    names = "iou", "dice", "precision", "recall"
    return {
        c: {**dict(zip(names, map(float, line), strict=False)), "cells": int(line[-1])}
        for c, *line in zip(classes, *columns, strict=True)
    }
