"""Heads: what reads a body's levels and answers."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from multicnn.blocks import Dropout, GlobalPool
from multicnn.zoo.body import Body


@runtime_checkable
class Supervised(Protocol):
    """A body whose finer levels learn to answer too.

    side: positions of these levels in the body's list, none where they shall not learn. side_weight: of each side
    classifier's loss; the last level's has weight 1.
    """

    side: tuple[int, ...]
    side_weight: float

    def side_classifiers(self, k: int) -> list[nn.Module]:
        """One for each position in `side`.  b c *grid -> b k"""
        ...


@runtime_checkable
class Concluded(Protocol):
    """A body whose paper ends it otherwise than by pooling and one affine layer."""

    def reader(self, k: int, *, drop: float = 0.0) -> nn.Module:
        """The head of k answers a sample."""
        ...


@runtime_checkable
class Boxing(Protocol):
    """A body whose paper detects boxes with a pyramid and head of its own."""

    def box_head(self, k: int, *, drop: float = 0.0) -> nn.Module:
        """Answers as those of `multicnn.zoo.pyramid.BoxHead`.  list of levels, grid -> b cells (k + 9)"""
        ...


@runtime_checkable
class Pooling(Protocol):
    """A head that makes one vector of a sample before it answers."""

    def pooled(self, levels: list[Tensor]) -> Tensor:
        """What its last affine layer reads, or would, before any dropout.  list of b channels[i] *grid_i -> b c"""
        ...


class Features(nn.Module):
    """The vectors that another head answers from.  list of b channels[i] *grid_i -> b c"""

    def __init__(self, head: Pooling):
        super().__init__()
        self.head = head

    def forward(self, levels: list[Tensor]) -> Tensor:
        return self.head.pooled(levels)


def reader(body: Body, k: int, *, drop: float = 0.0) -> nn.Module:
    """The head that answers once a sample: the body's own, Sided where it has side levels, else Pooled."""
    if isinstance(body, Concluded):
        return body.reader(k, drop=drop)
    if isinstance(body, Supervised) and body.side:
        sides = body.side_classifiers(k)
        return Sided(body.channels, k, body.side, sides, side_weight=body.side_weight, drop=drop)
    return Pooled(body.channels, k, drop=drop)


class Pooled(nn.Module):
    """One answer a sample: the last level pooled over its grid, dropout, one affine layer `fc`.

    channels: of the body's levels. k: answers. pool: average, max, l2 or sum.
    list of b channels[i] *grid_i -> b k
    """

    def __init__(self, channels: list[int], k: int, *, drop: float = 0.0, pool: str = "average"):
        super().__init__()
        self.pool = GlobalPool(pool)
        self.drop = Dropout(drop)
        self.fc = nn.Linear(channels[-1], k)

    def pooled(self, levels: list[Tensor]) -> Tensor:
        return self.pool(levels[-1])

    def forward(self, levels: list[Tensor]) -> Tensor:
        return self.fc(self.drop(self.pooled(levels)))


class Sided(nn.Module):
    """Pooled, and in training classifiers at finer levels too. Szegedy et al. 2014, arxiv.org/abs/1409.4842, section 5.

    side: positions of the levels that `sides` read. side_weight: of each side's loss, for the task that sums them.
    list of b channels[i] *grid_i -> b k; in training b (1 + len(side)) k, the last level's answer first
    """

    def __init__(
        self,
        channels: list[int],
        k: int,
        side: Sequence[int],
        sides: Sequence[nn.Module],
        *,
        side_weight: float,
        drop: float = 0.0,
    ):
        super().__init__()
        self.side, self.side_weight = tuple(side), side_weight
        self.pool = GlobalPool("average")
        self.drop = Dropout(drop)
        self.fc = nn.Linear(channels[-1], k)
        self.sides = nn.ModuleList(sides)

    def pooled(self, levels: list[Tensor]) -> Tensor:
        return self.pool(levels[-1])

    def forward(self, levels: list[Tensor]) -> Tensor:
        out = self.fc(self.drop(self.pooled(levels)))
        if not self.training:
            return out
        beside = [classify(levels[i]) for i, classify in zip(self.side, self.sides, strict=True)]
        return torch.stack([out, *beside], dim=1)


