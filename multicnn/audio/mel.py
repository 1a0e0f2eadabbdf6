"""Spectra on the mel scale, in float32, equal to librosa's: power, Slaney's scale and norm, zeros beyond the ends."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from multicnn.errors import UsageError

FLOOR = 1e-10  # power that counts as silence: -100 dB
LARGEST = 1 << 21  # bytes of complex spectra at once on the CPU: beyond the cache, a batch costs 2 to 3 times as much
LINEAR = 200 / 3  # Hz a mel below 1 kHz
CORNER = 1000 / LINEAR  # mel at 1 kHz, where the scale becomes logarithmic
STEP = math.log(6.4) / 27  # natural logarithms a mel above it


def hz_to_mel(hz: float) -> float:
    """Slaney 1998, Auditory Toolbox, Technical Report 1998-010."""
    return hz / LINEAR if hz < 1000 else CORNER + math.log(hz / 1000) / STEP


def mel_to_hz(mel: np.ndarray) -> np.ndarray:
    """The inverse of `hz_to_mel`."""
    return np.where(mel < CORNER, mel * LINEAR, 1000 * np.exp((mel - CORNER) * STEP))


def filterbank(rate: int, n_fft: int, mels: int, fmin: float, fmax: float) -> Tensor:
    """Triangular filters of area 1, evenly spaced in mel, over the bins of an FFT.  -> mels f, float32"""
    edges = mel_to_hz(np.linspace(hz_to_mel(fmin), hz_to_mel(fmax), mels + 2))
    bins = np.arange(n_fft // 2 + 1) * (rate / n_fft)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return torch.from_numpy(triangles.astype(np.float32))


def fft_size(rate: int, window: int, mels: int, fmin: float, fmax: float) -> int:
    """The least power of two that holds `window` samples and leaves no filter without a bin. Raises UsageError."""
    if not 0 <= fmin < fmax <= rate / 2:
        raise UsageError(f"mel bands from {fmin:g} to {fmax:g} Hz; they must rise from 0 to {rate / 2:g} Hz at most")
    size = 1 << max(4, (window - 1).bit_length())
    largest = 16 * size
    while not filterbank(rate, size, mels, fmin, fmax).any(1).all():
        if size == largest:
            raise UsageError(f"{mels} mel bands from {fmin:g} to {fmax:g} Hz are too narrow; take fewer")
        size *= 2
    return size


def hann(window: int, n_fft: int) -> Tensor:
    """A periodic Hann window in the middle of `n_fft` samples.  -> n_fft"""
    left = (n_fft - window) // 2
    taper = torch.hann_window(window, periodic=True, dtype=torch.float64).float()
    return F.pad(taper, (left, n_fft - window - left))


def mel_power(x: Tensor, taper: Tensor, hop: int, filters: Tensor) -> Tensor:
    """Power in each mel band, of frames centred on every `hop`-th sample.  b t -> b mels 1 + t // hop"""
    size = 8 * filters.shape[1] * (1 + x.shape[1] // hop)  # bytes of one sample's spectrum
    if torch.compiler.is_compiling() or x.device.type != "cpu" or len(x) * size <= LARGEST:
        return filters @ _power(x, taper, hop)
    parts = x.split(max(1, LARGEST // size))
    return torch.cat([filters @ _power(part, taper, hop) for part in parts])


def _power(x: Tensor, taper: Tensor, hop: int) -> Tensor:
    spectra = torch.stft(x, len(taper), hop, window=taper, center=True, pad_mode="constant", return_complex=True)
    return spectra.real.square() + spectra.imag.square()


def decibels(power: Tensor, top: float) -> Tensor:
    """Power as dB, no less than `top` below the loudest of the same sample.  b mels frames -> same"""
    level = 10 * torch.log10(power.clamp(min=FLOOR))
    return torch.maximum(level, level.amax((1, 2), keepdim=True) - top)


def cosines(coefficients: int, mels: int) -> Tensor:
    """The orthonormal discrete cosine transform, type 2.  -> coefficients mels, float32"""
    k, n = torch.arange(coefficients, dtype=torch.float64), torch.arange(mels, dtype=torch.float64)
    basis = torch.cos(math.pi / mels * k[:, None] * (n + 0.5)) * math.sqrt(2 / mels)
    basis[0] /= math.sqrt(2)
    return basis.float()
