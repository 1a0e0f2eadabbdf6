"""Integrated gradients: how much each number of the grid adds to the score on the way from nothing to the sample."""

import numpy as np
import torch
from torch import Tensor

from multicnn.insight.explain.question import Heat, Question, asked, gradients, read, rows

STEPS = 32


def integrated_gradients(this: Question, *, steps: int = STEPS) -> Heat:
    """Mean gradient on the straight way from the empty sample, times how far it is. Sundararajan et al. 2017,
    arXiv 1703.01365, by Gauss and Legendre's `steps` points.

    Numbers of the front-end's grid; for pixels that are normalised they are those of the raw pixels. The sum over all
    is the difference of the scores but for the error of the sum over steps, which `facts` tell: "difference", "sum".
    """
    sample = this.sample
    way = (sample.grid - sample.base).detach()
    found = way * mean_slopes(this, way, steps)
    keep = torch.stack([torch.ones_like(sample.inside), torch.zeros_like(sample.inside)]).to(found)
    ends = asked(this, keep.expand(len(found), *keep.shape))
    total = found.flatten(1).sum(1)
    facts = [{"difference": float(d), "sum": float(s)} for d, s in zip(ends[:, 0] - ends[:, 1], total, strict=True)]
    return Heat(found.sum(1), True, facts, found)


def mean_slopes(this: Question, way: Tensor, steps: int) -> Tensor:
    """The gradients' weighted mean over the points of the way.  b c *cells -> b c *cells"""
    places, weights = (torch.tensor(n, dtype=way.dtype, device=way.device) for n in points(steps))
    total = torch.zeros_like(way)
    for some, share in zip(places.split(rows(way)), weights.split(rows(way)), strict=True):
        along = some.view(1, -1, *[1] * (way.ndim - 1))
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # see `cams`
            grids = (this.sample.base[:, None] + along * way[:, None]).detach().requires_grad_()
            score = read(this.aims, this.net.answer(grids.flatten(0, 1)))
            slopes = gradients(score.sum(), grids)
        total += (slopes * share.view(1, -1, *[1] * (way.ndim - 1))).sum(1)
    return total


def points(steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Places from 0 to 1, and their weights, which sum to 1."""
    at, weight = np.polynomial.legendre.leggauss(steps)
    return (at + 1) / 2, weight / 2
