"""Residual convolutions with several answers to choose from, for tagging words; any grid, and a level of the whole too.

The encoder of spaCy's taggers and entity recognisers (MaxoutWindowEncoder, spacy.io/api/architectures). Maxout is by
Goodfellow, Warde-Farley, Mirza, Courville, Bengio 2013, arxiv.org/abs/1302.4389.
"""

from torch import Tensor, nn
from torch.nn.functional import layer_norm, linear, pad

from multicnn.blocks import Dropout, conv, xavier
from multicnn.zoo.body import WHOLE, Body
from multicnn.zoo.convnext import ChannelNorm
from multicnn.zoo.ended import before_end, mean_inside
from multicnn.zoo.types import Types


class TagCnn(Body):
    """See `tagcnn`.  b c_in *grid -> [b width *grid, b width *1]"""

    def __init__(self, rank: int, c_in: int, *, width: int, depth: int, kernel: int, pieces: int, drop: float):
        super().__init__()
        self.channels, self.strides = [width, width], [1, WHOLE]
        self.mix = Maxout(rank, c_in, width, 1, pieces=pieces, drop=drop)
        self.windows = nn.ModuleList(Maxout(rank, width, width, kernel, pieces=pieces, drop=drop) for _ in range(depth))

    def forward(self, x: Tensor) -> list[Tensor]:
        inside = before_end(x)
        return self.seen(self.mix(x, inside), inside)

    def by_types(self, types: Types) -> list[Tensor]:
        """As `forward(types.dense())`, with the first layer once for each distinct vector."""
        if self.training:  # dropout differs from place to place
            return self(types.dense())
        there = (types.vectors != 0).any(1)
        inside = before_end(there[types.places][:, None].float())
        x = self.mix.along(types.vectors[:, None])[:, 0][types.places].masked_fill(~inside.mT, 0.0)
        for window in self.windows:
            assert isinstance(window, Maxout)
            x = x + window.along(x).masked_fill(~inside.mT, 0.0)
        return [x.mT, mean_inside(x.mT, inside)]

    def seen(self, x: Tensor, inside: Tensor) -> list[Tensor]:
        """Each cell with its neighbours.  b width *grid, b 1 *1 t -> levels"""
        for window in self.windows:
            x = x + window(x, inside)
        return [x, mean_inside(x, inside)]


class Maxout(nn.Module):
    """A convolution with `pieces` answers a channel, of which the largest counts; norm over channels; dropout.

    Cells behind the end become 0.  b c_in *grid, b 1 *1 t -> b c *grid
    """

    def __init__(self, rank: int, c_in: int, c: int, kernel: int, *, pieces: int, drop: float):
        super().__init__()
        self.pieces = pieces
        self.conv = conv(rank, c_in, c * pieces, kernel)
        self.norm = ChannelNorm(c)
        self.drop = Dropout(drop)

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        x = self.conv(x).unflatten(1, (self.pieces, -1)).amax(1)
        return self.drop(self.norm(x)).masked_fill(~inside, 0.0)

    def along(self, x: Tensor) -> Tensor:
        """The same of a line whose channels come last, before dropout and the end; one matrix product is faster.

        b t c_in -> b t c
        """
        layer = self.conv[-1] if isinstance(self.conv, nn.Sequential) else self.conv  # behind a Pad
        assert isinstance(layer, nn.Conv1d)
        weight, kernel = layer.weight.movedim(2, 1).flatten(1), layer.weight.shape[2]
        windows = pad(x, (0, 0, (kernel - 1) // 2, kernel // 2)).unfold(1, kernel, 1).mT.flatten(2)
        answers = linear(windows, weight, layer.bias).unflatten(2, (self.pieces, -1)).amax(2)
        return layer_norm(answers, self.norm.normalized_shape, self.norm.weight, self.norm.bias, self.norm.eps)


def tagcnn(
    rank: int, c_in: int, *, width: int = 96, depth: int = 4, kernel: int = 3, pieces: int = 3, drop: float = 0.1
) -> TagCnn:
    """spaCy's encoder: each cell sees `depth` cells on either side; its sizes and dropout are the defaults.

    width: channels of every layer. depth: residual layers. pieces: answers that compete for a channel.
    What stands behind a sample's last cell that is not 0 changes nothing.
    b c_in *grid -> [b width *grid, b width *1]
    """
    return xavier(TagCnn(rank, c_in, width=width, depth=depth, kernel=kernel, pieces=pieces, drop=drop))
