"""The network for dense answers: grids of any size."""

from torch import Tensor, nn

from multicnn.zoo.body import Body
from multicnn.zoo.cells import cells, cut, widen
from multicnn.zoo.net import Net


class CellNet(Net):
    """A net that answers for every cell: it widens the grid at its far ends to whole cells of the coarsest level.

    The new cells are 0, the mean of a normalised grid, and are cut off again behind the head.
    raw -> b k *grid
    """

    def __init__(self, frontend: nn.Module, body: Body, head: nn.Module):
        super().__init__(frontend, body, head)
        self.multiple = max(body.strides)

    def levels(self, grid: Tensor) -> list[Tensor]:
        return self.body(widen(grid, self.multiple))

    def read(self, levels: list[Tensor], grid: Tensor) -> Tensor:
        return cut(self.head(levels), grid.shape[2:])


def segmenter(rank: int, body: Body, classes: int, *, drop: float = 0.0) -> CellNet:
    """A network for float grids that answers every cell with logits, to use like torchvision's.

    drop: probability to drop a channel before the last convolution. Raises UsageError as `cells`.
    b c_in *grid -> b classes *grid
    """
    return CellNet(nn.Identity(), body, cells(rank, body, classes, drop=drop))
