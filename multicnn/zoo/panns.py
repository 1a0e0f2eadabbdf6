"""CNN6, CNN10 and CNN14, the convolutional networks for AudioSet's sounds. Kong et al. 2019, arxiv.org/abs/1912.10211.

As the authors' code has them, github.com/qiuqiangkong/audioset_tagging_cnn. Their grids are frequency, then time.
"""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import Dropout, nd, pool, xavier
from multicnn.blocks.conv import conv
from multicnn.zoo.body import Body, at_least
from multicnn.zoo.heads import heard

MOST = 5  # halvings


class Bands(nn.Module):
    """Batch norm of each band of frequency by itself, over all channels.  b c bands t -> b c bands t"""

    def __init__(self, rank: int, bands: int):
        super().__init__()
        self.norm = nd("BatchNorm", rank)(bands)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.transpose(1, 2)).transpose(1, 2)


class Panns(Body):
    """A norm of each band, then blocks of convolutions of one kernel, each followed by an average of 2 x 2 cells.

    depth: convolutions of a block. The averages leave out an odd last cell, as the original's.
    b c_in f t -> list of b channels[i] floor(f / 2^(i + 1)) floor(t / 2^(i + 1)), the last of six not halved
    """

    padded = False

    def __init__(self, rank: int, c_in: int, bands: int, *, widths: Sequence[int], kernel: int, depth: int):
        super().__init__()
        self.channels = list(widths)
        self.strides = [2 ** min(i + 1, MOST) for i in range(len(widths))]
        self.bands = Bands(rank, bands)
        pairs = zip([c_in, *widths], widths, strict=False)
        self.blocks = nn.ModuleList(nn.Sequential(*block(rank, a, b, kernel, depth)) for a, b in pairs)
        self.shrink = pool("average", rank, 2)
        xavier(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        x, levels = self.bands(x), []
        for place, row in enumerate(self.blocks):
            x = self.shrink(row(x)) if place < MOST else row(x)
            levels.append(x)
        return levels

    def reader(self, k: int, *, drop: float = 0.5) -> nn.Module:
        """See `multicnn.zoo.heads.Concluded`."""
        return PannsHead(self.channels, k, drop=drop)


def block(rank: int, c_in: int, c_out: int, kernel: int, depth: int) -> list[nn.Module]:
    """Convolutions in a row, each with norm and ReLU.  b c_in *grid -> b c_out *grid"""
    layers: list[nn.Module] = []
    for c in (c_in, *[c_out] * (depth - 1)):
        layers += [conv(rank, c, c_out, kernel, bias=False), nd("BatchNorm", rank)(c_out), nn.ReLU(inplace=True)]
    return layers


class PannsHead(nn.Module):
    """The last level's mean over frequency, its mean and its maximum over time added, then two affine layers.

    drop: probability to drop a feature before each; the original's 0.5.
    list of b channels[i] f t -> b k
    """

    def __init__(self, channels: list[int], k: int, *, drop: float = 0.5):
        super().__init__()
        self.drop = Dropout(drop)
        self.inner = nn.Linear(channels[-1], channels[-1])
        self.fc = nn.Linear(channels[-1], k)
        xavier(self)

    def pooled(self, levels: list[Tensor]) -> Tensor:
        return functional.relu(self.inner(self.drop(heard(levels[-1]))))

    def forward(self, levels: list[Tensor]) -> Tensor:
        return self.fc(self.drop(self.pooled(levels)))


def cnn6(rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64) -> Panns:
    """CNN6: 4,837,455 parameters for 64 bands and 527 classes; four convolutions of 5 x 5.

    grid: its bands are normalised each by itself, so their number stays; at least 16 cells an axis, else UsageError.
    width: channels of the first block.
    """
    at_least("CNN6", grid, 16, 64)
    return Panns(rank, c_in, grid[0], widths=doubled(width, 4), kernel=5, depth=1)


def cnn10(rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64) -> Panns:
    """CNN10: 5,219,279 parameters for 64 bands and 527 classes; eight convolutions. Settings as `cnn6`."""
    at_least("CNN10", grid, 16, 64)
    return Panns(rank, c_in, grid[0], widths=doubled(width, 4), kernel=3, depth=2)


def cnn14(rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64) -> Panns:
    """CNN14: 80,753,615 parameters for 64 bands and 527 classes; twelve convolutions.

    grid: at least 32 cells an axis. Settings as `cnn6`.
    """
    at_least("CNN14", grid, 32, 64)
    return Panns(rank, c_in, grid[0], widths=doubled(width, 6), kernel=3, depth=2)


def doubled(width: int, blocks: int) -> list[int]:
    """Channels of the blocks, each with twice those of the one before."""
    return [width * 2**i for i in range(blocks)]
