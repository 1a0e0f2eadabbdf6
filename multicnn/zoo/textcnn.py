"""Convolutions of several widths, each reduced to its maximum. Kim 2014, arxiv.org/abs/1408.5882."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import ConvBlock, Dropout, activation, xavier
from multicnn.zoo.body import WHOLE, Body, vector
from multicnn.zoo.ngrams import Ngrams
from multicnn.zoo.types import Types
from multicnn.zoo.windows import StrongestWindow, strongest_of


class TextCnn(Body):
    """Each kernel slides over the grid and keeps its `k` strongest answers, in their order; the activation is theirs.

    As in Kim's code a text stands between zeros: a kernel begins before the first word with its last one on it, and
    ends behind the last word. So its weakest answer is that to zeros, and how much padding a text has does not matter.
    b c_in *grid -> [b (len(kernels) width k) *1]
    """

    def __init__(self, rank: int, c_in: int, *, width: int, kernels: Sequence[int], k: int, act: str, drop: float):
        super().__init__()
        self.rank, self.k = rank, k
        self.branches = nn.ModuleList(
            nn.Sequential(ConvBlock(rank, c_in, width, size, padding=0, norm="none", act="none"), Strongest(k))
            for size in kernels
        )
        self.act, self.drop = activation(act), Dropout(drop)
        self.sizes, self.width = [*kernels], width
        self.channels, self.strides = [len(kernels) * width * k], [WHOLE]

    def forward(self, x: Tensor) -> list[Tensor]:
        pairs = zip(self.sizes, self.branches, strict=True)
        return self.level(torch.cat([branch(between(x, size, self.k)) for size, branch in pairs], dim=1))

    def by_types(self, types: Types) -> list[Tensor]:
        """As `forward(types.dense())`; only of the single strongest answers by less work."""
        filters = self.filters()
        if filters is None:
            return self(types.dense())
        best = StrongestWindow.apply(types.vectors, filters, types.places, self.sizes)
        return self.level(best + self.bias())

    def by_products(self, places: Tensor, products: Tensor) -> list[Tensor]:
        """As `by_types`, from the products of the vectors with the filters.  b t, u (sizes width) -> levels"""
        return self.level(strongest_of(places, products, self.sizes)[0] + self.bias())

    def ngrams(self, x: Tensor) -> list[Ngrams]:
        """Each feature comes of the windows that its filter kept.  b c_in t -> one a size"""
        return [self._kept(x, size, conv) for size, conv in zip(self.sizes, self.convs, strict=True)]

    def _kept(self, x: Tensor, size: int, conv: Any) -> Ngrams:
        """Of the filters of one size."""
        wide = between(x, size, self.k)
        answers = conv(wide)
        places = strongest(answers, self.k)  # b f k
        seen = wide.unfold(2, size, 1)[torch.arange(len(x))[:, None, None], :, places]  # b f k c size
        words = torch.einsum("bfkcs,fcs->bfks", seen, conv.weight)
        before = answers.gather(2, places)
        value = self.act(before)
        words = words * (value / torch.where(before == 0, 1.0, before))[..., None]
        begin = places - (size - 1)
        return Ngrams(size, begin.flatten(1)[..., None], value.flatten(1)[..., None], words.flatten(1, 2)[:, :, None])

    def filters(self) -> Tensor | None:
        """What each word of a window is multiplied by; None for several strongest answers.  -> (sizes width) c_in"""
        if self.k > 1:
            return None
        return torch.cat([conv.weight.permute(2, 0, 1).flatten(0, 1) for conv in self.convs])

    def bias(self) -> Tensor:
        """-> (len(kernels) width)"""
        return torch.cat([conv.bias for conv in self.convs])

    @property
    def convs(self) -> list[Any]:
        """The convolutions, one a size."""
        return [cast(Any, branch)[0].conv for branch in self.branches]

    def level(self, strongest: Tensor) -> list[Tensor]:
        """b (len(kernels) width k) -> [b (len(kernels) width k) *1]"""
        return [vector(self.drop(self.act(strongest)), self.rank)]


class Strongest(nn.Module):
    """The `k` largest values of each channel in the order of their cells, the first ones of equal values.

    Kalchbrenner et al. 2014, arxiv.org/abs/1404.2188.  b c *grid -> b (c k)
    """

    def __init__(self, k: int):
        super().__init__()
        self.k = k

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(2)
        if self.k == 1:
            return x.max(2).values
        return x.gather(2, strongest(x, self.k)).flatten(1)


def strongest(x: Tensor, k: int) -> Tensor:
    """Where the `k` largest values of each channel are, in the order of their cells.  b c t -> b c k"""
    if k == 1:
        return x.max(2, keepdim=True).indices
    return x.argsort(dim=2, descending=True, stable=True)[:, :, :k].sort(dim=2).values


def between(x: Tensor, size: int, k: int) -> Tensor:
    """The grid with the zeros around it that a kernel reads: behind it `k` windows of nothing but zeros.

    b c *grid -> b c *(size - 1 + grid + size - 1 + k)
    """
    return functional.pad(x, [size - 1, size - 1 + k] * (x.ndim - 2))


def textcnn(
    rank: int,
    c_in: int,
    *,
    width: int = 100,
    kernels: Sequence[int] = (3, 4, 5),
    k: int = 1,
    act: str = "relu",
    drop: float = 0.5,
) -> TextCnn:
    """Kim's sentence classifier: 100 kernels each of 3, 4 and 5 words.

    kernels: words a kernel covers; width: kernels of each size; k: answers that each keeps; drop: of a feature, 0.5 in
    the paper.
    b c_in *grid -> [b (len(kernels) width k) *1]
    """
    return xavier(TextCnn(rank, c_in, width=width, kernels=kernels, k=k, act=act, drop=drop))
