"""Random numbers as a pure function of (seed, epoch, sample): the same on any device, in any batch, after any resume.

A counter is hashed by the finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi.org/10.1145/2660193.2660195).
"""

import math

import torch
from torch import Tensor

GOLDEN = -7046029254386353131  # 0x9E3779B97F4A7C15 as a signed 64-bit number
MIX_A = -4658895280553007687  # 0xBF58476D1CE4E5B9
MIX_B = -7723592293110705685  # 0x94D049BB133111EB


def _shift(x: Tensor, bits: int) -> Tensor:
    """Logical right shift of signed 64-bit numbers."""
    return (x >> bits) & ((1 << (64 - bits)) - 1)


def mix(x: Tensor) -> Tensor:
    """Hash every 64-bit number of `x`; a bijection."""
    x = (x ^ _shift(x, 30)) * MIX_A
    x = (x ^ _shift(x, 27)) * MIX_B
    return x ^ _shift(x, 31)


def keys(seed: int, epoch: int, index: Tensor, salt: int = 0) -> Tensor:
    """One key a sample, from the run's seed, the epoch, the sample's row and the purpose (`salt`).

    The lowest bit of a sample's key changes from each epoch to the next, for what is to alternate.  b -> b
    """
    run, when = torch.tensor([seed * 1_000_003 + salt, epoch], dtype=torch.int64, device=index.device)
    run, row = mix(run + GOLDEN), index.to(torch.int64) * GOLDEN
    return mix(mix(run + when * GOLDEN) + row) & ~1 | (mix(run + row) + when) & 1


def uniform(key: Tensor, n: int, salt: int = 0) -> Tensor:
    """`n` numbers in [0, 1) a sample, 24 random bits each.  b -> b n"""
    counter = torch.arange(1, n + 1, dtype=torch.int64, device=key.device) * GOLDEN
    bits = mix(mix(key + torch.full_like(key, salt) * MIX_A)[:, None] + counter)
    return _shift(bits, 40).to(torch.float32) * 2.0**-24


def normal(key: Tensor, n: int, salt: int = 0) -> Tensor:
    """`n` numbers a sample from the standard normal distribution (Box and Muller 1958).  b -> b n"""
    half = (n + 1) // 2
    u = uniform(key, 2 * half, salt)
    radius = (-2.0 * torch.log1p(-u[:, :half])).sqrt()
    angle = 2.0 * math.pi * u[:, half:]
    return torch.cat([radius * angle.cos(), radius * angle.sin()], dim=1)[:, :n]
