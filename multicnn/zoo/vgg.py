"""VGG: rows of 3x3 convolutions between poolings. Simonyan, Zisserman 2014, arxiv.org/abs/1409.1556.

Layers are numbered as torchvision's, whose weights fit.
"""

from torch import Tensor, nn

from multicnn.blocks import Dropout, conv, kaiming, nd, norm, pool
from multicnn.zoo.body import WHOLE, Body, vector, volume

SEEN = 7  # cells along each axis that the first affine layer sees at most: all that 224 leave
WIDER = (1, 2, 4, 8, 8)  # channels of the stages, as multiples of the first one's

# The kernels of each stage's convolutions: the columns of the paper's table 1.
A = ((3,), (3,), (3, 3), (3, 3), (3, 3))
B = ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3))
C = ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1))
D = ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3))
E = ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3))
Kernels = tuple[tuple[int, ...], ...]


class Vgg(Body):
    """Five stages, each ended by a pooling, and two affine layers.

    kernels: of each stage. normed: the norm between convolution and activation. respond: whether a local response
    norm follows the first convolution. Other settings as vgg16.
    b c_in *grid -> list of b (WIDER[i] width) *ceil(grid / 2^(i + 1)), and b units *1
    """

    def __init__(
        self,
        rank: int,
        c_in: int,
        kernels: Kernels,
        *,
        grid: tuple[int, ...],
        width: int,
        units: int,
        drop: float,
        normed: str = "none",
        respond: bool = False,
    ):
        super().__init__()
        self.channels = [width * times for times in WIDER] + [units]
        self.strides = [2, 4, 8, 16, 32, WHOLE]
        features = rows(rank, c_in, kernels, self.channels, normed)
        if respond:
            features.insert(2, norm("lrn", rank, width))
        self.features = nn.Sequential(*features)
        cells = tuple(min(SEEN, -(-n // 32)) for n in grid)
        self.avgpool = nd("AdaptiveAvgPool", rank)(cells)
        self.classifier = nn.Sequential(
            *(nn.Linear(volume(8 * width, cells), units), nn.ReLU(inplace=True), Dropout(drop)),
            *(nn.Linear(units, units), nn.ReLU(inplace=True), Dropout(drop)),
        )
        self.ends = {i for i, layer in enumerate(features) if isinstance(layer, nd("MaxPool", rank))}
        kaiming(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = []
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i in self.ends:
                levels.append(x)
        whole = self.classifier(self.avgpool(x).flatten(1))
        return [*levels, vector(whole, x.ndim - 2)]


def rows(rank: int, c_in: int, kernels: Kernels, channels: list[int], normed: str) -> list[nn.Module]:
    """Convolution, norm where there is one, activation, again and again; each stage ends with a pooling."""
    layers = []
    for row, c_out in zip(kernels, channels, strict=False):
        for kernel in row:
            layers.append(conv(rank, c_in, c_out, kernel))
            layers += [] if normed == "none" else [norm(normed, rank, c_out)]
            layers.append(nn.ReLU(inplace=True))
            c_in = c_out
        layers.append(pool("max", rank, 2, ceil=True))
    return layers


def vgg11(rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5) -> Vgg:
    """Configuration A: 132,863,336 parameters for 3 channels, 224 x 224 cells, 1000 classes. Settings as vgg16."""
    return Vgg(rank, c_in, A, grid=grid, width=width, units=units, drop=drop)


def vgg11_lrn(
    rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5
) -> Vgg:
    """Configuration A-LRN, with a local response norm: 132,863,336 parameters. Settings as vgg16."""
    return Vgg(rank, c_in, A, grid=grid, width=width, units=units, drop=drop, respond=True)


def vgg11_bn(
    rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5
) -> Vgg:
    """Configuration A with batch norm: 132,868,840 parameters. Settings as vgg16."""
    return Vgg(rank, c_in, A, grid=grid, width=width, units=units, drop=drop, normed="batch")


def vgg13(rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5) -> Vgg:
    """Configuration B: 133,047,848 parameters. Settings as vgg16."""
    return Vgg(rank, c_in, B, grid=grid, width=width, units=units, drop=drop)


def vgg13_bn(
    rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5
) -> Vgg:
    """Configuration B with batch norm: 133,053,736 parameters. Settings as vgg16."""
    return Vgg(rank, c_in, B, grid=grid, width=width, units=units, drop=drop, normed="batch")


def vgg16_1x1(
    rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5
) -> Vgg:
    """Configuration C, with 1x1 convolutions: 133,638,952 parameters. Settings as vgg16."""
    return Vgg(rank, c_in, C, grid=grid, width=width, units=units, drop=drop)


def vgg16(rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5) -> Vgg:
    """Configuration D: 138,357,544 parameters for 3 channels, 224 x 224 cells and 1000 classes.

    grid: only decides how many cells the first affine layer sees, 7 an axis at most; larger grids are averaged to
    that, and the body takes grids of any size. width: channels of the first stage. units: of the two affine layers,
    drop: behind each of them.
    b c_in *grid -> list of b (WIDER[i] width) *ceil(grid / 2^(i + 1)), and b units *1
    """
    return Vgg(rank, c_in, D, grid=grid, width=width, units=units, drop=drop)


def vgg16_bn(
    rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5
) -> Vgg:
    """Configuration D with batch norm: 138,365,992 parameters. Settings as vgg16."""
    return Vgg(rank, c_in, D, grid=grid, width=width, units=units, drop=drop, normed="batch")


def vgg19(rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5) -> Vgg:
    """Configuration E: 143,667,240 parameters. Settings as vgg16."""
    return Vgg(rank, c_in, E, grid=grid, width=width, units=units, drop=drop)


def vgg19_bn(
    rank: int, c_in: int, *, grid: tuple[int, ...], width: int = 64, units: int = 4096, drop: float = 0.5
) -> Vgg:
    """Configuration E with batch norm: 143,678,248 parameters. Settings as vgg16."""
    return Vgg(rank, c_in, E, grid=grid, width=width, units=units, drop=drop, normed="batch")
