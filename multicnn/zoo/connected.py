"""Fully connected baselines, which know nothing of neighbouring cells. Rumelhart, Hinton, Williams 1986,
doi.org/10.1038/323533a0."""

from collections.abc import Sequence

from torch import Tensor, nn

from multicnn.blocks import Dropout, activation, xavier
from multicnn.zoo.body import WHOLE, Body, exactly, vector, volume


class Connected(Body):
    """Affine layers in a row, each with its activation and dropout.

    b c_in *grid -> [b units[-1] *1]
    """

    def __init__(self, network: str, c_in: int, grid: tuple[int, ...], units: Sequence[int], act: str, drop: float):
        super().__init__()
        self.network, self.grid = network, grid
        sizes = [volume(c_in, grid), *units]
        self.layers = nn.Sequential(
            *[
                nn.Sequential(nn.Linear(n_in, n_out), activation(act), Dropout(drop))
                for n_in, n_out in zip(sizes, units, strict=False)
            ]
        )
        self.channels, self.strides = [units[-1]], [WHOLE]
        xavier(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        exactly(self.network, self.grid, x)
        return [vector(self.layers(x.flatten(1)), len(self.grid))]


def fcnn1(rank: int, c_in: int, *, grid: tuple[int, ...], act: str = "tanh", drop: float = 0.0) -> Connected:
    """One hidden layer of 128.  b c_in *grid -> [b 128 *1]"""
    return Connected("fcnn1", c_in, grid, (128,), act, drop)


def fcnn2(rank: int, c_in: int, *, grid: tuple[int, ...], act: str = "tanh", drop: float = 0.0) -> Connected:
    """Hidden layers of 128 and 64.  b c_in *grid -> [b 64 *1]"""
    return Connected("fcnn2", c_in, grid, (128, 64), act, drop)


def fcnn3(rank: int, c_in: int, *, grid: tuple[int, ...], act: str = "relu", drop: float = 0.0) -> Connected:
    """Hidden layers of 400 and 50.  b c_in *grid -> [b 50 *1]"""
    return Connected("fcnn3", c_in, grid, (400, 50), act, drop)
