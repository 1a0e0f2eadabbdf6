"""Augmentation on the device, whole batches at a time: a pure function of the batch and of one key a sample."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

import torch
from torch import Tensor


class Augment(Protocol):
    """Changes a training batch.

    Beside that `only`: the name of the one task that it is for, if there is one.
    stage: "raw" acts on what the store holds (waveform, word numbers), "grid" on what the front-end makes of it.
    Called as `augment(x, y, key)`: x (b, ...), y (b, k) soft targets, key (b,) from `multicnn.data.random.keys`,
    and returns the new (x, y). Mixing takes the neighbour in the batch as partner: rows 2j and 2j + 1 are partners.
    """

    stage: Literal["raw", "grid"]

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> tuple[Tensor, Tensor]: ...


@runtime_checkable
class Moving(Protocol):
    """An augment that moves the grid's cells, so that masks and boxes must follow."""

    def matrix(self, key: Tensor, grid: Sequence[int]) -> Tensor:
        """Where each cell of the new grid comes from, as a homogeneous map of coordinates from -1 to 1 (the borders).

        The axes are in the order of `torch.nn.functional.affine_grid`: the last one first.  b -> b rank+1 rank+1
        """
        ...


def partner(n: int, device: torch.device) -> Tensor:
    """Row numbers of the partners: 1 0 3 2 5 4 ...; an odd last row is its own."""
    other = torch.arange(n, device=device) ^ 1
    return other.clamp(max=n - 1) if n % 2 == 0 else torch.where(other < n, other, n - 1)


def apply(
    augments: Sequence[Augment], stage: str, move: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor, key: Tensor
) -> tuple[Tensor, Tensor]:
    """Run the augments of one stage in order, each with its own key; `move` takes the answers along."""
    for place, augment in enumerate(augments):
        if augment.stage == stage:
            x, y = augment(x, y, key + place)
            if isinstance(augment, Moving):
                y = move(y, augment.matrix(key + place, x.shape[2:] or x.shape[1:]))  # waveforms have no channels
    return x, y
