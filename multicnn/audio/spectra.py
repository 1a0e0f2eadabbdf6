"""Levels over time of the bins of a Fourier transform, or of mel bands: in float32, also under autocast."""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.audio.dialects import DIALECTS, WINDOWS, Dialect, levels
from multicnn.audio.fourier import squares
from multicnn.audio.mel import LONGEST, edges, fft_size, filterbank, least_power, refuse_range
from multicnn.audio.wave import waveform
from multicnn.errors import UsageError
from multicnn.names import find

STRETCHES = 4  # of bins, each with its own filters
SMALL = 200  # bins, up to which one product with all filters is faster
LARGEST = 1 << 19  # bytes of complex spectra at once on the CPU: larger ones are given new pages, at twice the cost


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
        # a graph's samples are no shorter than a frame
        lacking = 0 if torch.compiler.is_compiling() else max(0, self.span - x.shape[1] - 2 * self.margin)
        if self.dialect.pad == "reflect" and self.margin:
            x = F.pad(
                x, (0, max(lacking, self.margin + 1 - x.shape[1]))
            )  # what is too short is followed by zeros first
            x = F.pad(x, (self.margin, self.margin), mode="reflect")
        elif self.margin or lacking:
            x = F.pad(x, (self.margin, self.margin + lacking))
        found = x.unfold(1, self.span, self.hop)
        if torch.compiler.is_compiling():
            return found if self.dialect.last else found[:, :-1]
        return found[:, :whole]

    def power(self, x: Tensor, taper: Tensor, bank: "Bank | None" = None) -> Tensor:
        """Of each bin, or through filters.  b t, span -> b rows count"""
        frames = self.frames(x * self.dialect.full if self.dialect.full != 1 else x)
        if torch.compiler.is_compiling() or x.device.type != "cpu":
            return self._power(frames, taper, bank).transpose(1, 2)
        parts = frames.split(max(1, LARGEST // max(1, 4 * self.size * len(x))), 1)
        return torch.cat([self._power(part, taper, bank) for part in parts], 1).transpose(1, 2)

    def _power(self, frames: Tensor, taper: Tensor, bank: "Bank | None") -> Tensor:
        """b n span -> b n rows"""
        if self.dialect.direct:
            frames = frames - self.dialect.direct * frames.mean(2, keepdim=True)
        if self.dialect.emphasis:
            before = torch.cat([frames[..., :1], frames[..., :-1]], 2)
            frames = frames - self.dialect.emphasis * before
        if torch.compiler.is_compiling():
            found = squares(frames * taper, self.size)
        else:
            found = torch.view_as_real(torch.fft.rfft(frames * taper, self.size)).square()
        return found.sum(3) if bank is None else bank(found.flatten(2))


class Bank(nn.Module):
    """Filters over the squared real and imaginary parts of bins.  ... 2 f -> ... rows

    filters: rows f. Most are narrow: a few products with those of one stretch of bins cost a third of one with all.
    """

    def __init__(self, filters: Tensor):
        super().__init__()
        self.weight: Tensor
        self.register_buffer("weight", filters.T.repeat_interleave(2, 0).contiguous(), persistent=False)
        several = STRETCHES if filters.shape[1] > SMALL else 1
        self.stretches = [_stretch(filters, rows) for rows in torch.arange(len(filters)).chunk(several)]

    def forward(self, squares: Tensor) -> Tensor:
        if torch.compiler.is_compiling() or squares.device.type != "cpu" or len(self.stretches) == 1:
            return squares @ self.weight
        flat = squares.flatten(0, -2)
        found = [flat[:, low:high] @ self.weight[low:high, first:last] for low, high, first, last in self.stretches]
        return torch.cat(found, 1).unflatten(0, squares.shape[:-1])


def _stretch(filters: Tensor, rows: Tensor) -> tuple[int, int, int, int]:
    """The first and last columns of the weight that some rows need, and those rows."""
    bins = filters[rows].any(0).nonzero()
    low, high = (int(bins.min()), int(bins.max()) + 1) if len(bins) else (0, 0)
    return 2 * low, 2 * high, int(rows[0]), int(rows[-1]) + 1


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
        self.middles = edges(mels, fmin, highest, row.scale)[1:-1]  # Hz of each band's peak
        self.said = _empty_said(filters, self.framing.size, rate)
        self.taper: Tensor
        self.register_buffer("taper", self.framing.taper(), persistent=False)
        self.bank = Bank(filters)

    def forward(self, raw: Tensor) -> Tensor:
        with torch.autocast(raw.device.type, enabled=False):
            return levels(self.framing.power(waveform(raw), self.taper, self.bank), self.framing.dialect, self.top)


def _empty_said(bank: Tensor, size: int, rate: int) -> tuple[str, ...]:
    """What to tell the user of filters that hold no bin."""
    empty = int((~bank.any(1)).sum())
    if not empty:
        return ()
    few = f"{empty} of {len(bank)} mel bands hold no bin of a transform of {size} samples at {rate} Hz, and say nothing"
    return (f"{few}; take fewer bands or a larger frontend.n_fft",)
