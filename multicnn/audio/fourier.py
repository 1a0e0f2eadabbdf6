"""Fourier transforms as products with cosines and sines, for graphs whose runtimes have none that is exact enough.

onnxruntime 1.32 errs by 4e-7 of the largest bin where the size is a power of two, by 4e-5 else, and worse the way back.
"""

import numpy as np
import torch
from torch import Tensor


def squares(frames: Tensor, size: int) -> Tensor:
    """The squared real and imaginary parts of each bin.  ... n -> ... f 2, n at most `size`"""
    if size & (size - 1) == 0:
        return torch.view_as_real(torch.fft.rfft(frames, size)).square()
    return (frames @ waves(size)[: frames.shape[-1]]).square().unflatten(-1, (-1, 2))


def waves(size: int) -> Tensor:
    """Cosine and minus sine of each bin side by side.  -> size (2 f), float32"""
    angle = 2 * np.pi / size * (np.outer(np.arange(size), np.arange(size // 2 + 1)) % size)
    return torch.from_numpy(np.stack([np.cos(angle), -np.sin(angle)], -1).reshape(size, -1).astype(np.float32))


def back(real: Tensor, imaginary: Tensor, size: int) -> Tensor:
    """As torch.fft.irfft.  ... f, ... f -> ... size"""
    twice = np.full(size // 2 + 1, 2.0)
    twice[[0, -1] if size % 2 == 0 else [0]] = 1.0
    ways = waves(size).T.unflatten(0, (-1, 2)) * torch.from_numpy((twice / size).astype(np.float32))[:, None, None]
    return real @ ways[:, 0] + imaginary @ ways[:, 1]
