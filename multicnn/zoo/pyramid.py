"""A detector's neck and head: boxes of any size, from the levels of any body that keeps cells."""

from collections.abc import Sequence
from math import log

import torch
from torch import Tensor, nn

from multicnn.blocks import ChannelDropout, ConvBlock, conv
from multicnn.errors import UsageError
from multicnn.zoo.body import WHOLE, Body
from multicnn.zoo.cells import stretch, widen
from multicnn.zoo.net import Net

COARSEST = 32  # stride up to which levels are added, for boxes that fill the grid
PRIOR = 0.01  # an untrained cell's probability of each class: nearly all cells are background (arXiv 1708.02002)
USUAL = 4.0  # cells along the side of the box that an untrained cell answers with


class Pyramid(nn.Module):
    """Levels of equal width, each of which knows what the coarser ones saw. Lin et al. 2016, arxiv.org/abs/1612.03144.

    channels, strides: of the levels given, finest first. fewer: halvings of the finest before it is read. more: levels
    added behind the coarsest, each half as fine as the one before.
    list of b channels[i] *grid_i -> list of b width *grid_i
    """

    def __init__(self, rank: int, channels: Sequence[int], width: int, *, fewer: int = 0, more: int = 0):
        super().__init__()
        self.laterals = nn.ModuleList(conv(rank, c, width, 1) for c in channels)
        self.halvings = nn.Sequential(*[ConvBlock(rank, width, width, stride=2) for _ in range(fewer)])
        self.merges = nn.ModuleList(ConvBlock(rank, width, width) for _ in channels)
        self.added = nn.ModuleList(ConvBlock(rank, width, width, stride=2) for _ in range(more))

    def forward(self, levels: list[Tensor]) -> list[Tensor]:
        finest, *coarser = [lateral(level) for lateral, level in zip(self.laterals, levels, strict=True)]
        found: list[Tensor] = []  # coarsest first
        for level in reversed([self.halvings(finest), *coarser]):
            found.append(level + stretch(found[-1], level.shape[2:]) if found else level)
        found = [merge(x) for merge, x in zip(self.merges, reversed(found), strict=True)]
        for halve in self.added:
            found.append(halve(found[-1]))
        return found


class BoxHead(nn.Module):
    """A class, a box and the box's quality from every cell of a pyramid, by convolutions that all levels share.

    As FCOS (Tian et al. 2019, arxiv.org/abs/1904.01355), but a cell gives its box's middle and size, so that it may lie
    outside a box smaller than itself. body: whose levels are read. finest: stride that no level stays below. width:
    channels of the pyramid. depth: shared convolutions. drop: probability to drop a channel before the last layers.
    An answer is k logits, the logit of the quality, the box (left, top, right, bottom), the cell's middle and size
    (x, y, width, height), all as shares of the grid. Raises UsageError for a body without cells.
    list of b channels[i] *ceil(grid / strides[i]) -> b cells (k + 9)
    """

    def __init__(self, body: Body, k: int, *, finest: int = 4, width: int = 64, depth: int = 2, drop: float = 0.0):
        super().__init__()
        self.read, strides, fewer, more = plan(body, finest)
        self.k = k
        first = strides[0] * 2**fewer
        coarsest = max(first, strides[-1])
        self.strides = [first, *strides[1:], *[coarsest * 2 ** (i + 1) for i in range(more)]]
        self.path = Pyramid(2, [body.channels[i] for i in self.read], width, fewer=fewer, more=more)
        self.tower = nn.Sequential(*[ConvBlock(2, width, width, norm="group") for _ in range(depth)])
        self.drop = ChannelDropout(drop)
        self.classify, self.locate = conv(2, width, k), conv(2, width, 5)
        self.scale = nn.Parameter(torch.ones(len(self.strides)))
        for layer in (self.classify, self.locate):
            nn.init.normal_(layer.get_parameter("weight"), std=0.01)
            nn.init.zeros_(layer.get_parameter("bias"))
        nn.init.constant_(self.classify.get_parameter("bias"), -log(1 / PRIOR - 1))

    def forward(self, levels: list[Tensor], grid: Sequence[int]) -> Tensor:
        return self.rows(self.path([levels[i] for i in self.read]), grid)

    def rows(self, found: list[Tensor], grid: Sequence[int]) -> Tensor:
        """The answers of all levels of the pyramid, finest first.  list of b width *grid_i -> b cells (k + 9)"""
        triples = zip(found, self.strides, self.scale, strict=True)
        return torch.cat([self.answers(x, stride, scale, grid) for x, stride, scale in triples], dim=1)

    def answers(self, x: Tensor, stride: int, scale: Tensor, grid: Sequence[int]) -> Tensor:
        """Of one level, in float32: coordinates need its digits.  b c h w -> b (h w) (k + 9)"""
        x = self.drop(self.tower(x))
        logits = self.classify(x).flatten(2).mT.float()
        quality, off, size = self.locate(x).flatten(2).mT.float().split([1, 2, 2], dim=-1)
        at, cell = places(x.shape[2:], stride, grid, x.device)
        middle = at + off * cell
        half = (scale.float() * size).clamp(max=8).exp() * (USUAL / 2) * cell
        place = torch.cat([at, cell.expand_as(at)], -1).expand(x.shape[0], -1, -1)  # len would fix the graph's batch
        return torch.cat([logits, quality, middle - half, middle + half, place], -1)


