"""LeNet-5. LeCun, Bottou, Bengio, Haffner 1998, doi.org/10.1109/5.726791."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from multicnn.blocks import activation, conv, pool, xavier
from multicnn.blocks.init import layers as layers_of
from multicnn.zoo.body import WHOLE, Body, at_least, exactly

FIELD = 32  # cells a side of the paper's grid: 28 x 28 digits with 2 cells of background around them
SMALLEST = 12  # cells a side; below, nothing is left for C5 to see

# Which maps of S2 each map of C3 sees: the paper's table I, column by column.
SEEN_BY_C3 = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)


class ScaledTanh(nn.Module):
    """1.7159 tanh(2 x / 3), which is 1 at 1 and -1 at -1 (the paper's appendix A)."""

    def forward(self, x: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(x * (2 / 3))


class Subsample(nn.Module):
    """The sum of disjoint windows of 2 cells a side, times a coefficient and plus a bias, learnt for each channel.

    b c *grid -> b c *floor(grid / 2)
    """

    def __init__(self, rank: int, c: int):
        super().__init__()
        self.sum = pool("sum", rank, 2)
        self.weight = nn.Parameter(torch.full((c, *[1] * rank), 0.5**rank))  # an average to start with
        self.bias = nn.Parameter(torch.zeros(c, *[1] * rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.sum(x) * self.weight + self.bias


class PartialConv(nn.Module):
    """A convolution of kernel 5 of which each output channel sees only some of the input channels.

    seen: the inputs of each output; outputs that see equally many must be neighbours, as they are computed together.
    b c_in *grid -> b len(seen) *(grid - 4)
    """

    def __init__(self, rank: int, seen: Sequence[Sequence[int]]):
        super().__init__()
        sizes = list(dict.fromkeys(len(s) for s in seen))
        together = [[s for s in seen if len(s) == size] for size in sizes]
        self.inputs = [[c for s in group for c in s] for group in together]
        self.convs = nn.ModuleList(
            conv(rank, len(group) * size, len(group), 5, padding=0, groups=len(group))
            for group, size in zip(together, sizes, strict=True)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([part(x[:, i]) for part, i in zip(self.convs, self.inputs, strict=True)], dim=1)


class LeNet(Body):
    """C1, S2, C3, S4, C5 and F6 in a row; C5 covers the whole grid that is left, so that 84 features remain.

    b c_in *grid -> [b 84 *1]
    """

    def __init__(self, network: str, grid: tuple[int, ...], layers: Mapping[str, Sequence[nn.Module]]):
        super().__init__()
        self.network, self.grid = network, grid
        self.layers = nn.ModuleDict({name: nn.Sequential(*steps) for name, steps in layers.items()})
        self.channels, self.strides = [84], [WHOLE]

    def forward(self, x: Tensor) -> list[Tensor]:
        exactly(self.network, self.grid, x)
        for layer in self.layers.values():
            x = layer(x)
        return [x]


def lenet5(rank: int, c_in: int, *, grid: tuple[int, ...], act: str = "relu", down: str = "max") -> LeNet:
    """LeNet-5 as it is built now: each map of C3 sees all of S2, and the pooling has no weights. 61,706 parameters.

    grid: at least 12 cells a side, else UsageError; below 32 it gets up to 2 cells of zeros at each end.
    down: the pooling of S2 and S4; "average" with act "tanh" is nearest to the paper.
    b c_in *grid -> [b 84 *1]
    """
    at_least("lenet5", grid, SMALLEST, FIELD)
    layers = {
        "c1": (conv(rank, c_in, 6, 5, padding=background(grid)), activation(act)),
        "s2": (pool(down, rank, 2),),
        "c3": (conv(rank, 6, 16, 5, padding=0), activation(act)),
        "s4": (pool(down, rank, 2),),
        "c5": (conv(rank, 16, 120, left(grid), padding=0), activation(act)),
        "f6": (conv(rank, 120, 84, 1), activation(act)),
    }
    return xavier(LeNet("lenet5", grid, layers))


def lenet5_1998(rank: int, c_in: int, *, grid: tuple[int, ...]) -> LeNet:
    """LeNet-5 as published. 60,000 parameters: C1 156, S2 12, C3 1,516, S4 32, C5 48,120, F6 10,164.

    The paper's output layer has none: it measures distances to fixed codes (`multicnn.zoo.heads.Codes`).
    grid: as in lenet5.
    b c_in *grid -> [b 84 *1]
    """
    at_least("lenet5_1998", grid, SMALLEST, FIELD)
    layers = {
        "c1": (conv(rank, c_in, 6, 5, padding=background(grid)), ScaledTanh()),
        "s2": (Subsample(rank, 6), ScaledTanh()),
        "c3": (PartialConv(rank, SEEN_BY_C3), ScaledTanh()),
        "s4": (Subsample(rank, 16), ScaledTanh()),
        "c5": (conv(rank, 16, 120, left(grid), padding=0), ScaledTanh()),
        "f6": (conv(rank, 120, 84, 1), ScaledTanh()),
    }
    return uniform_1998(LeNet("lenet5_1998", grid, layers))


def background(grid: tuple[int, ...]) -> tuple[int, ...]:
    """Cells of zeros at each end of each axis; 2 at most, as farther windows of C1 would see nothing else."""
    return tuple(min(2, max(0, (FIELD - n + 1) // 2)) for n in grid)


def left(grid: tuple[int, ...]) -> tuple[int, ...]:
    """Cells of S4 along each axis."""
    return tuple(((n + 2 * p - 4) // 2 - 4) // 2 for n, p in zip(grid, background(grid), strict=True))


def uniform_1998(net: LeNet) -> LeNet:
    """Weights and biases uniform within 2.4 / fan in, the paper's choice (appendix A); the subsampling stays."""
    for layer in layers_of(net):
        bound = 2.4 / layer.weight[0].numel()
        nn.init.uniform_(layer.weight, -bound, bound)
        if layer.bias is not None:
            nn.init.uniform_(layer.bias, -bound, bound)
    return net
