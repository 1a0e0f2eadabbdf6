"""Iterated dilated convolutions: a wide view from few weights, as one block is applied again and again.

Strubell, Verga, Belanger, McCallum 2017, arxiv.org/abs/1702.02098.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from multicnn.blocks import Dropout, conv, kaiming
from multicnn.errors import UsageError
from multicnn.zoo.body import WHOLE, Body
from multicnn.zoo.ended import before_end, mean_inside


class IdCnn(Body):
    """See `idcnn`.  b c_in *grid -> [b width *grid, b width *1]"""

    def __init__(self, rank: int, c_in: int, *, width: int, dilations: Sequence[int], repeats: int, drop: float):
        super().__init__()
        self.channels, self.strides, self.repeats = [width, width], [1, WHOLE], repeats
        self.first = conv(rank, c_in, width)
        self.block = nn.ModuleList(conv(rank, width, width, dilation=d) for d in dilations)
        self.drop = Dropout(drop)

    def forward(self, x: Tensor) -> list[Tensor]:
        inside = before_end(x)
        x = self.first(self.drop(x)).relu().masked_fill(~inside, 0.0)
        for _ in range(self.repeats):
            for layer in self.block:
                x = layer(x).relu().masked_fill(~inside, 0.0)
            x = self.drop(x)
        return [x, mean_inside(x, inside)]


def idcnn(
    rank: int,
    c_in: int,
    *,
    width: int = 96,
    dilations: Sequence[int] = (1, 2, 1),
    repeats: int = 4,
    drop: float = 0.15,
) -> IdCnn:
    """A convolution of three cells, then `repeats` times the same block of dilated ones.

    width: channels; the paper has 300, which is made for graphics cards: on a processor 300 are several times slower
    than a recurrent layer, 96 are not. dilations: of the block's layers. drop: before the first layer and behind each
    block. Only the last block's answers are judged, where the paper averages the loss of all. What stands behind a
    sample's last cell that is not 0 changes nothing. Raises UsageError for dilations below 1 or none.
    b c_in *grid -> [b width *grid, b width *1]
    """
    if not dilations or min(dilations) < 1:
        raise UsageError(f"dilations of model idcnn is {[*dilations]}; give at least one, of at least 1")
    return kaiming(IdCnn(rank, c_in, width=width, dilations=dilations, repeats=repeats, drop=drop))
