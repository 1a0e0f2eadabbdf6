"""Recurrent layers that know where a sample ends: over cells both ways, or behind a convolution to the last cell."""

import torch
from torch import Tensor, nn

from multicnn.blocks import Dropout
from multicnn.names import find
from multicnn.zoo.body import Body
from multicnn.zoo.ended import before_end, lengths

CELLS: dict[str, type[nn.LSTM | nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}


class BothWays(nn.Module):
    """A recurrent layer from the first cell on, and one from the last cell before the end back.

    Cells behind the end hold numbers that no cell before it depends on.  b t c_in, lengths b -> b t (2 hidden)
    """

    def __init__(self, c_in: int, hidden: int, cell: str):
        super().__init__()
        build = find("recurrent cell", CELLS, cell)
        self.forth = build(c_in, hidden, batch_first=True)
        self.back = build(c_in, hidden, batch_first=True)

    def forward(self, x: Tensor, n: Tensor) -> Tensor:
        back = self.back(turned(x, n))[0]
        return torch.cat([self.forth(x)[0], turned(back, n)], dim=2)


def turned(x: Tensor, n: Tensor) -> Tensor:
    """The first n[i] steps of each sample in reverse order; the others stay.  b t c, b -> b t c"""
    step = torch.arange(x.shape[1], device=x.device)
    place = torch.where(step < n[:, None], n[:, None] - 1 - step, step)
    return x.gather(1, place[..., None].expand_as(x))


class BiLstm(Body):
    """See `bilstm`.  b c_in t -> [b (2 hidden) t]"""

    def __init__(self, c_in: int, *, hidden: int, layers: int, cell: str, drop: float):
        super().__init__()
        self.channels, self.strides = [2 * hidden], [1]
        self.recurrent = nn.ModuleList(BothWays(2 * hidden if i else c_in, hidden, cell) for i in range(layers))
        self.drop = Dropout(drop)

    def forward(self, x: Tensor) -> list[Tensor]:
        inside = before_end(x)
        n = lengths(inside)
        with torch.autocast(x.device.type, enabled=False):  # rounding would add up along the text
            line = x.mT.float()
            for layer in self.recurrent:
                line = layer(self.drop(line), n)
            return [self.drop(line).mT.masked_fill(~inside, 0.0)]


def bilstm(
    rank: int, c_in: int, *, hidden: int = 200, layers: int = 1, cell: str = "lstm", drop: float = 0.5
) -> BiLstm:
    """A recurrent layer over words, both ways: the word part of Ma and Hovy 2016, whose sizes are the defaults.

    arxiv.org/abs/1603.01354. hidden: numbers that each way keeps. cell: lstm or gru. drop: of numbers, before each
    layer and behind the last. What stands behind a sample's last cell that is not 0 changes nothing.
    b c_in t -> [b (2 hidden) t]
    """
    return BiLstm(c_in, hidden=hidden, layers=layers, cell=cell, drop=drop)
