"""Sound in numbers: what the store keeps, and what nets compute with."""

import numpy as np
import torch
from torch import Tensor

FULL = 32768  # of a 16-bit sample, where the waveform is 1


def waveform(raw: Tensor) -> Tensor:
    """Whole numbers become -1 to 1; floating numbers are that already.  b t -> b t, float32"""
    return raw.to(torch.float32) if raw.is_floating_point() else raw.to(torch.float32) / FULL


def sixteen(sound: np.ndarray) -> np.ndarray:
    """16-bit samples, what lies beyond -1 to 1 cut off as by any player.  t, float32 -> t, int16"""
    return np.rint(sound * np.float32(FULL)).clip(-FULL, FULL - 1).astype(np.int16)
