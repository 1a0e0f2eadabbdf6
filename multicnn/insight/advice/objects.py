"""How large the objects of a data set are, in cells of the grid."""

from typing import Any, cast

import numpy as np
import torch

from multicnn.tasks import pieces

LOOKED_AT = 100  # samples, spread evenly
IGNORED = 255  # the class of cells that nobody knows


def of_boxes(target: np.ndarray, grid: tuple[int, ...]) -> np.ndarray:
    """Of boxes as `multicnn.tasks.boxes` has them.  n most 5 -> m 2, high and wide"""
    lines = target.reshape(-1, 5)
    lines = lines[lines[:, 0] >= 0]
    return np.column_stack([lines[:, 4] - lines[:, 2], lines[:, 3] - lines[:, 1]]) * np.array(grid)


def of_pieces(target: np.ndarray, grid: tuple[int, ...]) -> np.ndarray:
    """Of instances as `multicnn.tasks.pieces` packs them.  n (2 + most + h w) -> m 2"""
    return of_boxes(pieces.lines(torch.from_numpy(np.asarray(target))).numpy(), grid)


def of_maps(target: np.ndarray, grid: tuple[int, ...]) -> np.ndarray:
    """Of the regions of one class each that touch, without those of the most frequent class.  n *grid -> m rank"""
    from scipy.ndimage import find_objects, label

    classes, counts = np.unique(target, return_counts=True)
    sides = [
        [edge.stop - edge.start for edge in box]
        for sample in target
        for k in np.setdiff1d(classes, [classes[counts.argmax()], IGNORED])
        for box in find_objects(cast(Any, label(sample == k))[0])
    ]
    return np.array(sides, dtype=float).reshape(len(sides), target.ndim - 1)
