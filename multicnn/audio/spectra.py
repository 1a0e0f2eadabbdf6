"""Levels over time of the bins of a Fourier transform, or of mel bands: in float32, also under autocast."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.audio.dialects import DIALECTS, WINDOWS, Dialect, levels
from multicnn.audio.mel import LONGEST, fft_size, filterbank, least_power, refuse_range
from multicnn.audio.wave import waveform
from multicnn.errors import UsageError
from multicnn.names import find

LARGEST = 1 << 20  # bytes of complex spectra at once on the CPU: what lies beyond the cache costs twice as much


@dataclass(frozen=True)
class Frames:
    """How a sound becomes overlapping frames: windows of `length` samples every `hop`, transforms of `size`."""

    length: int
    hop: int
    size: int
    dialect: Dialect

    @property
    def margin(self) -> int:
        """Samples that a frame sees before its place."""
        return self.size // 2 if self.dialect.centred else 0

    @property
    def span(self) -> int:
        """Samples from the first to the last that a frame sees."""
        return self.size if self.dialect.centred else self.length

    def taper(self) -> Tensor:
        """The window, in the middle of the frame.  -> span, float32"""
        left = (self.span - self.length) // 2
        return F.pad(WINDOWS[self.dialect.window](self.length).float(), (left, self.span - self.length - left))

    def count(self, samples: Tensor) -> Tensor:
        """How many frames a sound of so many samples has, at least 1."""
        whole = (samples + 2 * self.margin - self.span).div(self.hop, rounding_mode="floor") + self.dialect.last
        return whole.clamp(min=1)

    def frames(self, x: Tensor) -> Tensor:
        """b t -> b count span, a view"""
        whole = max(1, (x.shape[1] + 2 * self.margin - self.span) // self.hop + self.dialect.last)
        if self.dialect.pad == "reflect" and self.margin:
            x = F.pad(x, (0, max(0, self.margin + 1 - x.shape[1])))  # what is too short to be reflected, after zeros
            x = F.pad(x, (self.margin, self.margin), mode="reflect")
        elif self.margin:
            x = F.pad(x, (self.margin, self.margin))
        x = F.pad(x, (0, max(0, self.span - x.shape[1])))
        return x.unfold(1, self.span, self.hop)[:, :whole]

    def power(self, x: Tensor, taper: Tensor, filters: Tensor | None = None) -> Tensor:
        """Of each bin, or through filters that lie in its columns.  b t, span, f rows -> b rows count"""
        frames = self.frames(x * self.dialect.full if self.dialect.full != 1 else x)
        if torch.compiler.is_compiling() or x.device.type != "cpu":
            return self._power(frames, taper, filters).transpose(1, 2)
        parts = frames.split(max(1, LARGEST // max(1, 4 * self.size * len(x))), 1)
        return torch.cat([self._power(part, taper, filters) for part in parts], 1).transpose(1, 2)

    def _power(self, frames: Tensor, taper: Tensor, filters: Tensor | None) -> Tensor:
        """b n span -> b n rows"""
        if self.dialect.direct:
            frames = frames - self.dialect.direct * frames.mean(2, keepdim=True)
        if self.dialect.emphasis:
            before = torch.cat([frames[..., :1], frames[..., :-1]], 2)
            frames = frames - self.dialect.emphasis * before
        spectrum = torch.fft.rfft(frames * taper, self.size)
        power = torch.addcmul(spectrum.real.square(), spectrum.imag, spectrum.imag)
        return power if filters is None else power @ filters


def framing(rate: int, window: float, hop: float, size: int | None, dialect: str) -> Frames:
    """Frames of `window` seconds every `hop` seconds. Raises UsageError for what makes none."""
    row = find("dialect", DIALECTS, dialect)
    length, step = round(window * rate), round(hop * rate)
    if length < 2 or step < 1:
        raise UsageError(f"spectra with a window of {window} s, hop {hop} s at {rate} Hz; make them larger")
    least = length if row.smallest else least_power(length)
    largest = LONGEST * least_power(length)
    if size is not None and not length <= size <= largest:
        raise UsageError(f"n_fft is {size}; it must be from {length}, the samples of a window, to {largest}")
    return Frames(length, step, size or least, row)


class Bins(nn.Module):
    """Levels of every bin over time, not normalised. Settings: see Spectra.  b t -> b n_fft // 2 + 1 frames"""

    def __init__(
        self, rate: int, *, window: float, hop: float, top: float | None, n_fft: int | None = None,
        dialect: str = "librosa",
    ):  # fmt: skip
        super().__init__()
        self.framing = framing(rate, window, hop, n_fft, dialect)
        self.step = self.framing.hop / rate
        self.rows = self.framing.size // 2 + 1
        self.top = self.framing.dialect.top if top is None else top
        self.taper: Tensor
        self.register_buffer("taper", self.framing.taper(), persistent=False)

    def forward(self, raw: Tensor) -> Tensor:
        with torch.autocast(raw.device.type, enabled=False):  # FFTs know no bfloat16, and it would cost 0.5 dB
            return levels(self.framing.power(waveform(raw), self.taper), self.framing.dialect, self.top)


class Spectra(nn.Module):
    """Levels of mel bands over time, as `dialect` computes them; not normalised.

    window, hop: seconds. fmin, fmax: Hz, fmax None for half the rate. top: dB, what is further below a sound's loudest
    is raised to that; None for the dialect's. n_fft: samples of the transform; None for the least power of two that
    holds the window and gives each band a bin. said: bands that a given n_fft leaves empty.  b t -> b mels frames
    """

    def __init__(
        self, rate: int, *, mels: int, window: float, hop: float, fmin: float, fmax: float | None, top: float | None,
        n_fft: int | None = None, dialect: str = "librosa",
    ):  # fmt: skip
        super().__init__()
        if mels < 1:
            raise UsageError(f"{mels} mel bands; take 1 at least")
        row, highest = find("dialect", DIALECTS, dialect), rate / 2 if fmax is None else fmax
        refuse_range(rate, fmin, highest)

        def bank(size: int) -> Tensor:
            return filterbank(rate, size, mels, fmin, highest, scale=row.scale, straight=row.straight, area=row.area)

        self.framing = framing(rate, window, hop, n_fft, dialect)
        if n_fft is None and not row.smallest:
            self.framing = replace(self.framing, size=fft_size(self.framing.length, bank))
        self.step, self.rows = self.framing.hop / rate, mels
        self.top = row.top if top is None else top
        filters = bank(self.framing.size)
        self.said = _empty_said(filters, self.framing.size, rate)
        self.taper: Tensor
        self.filters: Tensor
        self.register_buffer("taper", self.framing.taper(), persistent=False)
        self.register_buffer("filters", filters.T.contiguous(), persistent=False)

    def forward(self, raw: Tensor) -> Tensor:
        with torch.autocast(raw.device.type, enabled=False):
            return levels(self.framing.power(waveform(raw), self.taper, self.filters), self.framing.dialect, self.top)


def _empty_said(bank: Tensor, size: int, rate: int) -> tuple[str, ...]:
    """What to tell the user of filters that hold no bin."""
    empty = int((~bank.any(1)).sum())
    if not empty:
        return ()
    few = f"{empty} of {len(bank)} mel bands hold no bin of a transform of {size} samples at {rate} Hz, and say nothing"
    return (f"{few}; take fewer bands or a larger frontend.n_fft",)
