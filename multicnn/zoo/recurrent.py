"""Recurrent layers that know where a sample ends: over cells both ways, or behind a convolution to the last cell."""

import torch
from torch import Tensor, nn

from multicnn.blocks import ConvBlock, Dropout, kaiming
from multicnn.names import find
from multicnn.zoo.body import WHOLE, Body
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


class ConvRecurrent(Body):
    """See `cnnlstm`.  b c_in t -> [b hidden t, b hidden 1]"""

    def __init__(self, c_in: int, *, width: int, kernel: int, hidden: int, cell: str, drop: float):
        super().__init__()
        self.channels, self.strides = [hidden, hidden], [1, WHOLE]
        self.windows = ConvBlock(1, c_in, width, kernel, norm="none")
        self.recurrent = find("recurrent cell", CELLS, cell)(width, hidden, batch_first=True)
        self.drop = Dropout(drop)

    def forward(self, x: Tensor) -> list[Tensor]:
        inside = before_end(x)
        x = self.windows(self.drop(x))
        with torch.autocast(x.device.type, enabled=False):  # rounding would add up along the text
            x = self.recurrent(x.mT.float())[0].mT.masked_fill(~inside, 0.0)
        last = (lengths(inside) - 1)[:, None, None].expand(-1, x.shape[1], 1)
        return [self.drop(x), self.drop(x.gather(2, last))]


def cnnlstm(
    rank: int, c_in: int, *, width: int = 150, kernel: int = 3, hidden: int = 150, drop: float = 0.5
) -> ConvRecurrent:
    """C-LSTM: a convolution over words, an LSTM over what it finds, whose last state is the text's.

    Zhou, Sun, Liu, Lau 2015, arxiv.org/abs/1511.08630, whose sizes are the defaults. width: maps of the convolution.
    hidden: numbers that the LSTM keeps. drop: of the words' numbers and of the states. At the text's ends the
    convolution sees zeros, so that short texts have windows too. What stands behind a sample's last cell that is not 0
    changes nothing.
    b c_in t -> [b hidden t, b hidden 1]
    """
    return kaiming(ConvRecurrent(c_in, width=width, kernel=kernel, hidden=hidden, cell="lstm", drop=drop))


def cnngru(
    rank: int, c_in: int, *, width: int = 150, kernel: int = 3, hidden: int = 150, drop: float = 0.5
) -> ConvRecurrent:
    """As `cnnlstm` with gated recurrent units, three quarters of the recurrent weights.

    Cho et al. 2014, arxiv.org/abs/1406.1078.
    b c_in t -> [b hidden t, b hidden 1]
    """
    return kaiming(ConvRecurrent(c_in, width=width, kernel=kernel, hidden=hidden, cell="gru", drop=drop))