class Heard(nn.Module):
    """One answer a sample from what is there all the time and what is there once: for grids whose last axis is time.

    The last level's mean over the other axes, then its mean and its maximum over time, added, as Kong et al. 2019,
    arxiv.org/abs/1912.10211, end their networks; dropout, one affine layer `fc`.
    list of b channels[i] *grid_i -> b k
    """

    def __init__(self, channels: list[int], k: int, *, drop: float = 0.0):
        super().__init__()
        self.drop = Dropout(drop)
        self.fc = nn.Linear(channels[-1], k)

    def pooled(self, levels: list[Tensor]) -> Tensor:
        return heard(levels[-1])

    def forward(self, levels: list[Tensor]) -> Tensor:
        return self.fc(self.drop(self.pooled(levels)))


def heard(level: Tensor) -> Tensor:
    """Mean over all axes but time, the last; then mean and maximum over time, added.  b c *grid t -> b c"""
    x = level.flatten(2, -2).mean(2) if level.ndim > 3 else level
    return x.mean(2) + x.amax(2)


class NormPooled(nn.Module):
    """Pooled with a layer norm before its affine layer, as ConvNeXt ends. Liu et al. 2022, arxiv.org/abs/2201.03545.

    list of b channels[i] *grid_i -> b k
    """

    def __init__(self, channels: list[int], k: int, *, drop: float = 0.0):
        super().__init__()
        self.pool = GlobalPool("average")
        self.norm = nn.LayerNorm(channels[-1], eps=1e-6)
        self.drop = Dropout(drop)
        self.fc = nn.Linear(channels[-1], k)

    def pooled(self, levels: list[Tensor]) -> Tensor:
        return self.norm(self.pool(levels[-1]))

    def forward(self, levels: list[Tensor]) -> Tensor:
        return self.fc(self.drop(self.pooled(levels)))


class CellPooled(nn.Module):
    """An answer of at least zero in each cell of the last level, then their mean, as SqueezeNet ends.

    Iandola et al. 2016, arxiv.org/abs/1602.07360: dropout, 1x1 convolution `fc` (an affine layer in each cell), ReLU,
    average pooling.
    list of b channels[i] *grid_i -> b k
    """

    def __init__(self, channels: list[int], k: int, *, drop: float = 0.5):
        super().__init__()
        self.drop = Dropout(drop)
        self.fc = nn.Linear(channels[-1], k)
        self.pool = GlobalPool("average")
        if not self.fc.weight.is_meta:  # there is nothing to draw there, and trying costs torch seconds
            nn.init.normal_(self.fc.weight, std=0.01)  # as the original
            nn.init.zeros_(self.fc.bias)

    def pooled(self, levels: list[Tensor]) -> Tensor:
        return self.pool(levels[-1])

    def forward(self, levels: list[Tensor]) -> Tensor:
        cells = self.fc(self.drop(levels[-1]).movedim(1, -1))
        return self.pool(cells.relu().movedim(-1, 1))


class Codes(nn.Module):
    """Minus the squared distance of the pooled last level to each class's fixed code of +1 and -1; no parameters.

    The output layer of LeCun et al. 1998, doi.org/10.1109/5.726791, section II.C, with the random codes they name as
    the simple choice: theirs are drawn characters, which serve one alphabet only. Cross-entropy of these answers is
    their equation 9 without its class of rubbish. The codes follow from `seed` and travel in the weights.
    list of b channels[i] *grid_i -> b k
    """

    code: Tensor

    def __init__(self, channels: list[int], k: int, *, seed: int = 1998):
        super().__init__()
        self.pool = GlobalPool("average")
        bits = torch.randint(2, (k, channels[-1]), generator=torch.Generator().manual_seed(seed), device="cpu")
        self.register_buffer("code", 2.0 * bits - 1.0)

    def pooled(self, levels: list[Tensor]) -> Tensor:
        return self.pool(levels[-1])

    def forward(self, levels: list[Tensor]) -> Tensor:
        return -(self.pooled(levels)[:, None] - self.code).square().sum(2)
