"""Whether a heat map hangs on what the net has learnt. Adebayo et al. 2018, arXiv 1810.03292."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import Tensor

from multicnn.insight.explain.question import Method, Question
from multicnn.zoo.net import Net


def likeness(this: Question, method: Method, heat: Tensor, untrained: Net) -> list[float]:
    """The rank correlation of each heat map with that of the net before it learnt; near 0 is well.

    heat: b *cells
    """
    other = method(replace(this, net=untrained)).cells
    inside = this.sample.inside
    return [spearman(a[inside], b[inside]) for a, b in zip(heat, other, strict=True)]


def spearman(a: Tensor, b: Tensor) -> float:
    """0 where one of them is the same everywhere.  n, n ->"""
    a, b = (ranks(x.double()) for x in (a, b))
    a, b = a - a.mean(), b - b.mean()
    below = (a.square().sum() * b.square().sum()).sqrt()
    return float((a * b).sum() / below) if below > 0 else 0.0


def ranks(x: Tensor) -> Tensor:
    """Equal ones share their mean rank.  n -> n"""
    _, place, count = x.unique(return_inverse=True, return_counts=True)
    last = count.cumsum(0).double()
    return (last - (count - 1) / 2)[place]


def anew(build: Callable[[], Net], *, seed: int = 0) -> Net:
    """A net of the weights that it might have started from."""
    with drawn(seed):
        return build().eval()


@contextmanager
def drawn(seed: int) -> Iterator[None]:
    """Random numbers from a seed, and afterwards those that would have come."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
