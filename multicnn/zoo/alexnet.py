"""AlexNet, as published and as torchvision has it. Layers are numbered as torchvision's, whose weights fit."""

from torch import Tensor, nn

from multicnn.blocks import Dropout, conv, kaiming, nd, norm, pool
from multicnn.zoo.body import WHOLE, Body, at_least, multiple_of, vector, volume

SEEN = 6  # cells along each axis that the first affine layer sees at most: all that the paper's grid leaves
USUAL = 224  # cells a side; the paper says 224 too, but its first layer needs 227 for the 55 cells it reports


class AlexNet(Body):
    """Five convolutions, three overlapping poolings, two affine layers of `units`.

    features: convolutions and poolings, c: their channels, padding: cells at each end of the first of them.
    grid: at least 67 - 2 padding cells a side, else UsageError.
    b c_in *grid -> [b units *1]
    """

    def __init__(
        self,
        network: str,
        grid: tuple[int, ...],
        features: list[nn.Module],
        c: int,
        *,
        padding: int,
        units: int,
        drop: float,
    ):
        super().__init__()
        self.network, self.smallest = network, 67 - 2 * padding
        at_least(network, grid, self.smallest, USUAL)
        cells = tuple(min(SEEN, left(n + 2 * padding)) for n in grid)
        self.features = nn.Sequential(*features)
        self.avgpool = nd("AdaptiveAvgPool", len(grid))(cells)
        self.classifier = nn.Sequential(
            *(Dropout(drop), nn.Linear(volume(c, cells), units), nn.ReLU(inplace=True)),
            *(Dropout(drop), nn.Linear(units, units), nn.ReLU(inplace=True)),
        )
        self.channels, self.strides = [units], [WHOLE]

    def forward(self, x: Tensor) -> list[Tensor]:
        grid = tuple(x.shape[2:])
        at_least(self.network, grid, self.smallest, USUAL)
        return [vector(self.classifier(self.avgpool(self.features(x)).flatten(1)), len(grid))]


def left(n: int) -> int:
    """Cells behind the last pooling, of `n` that the first convolution sees."""
    n = (n - 11) // 4 + 1
    for _ in range(3):
        n = (n - 3) // 2 + 1
    return n


def alexnet(
    rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 96, units: int = 4096, drop: float = 0.5
) -> AlexNet:
    """The network of 2012: 60,965,224 parameters for 3 channels, 227 x 227 cells and 1000 classes.

    The second, fourth and fifth convolution work in two groups (its two GPUs), and local response norms follow the
    first two. grid: only decides how many cells the first affine layer sees, 6 an axis at most; larger grids are
    averaged to that. width: channels of the first convolution, a multiple of 6. units: of the two affine layers,
    drop: before each of them.
    b c_in *grid -> [b units *1]
    """
    multiple_of("alexnet", "width", width, 6)
    c1, c2, c3 = width, width * 8 // 3, width * 4

    def respond(c: int) -> nn.Module:
        return norm("lrn", rank, c)

    features = [
        *(conv(rank, c_in, c1, 11, stride=4, padding=0), nn.ReLU(), respond(c1), pool("max", rank, 3, stride=2)),
        *(conv(rank, c1, c2, 5, groups=2), nn.ReLU(), respond(c2), pool("max", rank, 3, stride=2)),
        *(conv(rank, c2, c3), nn.ReLU()),
        *(conv(rank, c3, c3, groups=2), nn.ReLU()),
        *(conv(rank, c3, c2, groups=2), nn.ReLU(), pool("max", rank, 3, stride=2)),
    ]
    return kaiming(AlexNet("alexnet", grid, features, c2, padding=0, units=units, drop=drop))


def alexnet_torchvision(
    rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5
) -> AlexNet:
    """The network of "one weird trick", without groups and norms: 61,100,840 parameters at 224 x 224 cells.

    Settings as alexnet; width: any.
    b c_in *grid -> [b units *1]
    """
    features = [
        *(conv(rank, c_in, width, 11, stride=4, padding=2), nn.ReLU(inplace=True), pool("max", rank, 3, stride=2)),
        *(conv(rank, width, 3 * width, 5), nn.ReLU(inplace=True), pool("max", rank, 3, stride=2)),
        *(conv(rank, 3 * width, 6 * width), nn.ReLU(inplace=True)),
        *(conv(rank, 6 * width, 4 * width), nn.ReLU(inplace=True)),
        *(conv(rank, 4 * width, 4 * width), nn.ReLU(inplace=True), pool("max", rank, 3, stride=2)),
    ]
    return kaiming(AlexNet("alexnet_torchvision", grid, features, 4 * width, padding=2, units=units, drop=drop))
