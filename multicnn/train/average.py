"""Averages of the weights over the steps: one that is only evaluated, one that learning goes on from."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from multicnn.train.rows import RowAverage

STEPS = 5  # between two looks back
SHARE = 0.5  # of the way that the slow weights follow


class Average:
    """The exponential average of a net's weights and running statistics, kept in a net of its own.

    tables: names of weights whose rows seldom change; they are right after `settle` only.
    state: tensors to save, a list a name, as an optimizer's.
    """

    def __init__(self, ema: nn.Module, net: nn.Module, tables: Sequence[str] = ()):
        ours, theirs = ema.state_dict(), net.state_dict()
        moving = [k for k, v in ours.items() if v.is_floating_point() and k not in tables]
        self.pair = [ours[k] for k in moving], [theirs[k] for k in moving]
        self.counters = [(v, theirs[k]) for k, v in ours.items() if not v.is_floating_point()]
        self.rows = [RowAverage(ours[k], net.get_parameter(k)) for k in tables]
        self.state = {"behind": [r.behind for r in self.rows], "passed": [r.passed for r in self.rows]}

    def before(self) -> None:
        """Before the optimizers move the net."""
        for table in self.rows:
            table.before()

    @torch.no_grad()
    def update(self, decay: float, step: int) -> None:
        """Move it towards the net, by 1 - `decay`; faster in the first steps."""
        share = 1 - min(decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(*self.pair, share)  # pyright: ignore[reportPrivateImportUsage]
        for ours, theirs in self.counters:
            ours.copy_(theirs)
        for table in self.rows:
            table.passed += math.log1p(-share)

    def settle(self) -> None:
        """Make the average right, before it is used."""
        for table in self.rows:
            table.settle()


class Lookahead:
    """Every few steps, weights halfway back to those of the last time. Zhang et al. 2019, arxiv.org/abs/1907.08610.

    state: tensors to save, a list a name, as an optimizer's.
    """

    def __init__(self, params: Sequence[nn.Parameter]):
        self.params: list[Tensor] = [*params]
        self.state = {"slow": [p.detach().clone(memory_format=torch.preserve_format) for p in params]}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """After so many finished steps."""
        if step % STEPS == 0:
            slow: list[Tensor] = self.state["slow"]
            torch._foreach_lerp_(slow, self.params, SHARE)  # pyright: ignore[reportPrivateImportUsage]
            torch._foreach_copy_(self.params, slow)  # pyright: ignore[reportPrivateImportUsage]
