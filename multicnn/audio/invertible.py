"""Spectra on the linear scale of frequency, with the way back to the sound."""

import math
from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.audio.fourier import back
from multicnn.audio.normal import Normal, heard
from multicnn.audio.reader import Hearing
from multicnn.audio.wave import waveform
from multicnn.errors import UsageError

FLOOR = 1e-8  # power that counts as silence, where a sine of full scale has 1: -80 dB
OVERLAP = 4  # hops a window


class Invertible(nn.Module):
    """The power of every frequency in dB, each less its mean and divided by its deviation over the training set.

    window: seconds, rounded to a power of two of samples; a frame begins every quarter of it. The sound is followed by
    zeros up to a whole frame. Levels depend on nothing but the window's samples.
    b t -> b 1 (size / 2 + 1) (1 + ceil(t / hop))
    """

    reads = Hearing
    rank = 2
    channels = 1

    def __init__(self, reader: Hearing, *, window: float = 0.064):
        super().__init__()
        self.size = 1 << round(math.log2(max(1.0, window * reader.rate)))
        if self.size < 16:
            raise UsageError(f"spectra of {window} s at {reader.rate} Hz are {self.size} samples; make them longer")
        self.hop = self.size // OVERLAP
        self.step = self.hop / reader.rate
        self.normal = Normal(self.size // 2 + 1)
        self.taper: Tensor
        self.register_buffer("taper", torch.hann_window(self.size), persistent=False)

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Measure on raw training batches, one pass, in float64."""
        self.normal.fit((self._decibels(self.spectrum(raw)), self._frames(heard(raw))) for raw in batches)

    def _frames(self, samples: Tensor) -> Tensor:
        """How many frames a sound of so many samples has.  b -> b"""
        return 1 + (samples + self.hop - 1) // self.hop

    def forward(self, raw: Tensor) -> Tensor:
        return self.levels(self.spectrum(raw))

    def spectrum(self, raw: Tensor) -> Tensor:
        """Real and imaginary parts; a sine of full scale has magnitude 1.  b t -> b 2 f n"""
        x = waveform(raw)
        x = F.pad(x, (0, -x.shape[1] % self.hop if x.shape[1] else self.hop))
        if torch.compiler.is_compiling():
            frames = F.pad(x, (self.size // 2, self.size // 2)).unfold(1, self.size, self.hop) * self.taper
            found = torch.view_as_real(torch.fft.rfft(frames)) * (2 / self.taper.sum())
            return found.permute(0, 3, 2, 1)
        with torch.autocast(x.device.type, enabled=False):
            z = torch.stft(
                x, self.size, self.hop, window=self.taper, center=True, pad_mode="constant", return_complex=True
            )
        return torch.stack([z.real, z.imag], dim=1) * (2 / self.taper.sum())

    def levels(self, spectrum: Tensor) -> Tensor:
        """b 2 f n -> b 1 f n"""
        return self.normal(self._decibels(spectrum))[:, None]

    def sound(self, spectra: Tensor) -> Tensor:
        """The waveform that has these spectra, or is nearest to them. Griffin, Lim 1984, 10.1109/TASSP.1984.1164317.

        b k 2 f n -> b k (n - 1) hop
        """
        parts = spectra.float().flatten(0, 1) * (self.taper.sum() / 2)
        length = (spectra.shape[-1] - 1) * self.hop
        if torch.compiler.is_compiling():
            return self._overlapped(parts[:, 0], parts[:, 1], length).unflatten(0, spectra.shape[:2])
        whole = torch.complex(parts[:, 0].contiguous(), parts[:, 1].contiguous())
        x = torch.istft(whole, self.size, self.hop, window=self.taper, center=True, length=length)
        return x.unflatten(0, spectra.shape[:2])

    def _overlapped(self, real: Tensor, imaginary: Tensor, length: int) -> Tensor:
        """`torch.istft` in operations that other runtimes have.  b f n, b f n -> b length"""
        frames = back(real.mT, imaginary.mT, self.size) * self.taper
        begin = self.size // 2
        total, weight = self._added(frames), self._added(self.taper.square().expand_as(frames))
        return (total / weight.clamp(min=1e-6))[:, begin : begin + length]

    def _added(self, frames: Tensor) -> Tensor:
        """Frames laid over each other, a hop apart.  b n size -> b (n + OVERLAP - 1) hop"""
        parts = frames.unflatten(2, (OVERLAP, self.hop)).unbind(2)
        places = ((i * self.hop, (OVERLAP - 1 - i) * self.hop) for i in range(OVERLAP))
        return torch.stack([F.pad(p.flatten(1), place) for p, place in zip(parts, places, strict=True)]).sum(0)

    def _decibels(self, spectrum: Tensor) -> Tensor:
        """b 2 f n -> b f n"""
        # not power + FLOOR, which onnxscript takes for power + 0
        return 10 * torch.log10(spectrum.square().sum(1) / FLOOR + 1) + 10 * math.log10(FLOOR)
