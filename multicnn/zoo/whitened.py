"""A body behind a whitening layer, which is measured on the training samples before learning begins."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from torch import Tensor, nn

from multicnn.blocks import Whiten
from multicnn.zoo.body import Body
from multicnn.zoo.compact import ENOUGH, compact


@runtime_checkable
class Measured(Protocol):
    """A body with layers that are measured on training samples."""

    def fit(self, grids: Iterable[Tensor]) -> None:
        """Before training, once.  each b c_in *grid"""
        ...


class Whitened(Body):
    """`body` reads patches of `kernel` cells a side in decorrelated directions, each cut at zero.

    b c_in *grid -> the levels of `body`
    """

    def __init__(self, rank: int, c_in: int, body: Body, *, kernel: int):
        super().__init__()
        self.first = Whiten(rank, c_in, kernel=kernel)
        self.act = nn.ReLU()
        self.body = body
        self.channels, self.strides, self.padded = body.channels, body.strides, body.padded

    def fit(self, grids: Iterable[Tensor]) -> None:
        """See `Whiten.fit`."""
        self.first.fit(grids)

    def forward(self, x: Tensor) -> list[Tensor]:
        return self.body(self.act(self.first(x)))


def compact_whitened(
    rank: int,
    c_in: int,
    *,
    grid: tuple[int, ...],
    width: int = 32,
    depth: int = 1,
    cells: int = ENOUGH,
    drop: float = 0.0,
    kernel: int = 2,
) -> Whitened:
    """The default network behind a whitening layer, for small pictures of few channels; see `compact`.

    kernel: cells along a side of the patches that are whitened.
    b c_in *grid -> [b width *grid_1, b (2 width) *grid_2, b (3 width) *grid_3]
    """
    behind = compact(rank, 2 * c_in * kernel**rank, grid=grid, width=width, depth=depth, cells=cells, drop=drop)
    return Whitened(rank, c_in, behind, kernel=kernel)
