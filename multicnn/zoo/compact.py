"""One small strong network for pictures, spectrograms, series and volumes, made to learn from scratch on a CPU.

Dense 3x3 convolutions, as processors run these near their peak and depthwise ones far below it; residual blocks with
batch norm, which learn in few epochs (He et al. 2015, arxiv.org/abs/1512.03385); and the grid is small before the
costly layers.
"""

from math import prod

from torch import Tensor, nn

from multicnn.blocks import Basic, ConvBlock, kaiming
from multicnn.zoo.body import Body
from multicnn.zoo.heads import Heard

ENOUGH = 512  # cells that the stages can afford, unless more are asked for
SHORT = 24  # cells: the stem halves no grid with a shorter axis
FEWEST = 3  # cells along the shortest axis that a halving stage leaves
NARROWEST = 8  # channels of a stem's first convolution, which sees the most cells


class Compact(Body):
    """A stem, then three stages of `depth` residual blocks with 1, 2 and 3 times `width` channels.

    halvings: of the grid by the stem; strides: of the stages.
    b c_in *grid -> [b width *grid_1, b (2 width) *grid_2, b (3 width) *grid_3]
    """

    def __init__(
        self,
        rank: int,
        c_in: int,
        *,
        width: int,
        depth: int,
        drop: float,
        halvings: int,
        strides: tuple[int, int, int],
    ):
        super().__init__()
        self.channels = [width, 2 * width, 3 * width]
        self.strides = [2**halvings * prod(strides[: i + 1]) for i in range(3)]
        self.stem = stem(rank, c_in, width, halvings)
        sizes = zip([width, *self.channels], self.channels, strides, strict=False)
        self.stages = nn.ModuleList(stage(rank, *size, depth, drop) for size in sizes)

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = [self.stem(x)]
        for row in self.stages:
            levels.append(row(levels[-1]))
        return levels[1:]


def stem(rank: int, c_in: int, width: int, halvings: int) -> nn.Sequential:
    """A convolution for each halving, twice as wide as the one before; one alone where nothing is halved.

    b c_in *grid -> b width *ceil(grid / 2^halvings)
    """
    if halvings == 0:
        return nn.Sequential(ConvBlock(rank, c_in, width))
    widths = [max(NARROWEST, width >> i) for i in reversed(range(1, halvings))] + [width]
    pairs = zip([c_in, *widths], widths, strict=False)
    return nn.Sequential(*[ConvBlock(rank, a, b, stride=2) for a, b in pairs])


def stage(rank: int, c_in: int, c_out: int, stride: int, depth: int, drop: float) -> nn.Sequential:
    """b c_in *grid -> b c_out *ceil(grid / stride)"""
    first = Basic(rank, c_in, c_out, stride=stride, drop=drop)
    return nn.Sequential(first, *[Basic(rank, c_out, c_out, drop=drop) for _ in range(depth - 1)])


def halved(grid: tuple[int, ...]) -> tuple[int, ...]:
    """The grid after a stride of 2."""
    return tuple(-(-n // 2) for n in grid)


def plan(grid: tuple[int, ...], cells: int = ENOUGH) -> tuple[int, tuple[int, int, int]]:
    """How often the stem halves a grid, and the strides of the stages behind it.

    The stem halves what has more than `cells` cells.
    28 x 28 -> 14 x 14, 14 7 4; 8 x 8 -> 8 x 8, 8 4 4; 64 x 500 -> 16 x 125, 16 8 4 on the short side.
    """
    halvings = 0
    while prod(grid) > cells and min(grid) >= SHORT:
        grid, halvings = halved(grid), halvings + 1
    strides = [1]
    for _ in range(2):
        stride = 2 if min(halved(grid)) >= FEWEST else 1
        grid = halved(grid) if stride == 2 else grid
        strides.append(stride)
    return halvings, (strides[0], strides[1], strides[2])


def compact(
    rank: int,
    c_in: int,
    *,
    grid: tuple[int, ...],
    width: int = 32,
    depth: int = 1,
    cells: int = ENOUGH,
    drop: float = 0.0,
) -> Compact:
    """The default for pictures and spectrograms: 0.22 M parameters at rank 2, 0.08 M at rank 1, 0.65 M at rank 3.

    grid: only decides how often it is halved (8 x 8 once, 28 x 28 three times); the network takes grids of any size.
    width: channels of the first stage. depth: blocks a stage. cells: that the stages can afford; the stem halves larger
    grids. drop: probability to drop a residual branch.
    b c_in *grid -> [b width *grid_1, b (2 width) *grid_2, b (3 width) *grid_3]
    """
    halvings, strides = plan(grid, cells)
    return kaiming(Compact(rank, c_in, width=width, depth=depth, drop=drop, halvings=halvings, strides=strides))


class CompactSound(Compact):
    """The same, and a head that also hears what is there only once."""

    def reader(self, k: int, *, drop: float = 0.0) -> nn.Module:
        """See `multicnn.zoo.heads.Concluded`."""
        return Heard(self.channels, k, drop=drop)


def compact_sound(
    rank: int,
    c_in: int,
    *,
    grid: tuple[int, ...],
    width: int = 28,
    depth: int = 1,
    cells: int = ENOUGH,
    drop: float = 0.0,
) -> CompactSound:
    """The default for sounds: `compact` with the head `multicnn.zoo.heads.Heard`; 0.17 M parameters at rank 2.

    Settings as `compact`.
    """
    halvings, strides = plan(grid, cells)
    return kaiming(CompactSound(rank, c_in, width=width, depth=depth, drop=drop, halvings=halvings, strides=strides))
