"""Pairs of samples mixed with their targets: the same for pictures, sounds and spectrograms."""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from multicnn.data.random import normal, uniform
from multicnn.errors import UsageError
from multicnn.train.augment import partner

TRIES = 8  # a try is accepted with 95 % or more: all fail once in 10**10 draws, and the last then counts
BETA_SALT = 10


@dataclass(frozen=True, kw_only=True)
class Mixup:
    """Two samples faded into each other by a share from Beta(alpha, alpha). Zhang et al. 2018, arXiv 1710.09412."""

    alpha: float = 0.2
    mixes = True
    stage: Literal["raw", "grid"] = field(default="grid", init=False)

    def __post_init__(self) -> None:
        if not self.alpha > 0:
            raise UsageError(f"mixup.alpha is {self.alpha}; it must be above 0")

    def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        other = partner(len(x), x.device)
        share = beta(pair_key(key), self.alpha)
        return fade(x, x[other], share), fade(y, y[other], share)


def fade(a: Tensor, b: Tensor, share: Tensor) -> Tensor:
    """`share` of a and the rest of b, a sample at a time.  b ..., b ..., b -> b ..."""
    share = share.to(a.dtype).view(-1, *[1] * (a.ndim - 1))
    return torch.lerp(b, a, share)


def pair_key(key: Tensor) -> Tensor:
    """The first partner's key for both.  b -> b"""
    row = torch.arange(len(key), device=key.device)
    return key[torch.minimum(row, partner(len(key), key.device))]


def beta(key: Tensor, alpha: float, salt: int = BETA_SALT) -> Tensor:
    """One number a key from Beta(alpha, alpha), as a share of two gamma draws.  b -> b"""
    return torch.sigmoid(log_gamma(key, alpha, salt) - log_gamma(key, alpha, salt + 3))


def log_gamma(key: Tensor, alpha: float, salt: int) -> Tensor:
    """The logarithm of one draw a key from Gamma(alpha, 1). Marsaglia and Tsang 2000, doi.org/10.1145/358407.358414.

    Drawn at alpha + 1 and scaled down, so that any alpha above 0 will do; uses three salts.  b -> b
    """
    d = alpha + 2 / 3
    z = normal(key, TRIES, salt)
    v = (1 + z / (9 * d) ** 0.5) ** 3
    log_v = v.clamp(min=1e-30).log()
    accepted = (v > 0) & (torch.log1p(-uniform(key, TRIES, salt + 1)) < z.square() / 2 + d * (1 - v + log_v))
    first = torch.where(accepted.any(1), accepted.int().argmax(1), TRIES - 1)
    chosen = log_v.gather(1, first[:, None])[:, 0] + torch.log(torch.tensor(d))
    return chosen + torch.log1p(-uniform(key, 1, salt + 2)[:, 0]) / alpha
