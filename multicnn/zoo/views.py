"""Test-time augmentation: a net that sees each sample in several views and answers with the mean of its logits."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from multicnn.names import find
from multicnn.zoo.net import Net

Answer = Callable[[Tensor], Tensor]

ROLLS = 4
STEP = 28  # cells of the shorter side to each cell that the shifted views are moved by; one at least


class Views(Net):
    """`net`, asked for every combination of some views, by their names in VIEWS. Maps of answers are moved back.

    Raises UsageError for an unknown view.  raw -> as `net`
    """

    def __init__(self, net: Net, views: Sequence[str]):
        super().__init__(net.frontend, net.body, net.head)
        self.seen: Answer = net.answer
        for name in views:
            self.seen = find("view", VIEWS, name)(self.seen)

    def grid(self, x: Tensor) -> Tensor:
        return self.frontend(x)  # never by distinct vectors, which have no sides

    def answer(self, grid: Tensor) -> Tensor:
        return self.seen(grid)


def flip(answer: Answer) -> Answer:
    """As it is, and mirrored left and right."""

    def mean(x: Tensor) -> Tensor:
        return (answer(x) + back(answer(x.flip(-1)), x, lambda out: out.flip(-1))) / 2

    return mean


def shift(answer: Answer) -> Answer:
    """As it is, and, half as much each, moved a little up and left, and down and right.

    The border's cells are repeated outwards. Jordan 2024, arXiv 2404.00498, section 3.5.
    """

    def mean(x: Tensor) -> Tensor:
        step = max(1, min(x.shape[-2:]) // STEP)
        moved = [back(answer(shifted(x, n)), x, lambda out, n=n: shifted(out, -n)) for n in (step, -step)]
        return answer(x) / 2 + sum(moved) / 4

    return mean


def roll(answer: Answer) -> Answer:
    """As it is, and begun a quarter, a half and three quarters later, what was before coming at the end.

    Along the last axis, which is time of sounds.
    """

    def mean(x: Tensor) -> Tensor:
        moves = [i * x.shape[-1] // ROLLS for i in range(ROLLS)]
        moved = [back(answer(x.roll(-n, -1)), x, lambda out, n=n: out.roll(n, -1)) for n in moves]
        return torch.stack(moved).mean(0)

    return mean


VIEWS: dict[str, Callable[[Answer], Answer]] = {"flip": flip, "shift": shift, "roll": roll}


def back(out: Tensor, x: Tensor, move: Callable[[Tensor], Tensor]) -> Tensor:
    """An answer for each cell of `x` is moved as the view was; an answer for the whole sample stays."""
    return move(out) if out.shape[2:] == x.shape[2:] else out


def shifted(x: Tensor, n: int) -> Tensor:
    """Each cell takes the value `n` cells further down and right.  ... h w -> ... h w"""
    rows, columns = ((torch.arange(size, device=x.device) + n).clamp(0, size - 1) for size in x.shape[-2:])
    return x.index_select(-2, rows).index_select(-1, columns)
