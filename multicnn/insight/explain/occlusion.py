"""Occlusion: how far the score falls when a part of the sample is taken away. Zeiler, Fergus 2014, arXiv 1311.2901."""

from collections.abc import Sequence

import torch
from torch import Tensor

from multicnn.insight.explain.blocks import sides, windows
from multicnn.insight.explain.question import Heat, Question, asked


def occlusion(this: Question, *, window: Sequence[int] = (), stride: Sequence[int] = ()) -> Heat:
    """The mean fall of the score over the windows that cover a cell.

    window, stride: cells along each axis; left open two blocks and one, and of a line one and one, see `blocks`.
    """
    cells = this.sample.inside.shape
    step = tuple(stride) or tuple(sides(cells))
    line = sum(n > 1 for n in cells) < 2
    size = tuple(window) or tuple(min(n, s if line else 2 * s) for n, s in zip(cells, step, strict=True))
    boxes = windows(cells, size, step).to(this.sample.inside.device) & this.sample.inside
    boxes = boxes[boxes.flatten(1).any(1)]
    falls = whole(this) - asked(this, (~boxes).to(this.sample.grid)[None].expand(len(this.aims), *boxes.shape))
    return Heat(covered(falls, boxes), True, [{"windows": len(boxes)}] * len(falls))


def whole(this: Question) -> Tensor:
    """The scores of the samples as they are.  -> b 1"""
    keep = torch.ones_like(this.sample.inside).to(this.sample.grid)
    return asked(this, keep.expand(len(this.aims), 1, *keep.shape))


def covered(falls: Tensor, boxes: Tensor) -> Tensor:
    """The mean over the boxes that cover a cell, 0 where none does.  b n, n *cells -> b *cells"""
    cover = boxes.to(falls)
    return torch.tensordot(falls, cover, 1) / cover.sum(0).clamp(min=1)
