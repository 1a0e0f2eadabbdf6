"""GoogLeNet. Szegedy et al. 2014, arxiv.org/abs/1409.4842; layers are named after torchvision's."""

from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import ChannelDropout, ConvBlock, Dropout, Inception, epsilon, kaiming, nd, norm, pool
from multicnn.zoo.body import Body, multiple_of

# c1, c3_reduce, c3, c5_reduce, c5, pool_proj of each module: the paper's table 1, for a first layer of 64 channels
MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
LEVELS = {"3b": 8, "4a": 16, "4d": 16, "4e": 16, "5b": 32}  # the modules whose answers are levels, and their strides
SIDE = (3, 4)  # 4a and 4d among the levels
EPSILON = 1e-3  # of batch norm, where there is one: what torchvision's weights were learnt with


class Halve(nn.Module):
    """Max pooling 3/2 whose windows begin with the first cell; an odd axis gets a window of its last cell alone.

    On even axes it is torch's pooling with ceil_mode.
    b c *grid -> b c *ceil(grid / 2)
    """

    def __init__(self, rank: int):
        super().__init__()
        self.pool = pool("max", rank, 3, stride=2, ceil=True)

    def forward(self, x: Tensor) -> Tensor:
        behind = [cells for n in reversed(x.shape[2:]) for cells in (0, n % 2)]
        return self.pool(functional.pad(x, behind, value=float("-inf")) if any(behind) else x)


class SideClassifier(nn.Module):
    """Averages over 4 cells an axis, a 1x1 convolution, two affine layers.

    The paper's windows, 5 cells every 3, leave 4 x 4 of its 14 x 14 cells; these here do so on any grid.
    b c_in *grid -> b k
    """

    def __init__(self, rank: int, c_in: int, k: int, *, width: int, normed: str, drop: float = 0.7):
        super().__init__()
        self.pool = nd("AdaptiveAvgPool", rank)(4)
        self.conv = kaiming(ConvBlock(rank, c_in, 2 * width, 1, norm=normed))
        self.fc1 = kaiming(nn.Linear(2 * width * 4**rank, 16 * width))
        self.relu = nn.ReLU()
        self.drop = Dropout(drop)
        self.fc2 = nn.Linear(16 * width, k)
        epsilon(self, EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(self.pool(x)).flatten(1)
        return self.fc2(self.drop(self.relu(self.fc1(x))))


class GoogLeNet(Body):
    """Three convolutions and nine Inception modules; the modules 4a and 4d get side classifiers in training.

    normed: the norm of each convolution. response: the norm around the second and third one. kernel_5: of the branch
    of 5x5 convolutions. last_pool: before module 5a. Dropping a channel of the last level before its mean is taken is
    the paper's dropout of the mean. Other settings as googlenet.
    b c_in *grid -> list of b channels[i] *ceil(grid / strides[i])
    """

    side_weight = 0.3

    def __init__(
        self,
        rank: int,
        c_in: int,
        *,
        width: int,
        drop: float,
        aux: bool,
        normed: str,
        response: str,
        kernel_5: int,
        last_pool: nn.Module,
    ):
        super().__init__()
        self.rank, self.width, self.normed = rank, width, normed
        self.side = SIDE if aux else ()
        self.conv1 = ConvBlock(rank, c_in, width, 7, stride=2, norm=normed)
        self.pool1 = nn.Sequential(Halve(rank), norm(response, rank, width))
        self.conv2 = ConvBlock(rank, width, width, 1, norm=normed)
        self.conv3 = ConvBlock(rank, width, 3 * width, 3, norm=normed)
        self.inception = nn.ModuleDict()
        self.channels, self.strides = [width, 3 * width], [2, 4, *LEVELS.values()]
        c = 3 * width
        for name, row in MODULES.items():
            module = inception(rank, c, row, width, normed, kernel_5)
            self.inception[name], c = module, module.channels
            self.channels += [c] if name in LEVELS else []
        before = nn.Sequential(norm(response, rank, 3 * width), Halve(rank))
        self.pools = nn.ModuleDict({"3a": before, "4a": Halve(rank), "5a": last_pool})
        self.drop = ChannelDropout(drop)
        kaiming(epsilon(self, EPSILON))

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = [self.conv1(x)]
        x = self.conv3(self.conv2(self.pool1(levels[0])))
        levels.append(x)
        for name, module in self.inception.items():
            x = module(self.pools[name](x) if name in self.pools else x)
            levels += [x] if name in LEVELS else []
        return [*levels[:-1], self.drop(x)]

    def side_classifiers(self, k: int) -> list[nn.Module]:
        """See `multicnn.zoo.heads.Supervised`."""
        read = [self.channels[i] for i in self.side]
        return [SideClassifier(self.rank, c, k, width=self.width, normed=self.normed) for c in read]


def inception(rank: int, c_in: int, row: tuple[int, ...], width: int, normed: str, kernel_5: int) -> Inception:
    """A module of the table, for a first layer of `width` channels.  b c_in *grid -> b channels *grid"""
    c1, c3_reduce, c3, c5_reduce, c5, pool_proj = (c * width // 64 for c in row)
    return Inception(
        rank,
        c_in,
        c1=c1,
        c3_reduce=c3_reduce,
        c3=c3,
        c5_reduce=c5_reduce,
        c5=c5,
        pool_proj=pool_proj,
        norm=normed,
        kernel_5=kernel_5,
    )


def googlenet(rank: int, c_in: int, *, width: int = 64, drop: float = 0.4, aux: bool = True) -> GoogLeNet:
    """The network of 2014: 6,998,552 parameters for 3 channels and 1000 classes, 13,378,280 with side classifiers.

    No batch norm, local response norms around the second and third convolution. width: channels of the first
    convolution, a multiple of 8. drop: of the last level's mean. aux: whether the finer levels learn to answer too,
    each with 0.3 of the loss; evaluation does not need these classifiers.
    b c_in *grid -> list of b channels[i] *ceil(grid / strides[i])
    """
    multiple_of("googlenet", "width", width, 8)
    last_pool = Halve(rank)
    return GoogLeNet(
        rank,
        c_in,
        width=width,
        drop=drop,
        aux=aux,
        normed="none",
        response="lrn",
        kernel_5=5,
        last_pool=last_pool,
    )


def googlenet_torchvision(rank: int, c_in: int, *, width: int = 64, drop: float = 0.2, aux: bool = True) -> GoogLeNet:
    """torchvision's form: 6,624,904 parameters for 3 channels and 1000 classes, 13,004,888 with side classifiers.

    Batch norms instead of local response norms, 3x3 convolutions where the paper has 5x5, and a pooling 2/2 before
    module 5a. Its answers are torchvision's on grids of multiples of 32 cells. Settings as googlenet.
    b c_in *grid -> list of b channels[i] *ceil(grid / strides[i])
    """
    multiple_of("googlenet_torchvision", "width", width, 8)
    last_pool = pool("max", rank, 2, ceil=True)
    return GoogLeNet(
        rank,
        c_in,
        width=width,
        drop=drop,
        aux=aux,
        normed="batch",
        response="none",
        kernel_5=3,
        last_pool=last_pool,
    )
