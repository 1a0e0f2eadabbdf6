"""How far one signal is from another, as losses: each of time's last axis, whatever lies before it.

`estimate ... t, reference ... t, mixture ... t -> ...`, broadcast over the axes before the last; float32.
"""

from collections.abc import Callable

import torch
from torch import Tensor

SILENT = 1e-9  # mean square of what lies below one step of 16 bits; no ratio to it means anything
EPSILON = 1e-8
CEILING = 1e-3  # of the reference's energy: from 30 dB on, a better answer earns nothing
QUIET = 1e-2  # of the mixture's energy: an answer to silence is silent enough at -20 dB
SIZES = (256, 512, 1024)  # samples a window

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def sdr(estimate: Tensor, reference: Tensor, mixture: Tensor) -> Tensor:
    """Energy of the error over that of the reference in dB, no less than -30. Wisdom et al. 2020, arXiv 2006.12701.

    It depends on the scale, so that answers keep that of the sound. Of a silent reference: the energy of the answer
    over that of the mixture, no less than -20. Wisdom et al. 2021, arXiv 2011.00803.
    """
    true, whole = energy(reference), energy(mixture)
    heard = decibels(energy(estimate - reference) + CEILING * true, true)
    return torch.where(silent(reference), decibels(energy(estimate) + QUIET * whole, whole), heard)


def si_sdr(estimate: Tensor, reference: Tensor, mixture: Tensor) -> Tensor:
    """Negative scale-invariant ratio in dB, no mean taken off. Le Roux et al. 2019, arXiv 1811.02508.

    A silent reference has none and costs 0. Answers may come out at any scale.
    """
    scale = (estimate * reference).sum(-1) / (energy(reference) + EPSILON)
    target = scale[..., None] * reference
    return decibels(energy(estimate - target), energy(target)) * ~silent(reference)


def si_snr(estimate: Tensor, reference: Tensor, mixture: Tensor) -> Tensor:
    """The same of signals less their means. Luo, Mesgarani 2019, arXiv 1809.07454."""
    return si_sdr(centred(estimate), centred(reference), mixture)


def l1(estimate: Tensor, reference: Tensor, mixture: Tensor) -> Tensor:
    """Mean distance of samples. Defossez et al. 2019, arXiv 1911.13254."""
    return (estimate - reference).abs().mean(-1)


def magnitude(estimate: Tensor, reference: Tensor, mixture: Tensor) -> Tensor:
    """Mean distance of magnitudes, over spectra of three window lengths; a sine of full scale has magnitude 1.

    Jansson et al. 2017 have it of one, Yamamoto et al. 2020 (arXiv 1910.11480) of several.
    """
    costs = [(_magnitude(estimate, n) - _magnitude(reference, n)).abs().mean((-2, -1)) for n in SIZES]
    return torch.stack(costs).mean(0)


LOSSES: dict[str, Loss] = {"sdr": sdr, "si_sdr": si_sdr, "si_snr": si_snr, "l1": l1, "magnitude": magnitude}


def energy(x: Tensor) -> Tensor:
    """... t -> ..."""
    return x.square().sum(-1)


def silent(x: Tensor) -> Tensor:
    """... t -> ..."""
    return energy(x) < SILENT * x.shape[-1]


def centred(x: Tensor) -> Tensor:
    """... t -> ... t"""
    return x - x.mean(-1, keepdim=True)


def decibels(above: Tensor, below: Tensor) -> Tensor:
    """Of a ratio of energies, each raised by a little."""
    return 10 * torch.log10((above + EPSILON) / (below + EPSILON))


def _magnitude(x: Tensor, size: int) -> Tensor:
    """... t -> ... f n; the root is kept from its infinite slope at 0"""
    taper = torch.hann_window(size, device=x.device)
    flat = x.reshape(-1, x.shape[-1])
    z = torch.stft(flat, size, size // 4, window=taper, pad_mode="constant", return_complex=True) * (2 / taper.sum())
    found = (z.real.square() + z.imag.square() + EPSILON).sqrt()
    return found.reshape(*x.shape[:-1], *found.shape[1:])
