"""A detector's head that also tells the shape of what it finds: prototype masks, and how each box mixes them.

As YOLACT (Bolya et al. 2019, arxiv.org/abs/1904.02689): a mask is the sigmoid of a weighted sum of P maps that all
boxes of a sample share.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import ConvBlock, conv
from multicnn.zoo.body import Body
from multicnn.zoo.cells import stretch
from multicnn.zoo.pyramid import BoxHead

FINER = 2  # cells of a prototype along the side of a cell of the finest level


class MaskHead(nn.Module):
    """What a `BoxHead` answers, P weights from -1 to 1 a cell, and P prototypes twice as fine as the finest level.

    Prototypes also see a level of the body that is as fine as they are, where it has one. One tensor holds it all: the
    cells of the finest level also carry the prototypes there, 4 P numbers that `lifted` puts together again; the other
    cells carry zeros. Settings as of `BoxHead`.
    list of b channels[i] *ceil(grid / strides[i]) -> b cells (k + 9 + P + 4 P)
    """

    def __init__(
        self,
        body: Body,
        k: int,
        *,
        prototypes: int = 16,
        finest: int = 4,
        width: int = 64,
        depth: int = 2,
        drop: float = 0.0,
    ):
        super().__init__()
        self.boxes = BoxHead(body, k, finest=finest, width=width, depth=depth, drop=drop)
        self.mix = nn.Sequential(ConvBlock(2, width, width, norm="group"), conv(2, width, prototypes))
        self.coarse = ConvBlock(2, width, width, norm="group")
        self.sharp = [i for i, stride in enumerate(body.strides) if stride * FINER == self.boxes.strides[0]][-1:]
        self.laterals = nn.ModuleList(conv(2, body.channels[i], width, 1) for i in self.sharp)
        self.fine = nn.Sequential(ConvBlock(2, width, width, norm="group"), conv(2, width, prototypes, 1))

    def forward(self, levels: list[Tensor], grid: Sequence[int]) -> Tensor:
        found = self.boxes.path([levels[i] for i in self.boxes.read])
        rows = self.boxes.rows(found, grid)
        mix = torch.cat([self.mix(x).flatten(2).mT for x in found], dim=1).float().tanh()
        return torch.cat([rows, mix, laid(self.prototypes(found[0], levels).float(), rows.shape[1])], dim=-1)

    def prototypes(self, finest: Tensor, levels: list[Tensor]) -> Tensor:
        """b width h w, levels of the body -> b P (FINER h) (FINER w)"""
        x = self.coarse(finest)
        x = stretch(x, [n * FINER for n in x.shape[2:]])
        for i, lateral in zip(self.sharp, self.laterals, strict=True):
            x = x + lateral(levels[i])
        return self.fine(x)


def laid(prototypes: Tensor, cells: int) -> Tensor:
    """As rows of the finest level's cells, zeros in those of the others.  b p (2 h) (2 w) -> b cells (4 p)"""
    rows = functional.pixel_unshuffle(prototypes, FINER).flatten(2).mT
    return functional.pad(rows, (0, 0, 0, cells - rows.shape[1]))


def lifted(rows: Tensor, place: Tensor) -> Tensor:
    """The prototypes that `laid` has laid down.

    place: of each cell, see `BoxHead`, which tells how many cells the finest level has.
    b cells (4 p), cells 4 -> b p (2 h) (2 w)
    """
    finest = (place[:, 2:] == place[0, 2:]).all(-1)
    columns = int((finest & (place[:, 1] == place[0, 1])).sum())
    maps = rows[:, : int(finest.sum())].mT.unflatten(2, (-1, columns))
    return functional.pixel_shuffle(maps, FINER)
