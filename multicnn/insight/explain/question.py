"""What every method of explaining is asked, and the answers to many copies of a sample."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from multicnn.insight.explain.sample import Sample
from multicnn.tasks.aim import Aim
from multicnn.zoo.net import Net

ROOM = 4_000_000  # numbers of the grids that a net is given at once


@dataclass(frozen=True, eq=False)
class Question:
    """Why a net says these things of these samples.

    aims: one a sample.  level: of the body, by its place in the list of levels, None for the last that keeps cells;
    only some methods look at levels.
    """

    net: Net
    sample: Sample
    aims: Sequence[Aim]
    level: int | None = None


class Heat(NamedTuple):
    """How much each cell of the front-end's grid speaks for what is explained.

    cells: b *cells.  signed: whether numbers below 0 speak against it.  facts: what a method found beside, of each
    sample, as JSON says it.  channels: the same of each channel of the grid, where the method tells them apart,
    b c *cells.
    """

    cells: Tensor
    signed: bool
    facts: Sequence[dict[str, Any]]
    channels: Tensor | None = None


def read(aims: Sequence[Aim], out: Tensor, what: str = "score") -> Tensor:
    """The score, or chance, of each of m copies of each sample.  (b m) ... -> b m"""
    copies = out.unflatten(0, (len(aims), -1))
    return torch.stack([getattr(aim, what)(own) for aim, own in zip(aims, copies, strict=True)])


@torch.no_grad()
def asked(this: Question, keep: Tensor, what: str = "score") -> Tensor:
    """The scores, or chances, where only some cells are left.  b m *cells -> b m"""
    parts = []
    for part in keep.split(rows(this.sample.grid), dim=1):
        grids = this.sample.without(part)
        parts.append(read(this.aims, this.net.answer(grids.flatten(0, 1)), what))
    return torch.cat(parts, dim=1)


def rows(grid: Tensor) -> int:
    """How many copies of all samples are answered at once."""
    return max(1, ROOM // max(1, grid.numel()))


def tape(this: Question) -> tuple[Tensor, list[Tensor], Tensor]:
    """Grid, levels and scores with all that gradients need.  -> b c *cells, levels, b"""
    grid = this.sample.grid.detach().requires_grad_()
    levels = this.net.levels(grid)
    return grid, levels, read(this.aims, this.net.read(levels, grid))[:, 0]


def gradients(total: Tensor, of: Tensor) -> Tensor:
    """Of a sum of scores; 0 for what it does not depend on.  -> like of"""
    found = torch.autograd.grad(total, of, allow_unused=True)[0]
    return torch.zeros_like(of) if found is None else found


Method = Callable[[Question], Heat]
