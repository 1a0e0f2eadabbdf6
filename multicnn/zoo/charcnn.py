"""Six convolutions over the letters of a text, then two layers of units.

Zhang, Zhao, LeCun 2015, arxiv.org/abs/1509.01626, section 2.3.
"""

from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import ConvBlock, Dropout, kaiming
from multicnn.errors import UsageError
from multicnn.zoo.body import WHOLE, Body, vector

KERNELS = (7, 7, 3, 3, 3, 3)
POOLED = (True, True, False, False, False, True)  # by 3
SHORTEST = 123  # letters that leave one cell


class CharCnn(Body):
    """See `charcnn`.  b c_in t -> [b units 1]"""

    def __init__(self, c_in: int, *, width: int, units: int, length: int, drop: float):
        super().__init__()
        self.length, self.channels, self.strides = length, [units], [WHOLE]
        rows, cells = [], length
        for place, (k, pooled) in enumerate(zip(KERNELS, POOLED, strict=True)):
            rows.append(ConvBlock(1, width if place else c_in, width, k, padding=0, norm="none"))
            rows += [nn.MaxPool1d(3)] if pooled else []
            cells = (cells - k + 1) // (3 if pooled else 1)
        self.features = nn.Sequential(*rows)
        sizes = ((cells * width, units), (units, units))
        self.units = nn.Sequential(*[m for a, b in sizes for m in (nn.Linear(a, b), nn.ReLU(), Dropout(drop))])

    def forward(self, x: Tensor) -> list[Tensor]:
        x = functional.pad(x[..., : self.length], (0, max(0, self.length - x.shape[2])))
        return [vector(self.units(self.features(x).flatten(1)), 1)]


def charcnn(
    rank: int, c_in: int, *, width: int = 256, units: int = 1024, length: int = 1014, drop: float = 0.5
) -> CharCnn:
    """The paper's small network, nine layers of weights with the head's.

    width: maps of each convolution. units: of each of the two layers behind them. length: letters that are read; a
    shorter text is followed by zeros, so that its answer does not depend on its batch. Raises UsageError for a length
    below 123. Weights start as He et al. 2015 say, not at the paper's one deviation for all layers.
    b c_in t -> [b units 1]
    """
    if length < SHORTEST:
        raise UsageError(f"length of model charcnn is {length}; give at least {SHORTEST} letters")
    return kaiming(CharCnn(c_in, width=width, units=units, length=length, drop=drop))


def charcnn_large(
    rank: int, c_in: int, *, width: int = 1024, units: int = 2048, length: int = 1014, drop: float = 0.5
) -> CharCnn:
    """The paper's large network; else as `charcnn`.  b c_in t -> [b units 1]"""
    return charcnn(rank, c_in, width=width, units=units, length=length, drop=drop)
