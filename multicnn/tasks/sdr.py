"""Ratios of signal to distortion from inner products, which add up over the windows of a long sound.

So the numbers of a sound are those of the whole of it, however it was cut.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from multicnn.tasks.signals import SILENT

LIMIT = 100.0  # dB, each way
DELTA = 1e-7  # that the MDX challenge adds to both energies


class Products(NamedTuple):
    """Of n sounds with s sources. cross: of each answer (rows) with each reference.  answer, true, mixed: energies of
    answers and references, and products of the mixture with the references.  mixture: its energy.  length: samples.
    loss: of each sound.  n s s, n s, n s, n s, n, n, n
    """

    cross: np.ndarray
    answer: np.ndarray
    true: np.ndarray
    mixed: np.ndarray
    mixture: np.ndarray
    length: np.ndarray
    loss: np.ndarray

    @property
    def silent(self) -> np.ndarray:
        """References that no ratio can be told of.  n s"""
        return self.true < SILENT * self.length[:, None]


def pack(estimate: Tensor, reference: Tensor, mixture: Tensor, loss: Tensor) -> Tensor:
    """One row of numbers a sound.  b s t, b s t, b t, b -> b (s s + 3 s + 3), float64"""
    a, s, x = (v.double() for v in (estimate, reference, mixture))
    parts = [a @ s.mT, a.square().sum(-1), s.square().sum(-1), s @ x[:, :, None], x.square().sum(-1)]
    parts += [torch.full_like(x[:, 0], x.shape[1]), loss.double()]
    return torch.cat([p.flatten(1) if p.ndim > 1 else p[:, None] for p in parts], dim=1)


def unpack(judged: np.ndarray, s: int) -> Products:
    """What `pack` has packed."""
    cross, answer, true, mixed, rest = np.split(judged, np.cumsum([s * s, s, s, s]), axis=1)
    return Products(cross.reshape(-1, s, s), answer, true, mixed, *rest.T)


def repack(p: Products) -> np.ndarray:
    """The inverse of `unpack`."""
    rest = [v[:, None] for v in (p.mixture, p.length, p.loss)]
    return np.concatenate([p.cross.reshape(len(p.cross), -1), p.answer, p.true, p.mixed, *rest], axis=1)


def si_sdr(cross: np.ndarray, answer: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Scale-invariant, no mean taken off: Le Roux et al. 2019, arXiv 1811.02508; -LIMIT for a silent answer, in dB."""
    target = cross**2 / np.maximum(true, 1e-300)
    return _decibels(target, answer - target)


def sdr_mdx(cross: np.ndarray, answer: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Of the whole sound, neither scaled nor filtered: Mitsufuji et al. 2022, arXiv 2108.13559, in dB."""
    return _decibels(true + DELTA, true - 2 * cross + answer + DELTA)


def _decibels(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    floor = 10 ** (-LIMIT / 10)
    ratio = np.maximum(above, 1e-300) / np.maximum(below, np.maximum(floor * above, 1e-280))
    return 10 * np.log10(np.maximum(ratio, floor))


def matched(p: Products, *, permute: bool) -> tuple[np.ndarray, np.ndarray]:
    """The product and the energy of the answer to each reference: its own, or by the assignment of best SI-SDR.

    -> n s, n s
    """
    n, s = p.true.shape
    orders = np.array([*permutations(range(s))] if permute else [range(s)])
    every = si_sdr(p.cross, p.answer[:, :, None], p.true[:, None]) * ~p.silent[:, None]
    best = every[:, orders, np.arange(s)].sum(-1).argmax(1)
    rows, chosen = np.arange(n)[:, None], orders[best]
    return p.cross[rows, chosen, np.arange(s)], p.answer[rows, chosen]


def ratios(p: Products, *, permute: bool) -> dict[str, np.ndarray]:
    """Each metric of each reference, those of silent ones without meaning.  -> n s each"""
    cross, answer = matched(p, permute=permute)
    ours, before = si_sdr(cross, answer, p.true), si_sdr(p.mixed, p.mixture[:, None], p.true)
    return {"si_sdr": ours, "si_sdr_improvement": ours - before, "sdr_mdx": sdr_mdx(cross, answer, p.true)}


def measured(p: Products, names: Sequence[str], weight: np.ndarray | None, *, permute: bool) -> dict[str, float]:
    """The mean of each metric over all references that are not silent, then of each stem by itself unless permuted."""
    found, heard = ratios(p, permute=permute), ~p.silent
    means = {metric: mean(values, heard, weight) for metric, values in found.items()}
    for k, name in enumerate(() if permute or len(names) < 2 else names):
        if heard[:, k].any():
            means |= {f"{m}_{name}": mean(v[:, k : k + 1], heard[:, k : k + 1], weight) for m, v in found.items()}
    return means


def by_stem(p: Products, names: Sequence[str], *, permute: bool) -> dict[str, dict[str, float]]:
    """Each metric of each stem, and how many of its references sound and how many are silent."""
    found, heard = ratios(p, permute=permute), ~p.silent
    return {
        name: {
            **{m: mean(v[:, k : k + 1], heard[:, k : k + 1], None) for m, v in found.items()},
            "references": int(heard[:, k].sum()),
            "silent_references": int((~heard[:, k]).sum()),
        }
        for k, name in enumerate(names)
    }


def mean(values: np.ndarray, heard: np.ndarray, weight: np.ndarray | None) -> float:
    """Over what is heard, each sound counted `weight` times; where none of that is drawn, plainly; 0 of nothing."""
    counts = heard * (1.0 if weight is None else weight[:, None])
    counts = counts if counts.any() else heard * 1.0
    return float((values * counts).sum() / max(counts.sum(), 1.0))


def of_mixture(p: Products) -> Products:
    """What were judged if the mixture were every source's answer."""
    s = p.true.shape[1]
    cross = np.repeat(p.mixed[:, None], s, axis=1)
    return p._replace(cross=cross, answer=np.repeat(p.mixture[:, None], s, axis=1))
