"""Bands on the mel scale, over the bins of a Fourier transform; and the cosines that turn them into cepstra."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from multicnn.errors import UsageError

LINEAR = 200 / 3  # Hz a mel below 1 kHz
CORNER = 1000 / LINEAR  # mel at 1 kHz, where Slaney's scale becomes logarithmic
STEP = math.log(6.4) / 27  # natural logarithms a mel above it
LONGEST = 16  # times the least transform that holds a window

Scale = tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]


def slaney(hz: np.ndarray) -> np.ndarray:
    """Mel of Hz. Slaney 1998, Auditory Toolbox, Technical Report 1998-010."""
    return np.where(hz < 1000, hz / LINEAR, CORNER + np.log(np.maximum(hz, 1000) / 1000) / STEP)


def from_slaney(mel: np.ndarray) -> np.ndarray:
    """The inverse of `slaney`."""
    return np.where(mel < CORNER, mel * LINEAR, 1000 * np.exp((mel - CORNER) * STEP))


def htk(hz: np.ndarray) -> np.ndarray:
    """Mel of Hz. Young et al., The HTK Book, section 5.4."""
    return 2595 * np.log10(1 + hz / 700)


def from_htk(mel: np.ndarray) -> np.ndarray:
    """The inverse of `htk`."""
    return 700 * (10 ** (mel / 2595) - 1)


SCALES: Mapping[str, Scale] = {"slaney": (slaney, from_slaney), "htk": (htk, from_htk)}


def edges(mels: int, fmin: float, fmax: float, scale: str) -> np.ndarray:
    """Where bands evenly spaced in mel begin, peak and end, each peak where its neighbours end.  -> mels + 2, Hz"""
    to_mel, to_hz = SCALES[scale]
    return to_hz(np.linspace(to_mel(np.array(fmin)), to_mel(np.array(fmax)), mels + 2))


def filterbank(
    rate: int,
    n_fft: int,
    mels: int,
    fmin: float,
    fmax: float,
    *,
    scale: str = "slaney",
    straight: str = "hz",
    area: bool = True,
) -> Tensor:
    """Triangular filters over the bins of an FFT; see `multicnn.audio.dialects`.  -> mels f, float32"""
    corners, bins = edges(mels, fmin, fmax, scale), np.arange(n_fft // 2 + 1) * (rate / n_fft)
    width = corners[2:] - corners[:-2]
    if straight == "mel":
        corners, bins = SCALES[scale][0](corners), SCALES[scale][0](bins)
    rising = (bins - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - bins) / np.diff(corners)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return torch.from_numpy((triangles * (2 / width)[:, None] if area else triangles).astype(np.float32))


def fft_size(window: int, bank: Callable[[int], Tensor]) -> int:
    """The least power of two that holds `window` samples and leaves no filter of `bank` without a bin.

    bank: filters for a transform of so many samples. Raises UsageError where even a long one leaves some empty.
    """
    size = least_power(window)
    largest = LONGEST * size
    while not (filters := bank(size)).any(1).all():
        if size == largest:
            raise UsageError(f"{len(filters)} mel bands in so few Hz are too narrow; take fewer, or a wider range")
        size *= 2
    return size


def least_power(window: int) -> int:
    """The least power of two, from 16 on, that holds `window` samples."""
    return 1 << max(4, (window - 1).bit_length())


def refuse_range(rate: int, fmin: float, fmax: float) -> None:
    """Raises UsageError for limits in Hz that do not rise, or that the rate cannot hold."""
    if not 0 <= fmin < fmax <= rate / 2:
        raise UsageError(f"bands from {fmin:g} to {fmax:g} Hz; they must rise from 0 to {rate / 2:g} Hz at most")


def cosines(coefficients: int, mels: int, *, lifter: float = 0.0) -> Tensor:
    """The orthonormal discrete cosine transform, type 2; `lifter` raises higher ones.  -> coefficients mels, float32"""
    k, n = torch.arange(coefficients, dtype=torch.float64), torch.arange(mels, dtype=torch.float64)
    basis = torch.cos(math.pi / mels * k[:, None] * (n + 0.5)) * math.sqrt(2 / mels)
    basis[0] /= math.sqrt(2)
    if lifter:
        basis *= (1 + lifter / 2 * torch.sin(math.pi * k / lifter))[:, None]
    return basis.float()
