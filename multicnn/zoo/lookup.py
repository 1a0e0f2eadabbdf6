"""Answers by looking up: what the filters make of a word is computed once, whichever texts it occurs in."""

from typing import Any, Protocol, cast, runtime_checkable

import torch
from torch import Tensor

from multicnn.zoo.net import Net

ROOM = 2**30  # bytes of products that are kept; of 100,000 words with 3 x 100 filters a half


@runtime_checkable
class Numbered(Protocol):
    """A front-end for which a number stands for one vector, wherever it occurs."""

    @property
    def size(self) -> int:
        """How many numbers there are, padding among them."""
        ...

    def look_up(self, numbers: Tensor) -> Tensor | None:
        """Those of some numbers, of 0 nothing but zeros; None where their neighbours matter too.  u -> u d"""
        ...


@runtime_checkable
class ByProducts(Protocol):
    """A body that reads nothing of a vector but its products with the body's filters."""

    def filters(self) -> Tensor | None:
        """-> f d; None where it needs more than products."""
        ...

    def by_products(self, places: Tensor, products: Tensor) -> list[Tensor]:
        """As `by_types` of the vectors whose products these are.  b t, u f -> levels"""
        ...


class Looked(Net):
    """A trained net that keeps the products of each word it has met, in single precision; its answers stay the same.

    The weights must not change any more.
    """

    def __init__(self, net: Net):
        super().__init__(net.frontend, net.body, net.head)
        filters, size = cast(Tensor, cast(ByProducts, net.body).filters()), cast(Numbered, net.frontend).size
        self.filters = filters.detach().float()
        self.products = torch.empty(size, len(filters))  # the system gives memory only to rows that are written
        self.known = torch.zeros(size, dtype=torch.bool)

    def forward(self, x: Tensor) -> Tensor:
        if self.training or x.device.type != "cpu" or torch.compiler.is_compiling():
            return super().forward(x)
        self.meet(x)
        return self.head(cast(ByProducts, self.body).by_products(x.long(), self.products))

    @torch.no_grad()
    def meet(self, x: Tensor) -> None:
        """Compute the products of words not met so far."""
        new = torch.unique(x[~self.known[x]]).long()
        if not len(new):
            return
        vectors = cast(Any, self.frontend).look_up(new)
        with torch.autocast("cpu", enabled=False):
            self.products[new] = vectors.float() @ self.filters.T
        self.known[new] = True


def looked(net: Net) -> Net:
    """`net`, by looking up where it can; for evaluation only, while its weights stay."""
    frontend, body = net.frontend, net.body
    if type(net) is not Net or not isinstance(frontend, Numbered) or not isinstance(body, ByProducts):
        return net
    filters, vectors = body.filters(), frontend.look_up(torch.zeros(1, dtype=torch.int64))
    if filters is None or vectors is None or filters.device.type != "cpu" or frontend.size * len(filters) * 4 > ROOM:
        return net
    return Looked(net).train(net.training)
