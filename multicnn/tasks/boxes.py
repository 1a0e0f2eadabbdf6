"""Boxes as tensors `... 4`: left, top, right, bottom, as shares of the grid, whose far corner is (1, 1).

Overlaps do not change when an axis is stretched, so that shares serve as well as cells. A sample's true boxes are
lines of class number and box, `m 5`, with class NONE in the lines that it does not need.
"""

import torch
from torch import Tensor

NONE = -1.0  # the class of a line without a box
LEFT_OVER = 0.2  # share of a moved box that must stay within the grid


def area(boxes: Tensor) -> Tensor:
    """0 for a box whose edges are in the wrong order.  ... 4 -> ..."""
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)


def overlap(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Areas of the intersection and of the union.  ... 4, ... 4 -> ..., ..."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    both = (high - low).clamp(min=0).prod(-1)
    return both, area(a) + area(b) - both


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union, 0 for two empty boxes.  ... 4, ... 4 -> ..."""
    both, either = overlap(a, b)
    return both / either.clamp(min=torch.finfo(either.dtype).tiny)


def giou(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union, less the share of the hull that neither covers. Rezatofighi et al. 2019, 1902.09630.

    From -1 to 1, with a gradient where boxes do not touch.  ... 4, ... 4 -> ...
    """
    both, either = overlap(a, b)
    low, high = torch.minimum(a[..., :2], b[..., :2]), torch.maximum(a[..., 2:], b[..., 2:])
    hull = (high - low).prod(-1).clamp(min=1e-9)  # a millionth of a pixel of 1000 x 1000
    return both / either.clamp(min=1e-9) - (hull - either) / hull


def moved(y: Tensor, matrix: Tensor) -> Tensor:
    """The upright hulls of boxes whose grid an augment has moved, cut by its border; NONE where little is left.

    matrix: as in `multicnn.train.augment.Moving`.  b m 5, b 3 3 -> b m 5
    """
    x1, y1, x2, y2 = (2 * y[..., 1:] - 1).unbind(-1)
    xs, ys = torch.stack([x1, x2, x2, x1], -1), torch.stack([y1, y1, y2, y2], -1)
    corners = torch.stack([xs, ys, torch.ones_like(xs)], -1)  # b m 4 3
    there = corners @ torch.linalg.inv(matrix.float()).mT[:, None]
    there = (there[..., :2] / there[..., 2:] + 1) / 2
    hull = torch.cat([there.amin(-2), there.amax(-2)], -1)
    inside = hull.clamp(0, 1)
    lost = area(inside) < LEFT_OVER * area(hull)
    return torch.cat([torch.where(lost, NONE, y[..., 0])[..., None], inside], -1)
