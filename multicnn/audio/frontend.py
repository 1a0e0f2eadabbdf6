"""From stored samples to what a net learns from: the waveform, log-mel spectra, or their cepstra.

16-bit samples, or floating ones of -1 to 1, come in; float32 goes out, also under autocast. Time is the last axis of
the grid, and `step` is the seconds of one of its cells.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from multicnn.audio.mel import cosines, decibels, fft_size, filterbank, hann, mel_power
from multicnn.audio.reader import SoundReader
from multicnn.audio.wave import waveform
from multicnn.errors import UsageError


class Waveform(nn.Module):
    """The samples themselves, divided by their deviation over the training set.  b t -> b 1 t"""

    rank = 1
    channels = 1

    def __init__(self, reader: SoundReader):
        super().__init__()
        self.step = 1 / reader.rate
        self.scale: Tensor
        self.register_buffer("scale", torch.ones(1))

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Measure on raw training batches, one pass, in float64."""
        self.scale.copy_(_statistics(waveform(raw)[:, None] for raw in batches)[1])

    def forward(self, raw: Tensor) -> Tensor:
        return waveform(raw)[:, None] / self.scale

    def restore(self, signals: Tensor) -> Tensor:
        """Signals in the units of the grid as sound of -1 to 1.  b k t -> b k t"""
        return signals.float() * self.scale


class Spectra(nn.Module):
    """Levels of mel bands in dB over time, as librosa computes them; not normalised.

    window, hop: seconds. fmin, fmax: Hz, fmax None for half the rate. top: dB, what is further below a clip's loudest
    is raised to that. The transform is as long as the bands need.  b t -> b mels frames
    """

    def __init__(self, rate: int, *, mels: int, window: float, hop: float, fmin: float, fmax: float | None, top: float):
        super().__init__()
        length, self.hop, self.top = round(window * rate), round(hop * rate), top
        self.step = self.hop / rate
        if length < 2 or self.hop < 1 or mels < 1:
            raise UsageError(f"spectra of {mels} bands, window {window} s, hop {hop} s at {rate} Hz; make them larger")
        highest = rate / 2 if fmax is None else fmax
        size = fft_size(rate, length, mels, fmin, highest)
        self.taper: Tensor
        self.filters: Tensor
        self.register_buffer("taper", hann(length, size), persistent=False)
        self.register_buffer("filters", filterbank(rate, size, mels, fmin, highest), persistent=False)

    def forward(self, raw: Tensor) -> Tensor:
        with torch.autocast(raw.device.type, enabled=False):  # FFTs know no bfloat16, and it would cost 0.5 dB
            return decibels(mel_power(waveform(raw), self.taper, self.hop, self.filters), self.top)


class LogMel(nn.Module):
    """Mel bands in dB, each less its mean and divided by its deviation over the training set. Settings: see Spectra.

    b t -> b 1 mels 1 + t // hop
    """

    rank = 2
    channels = 1

    def __init__(
        self,
        reader: SoundReader,
        *,
        mels: int = 64,
        window: float = 0.032,
        hop: float = 0.01,
        fmin: float = 0.0,
        fmax: float | None = None,
        top: float = 80.0,
    ):
        super().__init__()
        self.spectra = Spectra(reader.rate, mels=mels, window=window, hop=hop, fmin=fmin, fmax=fmax, top=top)
        self.step = self.spectra.step
        self.normal = Normal(mels)

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Measure on raw training batches, one pass, in float64."""
        self.normal.fit(self.spectra(raw) for raw in batches)

    def forward(self, raw: Tensor) -> Tensor:
        return self.normal(self.spectra(raw))[:, None]


class Mfcc(nn.Module):
    """Mel-frequency cepstral coefficients as channels, normalised like LogMel. Davis and Mermelstein 1980.

    b t -> b coefficients 1 + t // hop
    """

    rank = 1

    def __init__(
        self,
        reader: SoundReader,
        *,
        coefficients: int = 20,
        mels: int = 64,
        window: float = 0.032,
        hop: float = 0.01,
        fmin: float = 0.0,
        fmax: float | None = None,
        top: float = 80.0,
    ):
        super().__init__()
        if not 1 <= coefficients <= mels:
            raise UsageError(f"{coefficients} coefficients of {mels} mel bands; take 1 to {mels}")
        self.channels = coefficients
        self.spectra = Spectra(reader.rate, mels=mels, window=window, hop=hop, fmin=fmin, fmax=fmax, top=top)
        self.step = self.spectra.step
        self.normal = Normal(coefficients)
        self.basis: Tensor
        self.register_buffer("basis", cosines(coefficients, mels), persistent=False)

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Measure on raw training batches, one pass, in float64."""
        self.normal.fit(self.cepstra(raw) for raw in batches)

    def cepstra(self, raw: Tensor) -> Tensor:
        """Before they are normalised.  b t -> b coefficients frames"""
        levels = self.spectra(raw)
        with torch.autocast(raw.device.type, enabled=False):
            return self.basis @ levels

    def forward(self, raw: Tensor) -> Tensor:
        return self.normal(self.cepstra(raw))


class Normal(nn.Module):
    """Each row less its mean, divided by its deviation, as `fit` measures them.  b rows frames -> same"""

    def __init__(self, rows: int):
        super().__init__()
        self.mean: Tensor
        self.scale: Tensor
        self.register_buffer("mean", torch.zeros(rows, 1))
        self.register_buffer("scale", torch.ones(rows, 1))

    def fit(self, batches: Iterable[Tensor]) -> None:
        mean, deviation = _statistics(batches)
        self.mean.copy_(mean[:, None])
        self.scale.copy_(deviation[:, None])

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.scale


def _statistics(batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each row over all samples and frames; 1 for no deviation.  b rows frames -> rows, rows"""
    count, total, squares = 0, torch.zeros(1), torch.zeros(1)
    for x in batches:
        x = x.double()
        count += x.shape[0] * x.shape[2]
        total = total.to(x) + x.sum((0, 2))
        squares = squares.to(x) + x.square().sum((0, 2))
    mean = total / count
    variance = squares / count - mean.square()
    return mean, torch.where(variance > 1e-12, variance.clamp(min=0).sqrt(), 1.0)
