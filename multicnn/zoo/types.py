"""A batch of texts by their distinct vectors: what occurs twice is computed once."""

from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor


class Types(NamedTuple):
    """vectors: the distinct ones (u, d), of which the first is padding and zero.  places: which stands where (b, t)."""

    vectors: Tensor
    places: Tensor

    def dense(self) -> Tensor:
        """The grid that it stands for.  -> b d t"""
        return self.vectors[self.places].transpose(1, 2)


@runtime_checkable
class Typed(Protocol):
    """A front-end whose grid consists of few distinct vectors."""

    def types(self, raw: Tensor) -> Types | None:
        """Its grid for a raw batch by distinct vectors; None where they would all differ, as behind dropout.

        b t -> u d and b t
        """
        ...


@runtime_checkable
class ByTypes(Protocol):
    """A body that computes with distinct vectors what it makes of their grid."""

    def by_types(self, types: Types) -> list[Tensor]:
        """As `forward(types.dense())`."""
        ...


Grid = Tensor | Types


def distinct(numbers: Tensor) -> tuple[Tensor, Tensor]:
    """The different numbers of a batch, 0 first even if it does not occur, and which of them stands where.

    Numbers are not negative.  b t -> u, b t
    """
    values, places = torch.unique(torch.cat([numbers.new_zeros(1), numbers.flatten()]), return_inverse=True)
    return values, places[1:].view(numbers.shape)