class BoxNet(Net):
    """A net that answers with boxes: it widens the grid at its far ends to whole cells of the coarsest level.

    raw -> b cells (k + 9), see `BoxHead`, or what another head that is given levels and grid makes of them
    """

    def __init__(self, frontend: nn.Module, body: Body, head: nn.Module):
        super().__init__(frontend, body, head)
        self.multiple = max(body.strides)

    def levels(self, grid: Tensor) -> list[Tensor]:
        return self.body(widen(grid, self.multiple))

    def read(self, levels: list[Tensor], grid: Tensor) -> Tensor:
        return self.head(levels, grid.shape[2:])


def places(cells: Sequence[int], stride: int, grid: Sequence[int], device: torch.device) -> tuple[Tensor, Tensor]:
    """Middles of a level's cells row by row, and their size, as shares of the grid, x before y.  -> (h w) 2, 2"""
    size = shares(stride, grid, device)
    rows, columns = (torch.arange(n, device=device) + 0.5 for n in cells)
    down, across = torch.meshgrid(rows, columns, indexing="ij")
    return torch.stack([across, down], -1).flatten(0, 1) * size, size


def shares(stride: int, grid: Sequence[int], device: torch.device) -> Tensor:
    """Width and height of a cell as shares of the grid; tensors from the start, so that graphs may leave it open."""
    return torch.cat([torch.full((1,), stride / n, device=device) for n in (grid[1], grid[0])])


def plan(body: Body, finest: int) -> tuple[list[int], list[int], int, int]:
    """Which levels are read (the deepest of each stride), their strides, halvings of the first, levels to add."""
    name = type(body).__name__.lower()
    if WHOLE in body.strides or not body.padded:
        raise UsageError(f"{name} keeps no cells at its borders; to detect boxes choose resnet18, unet or another")
    deepest = {stride: i for i, stride in enumerate(body.strides)}
    read = {stride: deepest[stride] for stride in sorted(deepest) if stride >= finest}
    if not read:
        stride = max(deepest)
        read = {stride: deepest[stride]}
    strides = list(read)
    fewer = max(0, (-(-finest // strides[0]) - 1).bit_length())
    more = max(0, (COARSEST // (strides[-1] * 2**fewer if len(strides) == 1 else strides[-1])).bit_length() - 1)
    return list(read.values()), strides, fewer, more
