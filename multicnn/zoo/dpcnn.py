"""Deep pyramid convolutions: as deep as one likes for the price of two blocks, as each halves the text.

Johnson, Zhang 2017, doi.org/10.18653/v1/P17-1052.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import Dropout, conv, nd, xavier
from multicnn.blocks.init import layers
from multicnn.zoo.body import WHOLE, Body
from multicnn.zoo.ended import before_end, max_inside


class DpCnn(Body):
    """See `dpcnn`.  b c_in *grid -> [b width *1]"""

    def __init__(self, rank: int, c_in: int, *, width: int, depth: int, drop: float):
        super().__init__()
        self.channels, self.strides = [width], [WHOLE]
        self.region = conv(rank, c_in, width)
        self.pairs = nn.ModuleList(Pair(rank, width) for _ in range(1 + depth))
        self.halve = nd("MaxPool", rank)(3, 2)
        self.drop = Dropout(drop)

    def forward(self, x: Tensor) -> list[Tensor]:
        inside = before_end(x)
        x = self.region(x).masked_fill(~inside, 0.0)
        for place, pair in enumerate(self.pairs):
            if place:
                x, inside = self.halved(x, inside)
            x = x + pair(x, inside)
        return [self.drop(max_inside(x, inside))]

    def halved(self, x: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
        """The largest of three cells at every other one, of those before the end.  *grid -> *ceil(grid / 2)"""
        x = functional.pad(x.masked_fill(~inside, -torch.inf), [0, 2] * (x.ndim - 2), value=-torch.inf)
        inside = inside[..., ::2]
        return self.halve(x).masked_fill(~inside, 0.0), inside


class Pair(nn.Module):
    """Two convolutions, each behind its ReLU.  b c *grid, b 1 *1 t -> b c *grid"""

    def __init__(self, rank: int, c: int):
        super().__init__()
        self.first, self.second = conv(rank, c, c), conv(rank, c, c)

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        x = self.first(x.relu()).masked_fill(~inside, 0.0)
        return self.second(x.relu()).masked_fill(~inside, 0.0)


def dpcnn(rank: int, c_in: int, *, width: int = 250, depth: int = 7, drop: float = 0.5) -> DpCnn:
    """Fifteen layers of weights: one that sees three words, a pair of convolutions, `depth` halvings with a pair each.

    width: maps of every layer. drop: of what is found, before the affine layer. The paper's learnt views of regions
    (tv-embeddings) are left out. Its weights start at a deviation of 0.01 for 750 inputs, ours at Glorot's with the
    second of each pair at a tenth, so that blocks begin as their shortcut at any width.
    What stands behind a sample's last cell that is not 0 changes nothing.
    b c_in *grid -> [b width *1]
    """
    body = xavier(DpCnn(rank, c_in, width=width, depth=depth, drop=drop))
    with torch.no_grad():
        for pair in body.pairs:
            for layer in layers(pair)[1:]:
                layer.weight *= 0.1
    return body
