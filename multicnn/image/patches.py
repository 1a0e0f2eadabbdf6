"""Augments that replace a box of cells: by nothing, or by the neighbour's."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from multicnn.data.random import uniform
from multicnn.errors import UsageError
from multicnn.image.moves import Pair, Stage
from multicnn.train.augment import partner
from multicnn.train.mixup import beta, fade, pair_key


@dataclass(frozen=True, kw_only=True)
class Cutout:
    """Blank a square of `fraction` of the shorter side, its centre anywhere. DeVries and Taylor 2017, 1708.04552.

    Of a volume, a cube. Masks and boxes stay: what is hidden is still to be found.
    """

    fraction: float = 0.3
    stage: Stage = field(default="grid", init=False)

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        grid = x.shape[2:]
        hole = torch.full((len(x), len(grid)), round(self.fraction * min(grid)), device=x.device)
        return x.masked_fill(box(uniform(key, len(grid)), hole, grid), 0), y


@dataclass(frozen=True, kw_only=True)
class CutMix:
    """Replace a box by the partner's; the answer is mixed by the cells each has. Yun et al. 2019, arXiv 1905.04899.

    The box has the size of a share from Beta(alpha, alpha) before the border cuts it; partners swap the same box.
    """

    alpha: float = 1.0
    mixes = True
    stage: Stage = field(default="grid", init=False)

    def __post_init__(self) -> None:
        if not self.alpha > 0:
            raise UsageError(f"cutmix.alpha is {self.alpha}; it must be above 0")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> Pair:
        key, other, grid = pair_key(key), partner(len(x), x.device), x.shape[2:]
        share = (1 - beta(key, self.alpha))[:, None] ** (1 / len(grid))
        side = (share * torch.tensor(grid, device=x.device)).round().long()
        inside = box(uniform(key, len(grid)), side, grid)
        own = 1 - inside.float().flatten(1).mean(1)
        return torch.where(inside, x[other], x), fade(y, y[other], own)


def box(centre: Tensor, side: Tensor, grid: Sequence[int]) -> Tensor:
    """A mask of one box a sample, cut by the border.

    centre b rank in [0, 1), side b rank in cells -> b 1 *grid
    """
    found = torch.ones(len(centre), 1, *[1] * len(grid), dtype=torch.bool, device=centre.device)
    for axis, n in enumerate(grid):
        start = ((centre[:, axis] * n).long() - side[:, axis] // 2)[:, None]
        place = torch.arange(n, device=centre.device)
        inside = (place >= start) & (place < start + side[:, axis, None])
        found = found & inside.view(len(centre), 1, *[n if a == axis else 1 for a in range(len(grid))])
    return found
