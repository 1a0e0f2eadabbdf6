"""Something that a net says of a sample, as numbers that can be explained."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from torch import Tensor

Read = Callable[[Tensor], Tensor]
"""Of the answers to copies of one sample, each changed a little, a number each.  n ... -> n"""


class Aim(NamedTuple):
    """What is explained of one sample.

    name: its class, or what else it is called.  score: a logit, whose parts are looked for.  chance: the same as a
    number from 0 to 1.  where: the part of the sample that it is about, None for all of it; axes as those of the
    sample's grid, or its last one alone, of any size.
    """

    name: str
    score: Read
    chance: Read
    where: np.ndarray | None = None


FINE = 200  # cells a side of the map of a box


def box_cells(box: Sequence[float]) -> np.ndarray:
    """Which cells of a picture lie in a box: left, top, right, bottom as shares.  -> FINE FINE, bool"""
    middles = (np.arange(FINE) + 0.5) / FINE
    left, top, right, bottom = box
    return ((middles > top) & (middles < bottom))[:, None] & ((middles > left) & (middles < right))


@runtime_checkable
class Aiming(Protocol):
    """A task that says what of its answers can be explained."""

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """What the net says of one sample that is of these classes, the surest first; of each class once, or not at all
        where nothing of it is found.  1 ...
        """
        ...
