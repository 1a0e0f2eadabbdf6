"""Losses of maps of classes, one number a sample, over the cells that count.

All take logits `b k *grid`, class numbers `b *grid` with `ignore` where nobody knows, and optionally a weight a class;
a sample without a known cell has loss 0.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

GAMMA = 2.0  # Lin et al.'s choice


def cross_entropy(out: Tensor, y: Tensor, weights: Tensor | None, ignore: int) -> Tensor:
    """Mean over the cells, each times its class's weight.  b k *grid, b *grid -> b"""
    return known_mean(F.cross_entropy(out, y, weights, ignore_index=ignore, reduction="none"), y, ignore)


def focal(out: Tensor, y: Tensor, weights: Tensor | None, ignore: int) -> Tensor:
    """Cross-entropy times (1 - p)^2, p of the true class: easy cells count little. Lin et al. 2017, arXiv 1708.02002.

    The class weights are the paper's alpha.  b k *grid, b *grid -> b
    """
    cost = F.cross_entropy(out, y, ignore_index=ignore, reduction="none")  # -log p
    cost = cost * (-torch.expm1(-cost)) ** GAMMA
    if weights is not None:
        cost = cost * weights[y.where(y != ignore, 0)]
    return known_mean(cost, y, ignore)


def dice(out: Tensor, y: Tensor, weights: Tensor | None, ignore: int) -> Tensor:
    """1 - 2 sum p y / (sum p + sum y), soft. Milletari et al. 2016, arXiv 1606.04797 (their sums of squares left out).

    Sums over a sample's cells; mean over the classes that occur in it, by weight. False alarms of classes that do not
    occur count too, as they take probability from those that do.  b k *grid, b *grid -> b
    """
    both, said, true = sums(out, y, ignore)
    return present_mean(1 - 2 * both / (said + true).clamp(min=1), true, weights)


def jaccard(out: Tensor, y: Tensor, weights: Tensor | None, ignore: int) -> Tensor:
    """1 - sum p y / (sum p + sum y - sum p y), soft intersection over union. Rahman, Wang 2016, ISVC.

    Sums and means as in `dice`.  b k *grid, b *grid -> b
    """
    both, said, true = sums(out, y, ignore)
    return present_mean(1 - both / (said + true - both).clamp(min=1), true, weights)


LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor | None, int], Tensor]] = {
    "cross-entropy": cross_entropy,
    "dice": dice,
    "jaccard": jaccard,
    "focal": focal,
}


def known_mean(cost: Tensor, y: Tensor, ignore: int) -> Tensor:
    """Over the cells whose class is known.  b *grid, b *grid -> b"""
    known = (y != ignore).flatten(1)
    return (cost.flatten(1) * known).sum(1) / known.sum(1).clamp(min=1)


def sums(out: Tensor, y: Tensor, ignore: int) -> tuple[Tensor, Tensor, Tensor]:
    """Of p y, p and y over the known cells, for each sample and class.  b k *grid, b *grid -> b k, b k, b k"""
    k = out.shape[1]
    known = (y != ignore).flatten(1)[:, None]
    p = out.flatten(2).softmax(1) * known
    true = y.flatten(1)[:, None] == torch.arange(k, device=y.device)[:, None]  # b k cells
    true = true & known
    return (p * true).sum(2), p.sum(2), true.sum(2)


def present_mean(cost: Tensor, true: Tensor, weights: Tensor | None) -> Tensor:
    """Over the classes that occur in a sample, by weight.  b k, b k -> b"""
    share = (true > 0).to(cost.dtype) if weights is None else (true > 0) * weights
    return (cost * share).sum(1) / torch.where(share.any(1), share.sum(1), 1)
