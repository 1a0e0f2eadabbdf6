"""The conventions of spectra that networks and tools were published with: a row each.

They differ in silence: the same sound in another dialect gives another answer. Sizes are settings of the front-ends;
published are, as rate: window, hop, bands: librosa 22,050 Hz: 2048, 512 samples, 128; kaldi 16,000 Hz: 25 ms, 10 ms, 23
from 20 Hz on; whisper 16,000 Hz: 25 ms, 10 ms, 80; panns 32,000 Hz: 1024, 320 samples, 64 of 50 to 14,000 Hz;
bcresnet 16,000 Hz: 30 ms, 10 ms, 40.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

DialectName = Literal["librosa", "kaldi", "whisper", "panns", "bcresnet"]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One set of conventions, from samples to levels.

    full: what stands for full scale.  centred: frames are centred on every hop-th sample, with `pad` beyond the ends;
    else they start there, and none goes beyond the end.  last: whether the last of the centred frames is kept.
    direct: share of the frame's mean taken away.  emphasis: of high frequencies, before the window.
    smallest: whether the transform is as long as the window, not the next power of two.
    scale: of the mel bands.  straight: over which axis the filters are triangles.  area: whether they have area 1, not
    height 1.  log, unit: the logarithm, and what a dB is in it.  floor: the least power, or what is added to it.
    top: dB, what is further below a sound's loudest is raised to that.  gain, offset: of the levels, at last.
    lifter: of cepstra, 0 for none.
    """

    full: float = 1.0
    centred: bool = True
    pad: Literal["constant", "reflect"] = "constant"
    last: bool = True
    direct: float = 0.0
    emphasis: float = 0.0
    window: Literal["hann", "povey"] = "hann"
    smallest: bool = False
    scale: Literal["slaney", "htk"] = "slaney"
    straight: Literal["hz", "mel"] = "hz"
    area: bool = True
    log: Literal["db", "log10", "ln"] = "db"
    floor: float = 1e-10
    added: bool = False
    top: float = math.inf
    gain: float = 1.0
    offset: float = 0.0
    lifter: float = 0.0


EPSILON = 2.0**-23  # of float32
DIALECTS: Mapping[str, Dialect] = {
    # McFee et al., librosa.feature.melspectrogram and librosa.power_to_db, with their defaults
    "librosa": Dialect(top=80.0),
    # Povey et al. 2011, compute-fbank-feats and compute-mfcc-feats without dither; torchaudio.compliance.kaldi
    "kaldi": Dialect(
        full=32768.0,
        centred=False,
        direct=1.0,
        emphasis=0.97,
        window="povey",
        scale="htk",
        straight="mel",
        area=False,
        log="ln",
        floor=EPSILON,
        lifter=22.0,
    ),
    # Radford et al. 2022, arXiv 2212.04356, whisper/audio.py
    "whisper": Dialect(pad="reflect", last=False, smallest=True, log="log10", top=80.0, gain=0.25, offset=1.0),
    # Kong et al. 2019, arXiv 1912.10211, by torchlibrosa
    "panns": Dialect(pad="reflect"),
    # Kim et al. 2021, arXiv 2106.04140: torchaudio's bands, and log(x + 1e-6)
    "bcresnet": Dialect(pad="reflect", scale="htk", area=False, log="ln", floor=1e-6, added=True),
}


def periodic_hann(length: int) -> Tensor:
    """-> length, float64"""
    return torch.hann_window(length, periodic=True, dtype=torch.float64)


def povey(length: int) -> Tensor:
    """Kaldi's own: a symmetric Hann window to the power of 0.85.  -> length, float64"""
    return torch.hann_window(length, periodic=False, dtype=torch.float64) ** 0.85


WINDOWS: Mapping[str, Callable[[int], Tensor]] = {"hann": periodic_hann, "povey": povey}
LOGS: Mapping[str, tuple[Callable[[Tensor], Tensor], float]] = {  # and what a dB is in it
    "db": (lambda power: 10 * torch.log10(power), 1.0),
    "log10": (torch.log10, 0.1),
    "ln": (torch.log, math.log(10) / 10),
}


def levels(power: Tensor, dialect: Dialect, top: float) -> Tensor:
    """The logarithm of powers as the dialect takes it. top: dB below the loudest of the same sample.  b rows frames"""
    log, db = LOGS[dialect.log]
    level = log(power + dialect.floor if dialect.added else power.clamp(min=dialect.floor))
    if math.isfinite(top):
        level = torch.maximum(level, level.amax((1, 2), keepdim=True) - top * db)
    return level if (dialect.gain, dialect.offset) == (1.0, 0.0) else level * dialect.gain + dialect.offset
