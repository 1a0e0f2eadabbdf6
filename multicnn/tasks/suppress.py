"""Boxes from a dense detector's answer, with numpy alone: what `Detect.chosen` finds, for where there is no torch."""

import numpy as np

from multicnn.tasks.detect import LEAST, LOOKED_AT
from multicnn.zoo.prototypes import FINER


def chosen(out: np.ndarray, k: int, overlap: float, most: int) -> np.ndarray:
    """Class, score, box and number of the cell, best score first, the weaker of two that overlap struck out.

    cells (k + 9) -> n 7, at most `most`
    """
    out = out.astype(np.float32)
    scores = np.sqrt(sigmoid(out[:, :k]) * sigmoid(out[:, k : k + 1])).ravel()
    order = np.argsort(-scores, kind="stable")[:LOOKED_AT]
    order = order[scores[order] > LEAST]
    box = out[order // k, k + 1 : k + 5].clip(0, 1)
    lines = np.concatenate([(order % k)[:, None], scores[order, None], box, (order // k)[:, None]], axis=1)
    return lines[kept(lines[:, 2:6].astype(np.float64), lines[:, 0], overlap)][:most]


def kept(box: np.ndarray, kind: np.ndarray, overlap: float) -> np.ndarray:
    """Which boxes, the best first, overlap no better one of their class by more.  n 4, n -> n"""
    out = np.ones(len(box), dtype=bool)
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    for n in range(len(box)):
        if out[n]:
            side = np.minimum(box[n, 2:], box[n + 1 :, 2:]) - np.maximum(box[n, :2], box[n + 1 :, :2])
            both = side.clip(0).prod(axis=1)
            union = area[n] + area[n + 1 :] - both
            out[n + 1 :] &= ~((kind[n + 1 :] == kind[n]) & (both > overlap * union))
    return out


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e ** -x), without overflow."""
    return np.exp(-np.logaddexp(0, -x))


def lifted(rows: np.ndarray, place: np.ndarray) -> np.ndarray:
    """See `multicnn.zoo.prototypes.lifted`.  cells (4 p), cells 4 -> p (2 h) (2 w)"""
    finest = (place[:, 2:] == place[0, 2:]).all(axis=1)
    columns = int((finest & (place[:, 1] == place[0, 1])).sum())
    maps = rows[finest].T.reshape(-1, FINER, FINER, int(finest.sum()) // columns, columns)
    return maps.transpose(0, 3, 1, 4, 2).reshape(len(maps), maps.shape[3] * FINER, columns * FINER)
