"""InceptionTime, for series of any length: what stands behind a sample's end changes nothing.

Ismail Fawaz et al. 2019, arxiv.org/abs/1909.04939.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from multicnn.blocks import conv, kaiming
from multicnn.zoo.body import WHOLE, Body
from multicnn.zoo.ended import before_end, mean_inside

EVERY = 3  # modules that a shortcut passes by


class InceptionTime(Body):
    """`depth` inception modules of 4 `width` channels with a shortcut past every three, and the mean over time.

    A sample ends with the last cell that is not 0 in all channels. Convolutions see zeros behind it, as they do behind
    the grid; batch norms and the mean count the cells before it alone. So a sample's answer is the same however far
    its batch is padded.
    b c_in t -> [b (4 width) t, b (4 width) 1]
    """

    def __init__(self, c_in: int, *, width: int, depth: int, kernels: Sequence[int], bottleneck: int):
        super().__init__()
        c = width * (1 + len(kernels))
        self.channels, self.strides = [c, c], [1, WHOLE]
        sizes = [c_in] + [c] * depth
        self.row = nn.ModuleList(Module(n, width, kernels, bottleneck) for n in sizes[:depth])
        self.shortcuts = nn.ModuleList(Shortcut(n, c) for n in sizes[: depth // EVERY * EVERY : EVERY])

    def forward(self, x: Tensor) -> list[Tensor]:
        inside = before_end(x)
        kept = x
        for place, module in enumerate(self.row, start=1):
            x = module(x, inside)
            if place % EVERY == 0:
                x = torch.relu(x + self.shortcuts[place // EVERY - 1](kept, inside))
                kept = x
        return [x, mean_inside(x, inside)]


class Module(nn.Module):
    """Convolutions of several lengths behind a bottleneck, beside a maximum of three cells.  b c_in t -> b c t"""

    def __init__(self, c_in: int, width: int, kernels: Sequence[int], bottleneck: int):
        super().__init__()
        narrow = bottleneck if c_in > 1 else c_in
        self.bottleneck = conv(1, c_in, narrow, 1, bias=False) if c_in > 1 else nn.Identity()
        self.branches = nn.ModuleList(conv(1, narrow, width, k, bias=False) for k in kernels)
        self.largest = nn.MaxPool1d(3, 1, 1)
        self.beside = conv(1, c_in, width, 1, bias=False)
        self.norm = EndedNorm(width * (1 + len(kernels)))

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        small = self.bottleneck(x)
        largest = self.largest(x.masked_fill(~inside, -torch.inf)).masked_fill(~inside, 0.0)
        found = torch.cat([*[branch(small) for branch in self.branches], self.beside(largest)], dim=1)
        return torch.relu(self.norm(found, inside))


class Shortcut(nn.Module):
    """b c_in t -> b c t"""

    def __init__(self, c_in: int, c: int):
        super().__init__()
        self.conv = conv(1, c_in, c, 1, bias=False)
        self.norm = EndedNorm(c)

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        return self.norm(self.conv(x), inside)


class EndedNorm(nn.Module):
    """Batch norm whose statistics count only the cells `inside`; the others become 0.  b c t, b 1 t -> b c t"""

    def __init__(self, c: int):
        super().__init__()
        self.norm = nn.BatchNorm1d(c)

    def forward(self, x: Tensor, inside: Tensor) -> Tensor:
        if not self.training:
            return self.norm(x).masked_fill(~inside, 0.0)
        out = x.new_zeros(x.shape[0], x.shape[2], x.shape[1])
        normed = self.norm(x.transpose(1, 2)[inside[:, 0]])
        return out.to(normed.dtype).index_put((inside[:, 0],), normed).transpose(1, 2)


def inceptiontime(
    rank: int,
    c_in: int,
    *,
    width: int = 32,
    depth: int = 6,
    kernels: Sequence[int] = (9, 19, 39),
    bottleneck: int = 32,
) -> InceptionTime:
    """One network of the paper's five; its kernels of 10, 20 and 40 are one shorter, so that they have a middle.

    width: channels of each branch. depth: modules. bottleneck: channels before the long convolutions.
    b c_in t -> [b (4 width) t, b (4 width) 1]
    """
    return kaiming(InceptionTime(c_in, width=width, depth=depth, kernels=kernels, bottleneck=bottleneck))
