"""Whether a heat map names what the net goes by: how its answer changes when the hottest cells go, or come, first."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from multicnn.insight.explain.blocks import blocks
from multicnn.insight.explain.question import Question, asked

STEPS = 16  # of a curve
ORDERS = 4  # random ones, whose mean is what chance reaches


class Faithfulness(NamedTuple):
    """Areas below the curves of the chance, 0 to 1, as cells are taken away from the sample, or put into nothing.

    deletion: the lower the better.  insertion: the higher the better.  The random ones are of random orders of the same
    blocks of cells.
    """

    deletion: float
    insertion: float
    random_deletion: float
    random_insertion: float

    @property
    def gain(self) -> float:
        """How much better than random orders, both curves together; above 0 is better."""
        return self.random_deletion - self.deletion + self.insertion - self.random_insertion


def faithfulness(this: Question, heat: Tensor, *, seed: int = 0) -> list[Faithfulness]:
    """Of each sample. Petsiuk et al. 2018, arXiv 1806.07421; instead of single pixels whole blocks, see `blocks`.

    heat: b *cells
    """
    number, n = blocks(this.sample.inside)
    draw = torch.Generator().manual_seed(seed)
    chance = torch.stack([torch.randperm(n, generator=draw) for _ in range(ORDERS)]).to(heat.device)
    own = means(heat, number, n).argsort(dim=1, descending=True, stable=True)
    orders = torch.cat([own[:, None], chance.expand(len(heat), -1, -1)], 1)  # b orders n
    away, back = curves(this, orders, number)
    return [of_areas(d, i) for d, i in zip(areas(away), areas(back), strict=True)]


def of_areas(deletion: np.ndarray, insertion: np.ndarray) -> Faithfulness:
    """The heat map's own order comes first.  orders, orders ->"""
    return Faithfulness(
        float(deletion[0]), float(insertion[0]), float(deletion[1:].mean()), float(insertion[1:].mean())
    )


def means(heat: Tensor, number: Tensor, n: int) -> Tensor:
    """The mean heat of each block.  b *cells, *cells -> b n"""
    flat, place = heat.flatten(1), number.flatten()
    known = place >= 0
    total = torch.zeros(len(heat), n, device=heat.device, dtype=heat.dtype).index_add_(1, place[known], flat[:, known])
    return total / torch.bincount(place[known], minlength=n)


def curves(this: Question, orders: Tensor, number: Tensor) -> tuple[Tensor, Tensor]:
    """The chances as blocks are taken away in order, and as they are put in.  b orders n -> b orders steps, twice"""
    n = orders.shape[2]
    counts = torch.linspace(0, n, min(n, STEPS) + 1).round().long().to(orders.device)
    rank = orders.argsort(dim=2)  # when each block's turn is
    gone = rank[:, :, None] < counts[:, None]  # b orders steps n
    there = torch.cat([~gone, gone], 1)
    cells = torch.where(number >= 0, there[..., number.clamp(min=0)], True).to(this.sample.grid)
    found = asked(this, cells.flatten(1, 2), "chance").unflatten(1, there.shape[1:3])
    return found.tensor_split(2, dim=1)  # pyright: ignore[reportReturnType]


def areas(curve: Tensor) -> np.ndarray:
    """By trapezia over the share of blocks.  b orders steps -> b orders"""
    return torch.trapezoid(curve.float(), dx=1 / (curve.shape[2] - 1), dim=2).cpu().numpy()
