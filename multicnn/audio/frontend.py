"""From stored samples to what a net learns from: the waveform, spectra, log-mel spectra, or their cepstra.

16-bit samples, or floating ones of -1 to 1, come in; float32 goes out, also under autocast. Time is the last axis of
the grid, and `step` is the seconds of one of its cells. `fit` measures what it needs on raw training batches, in one
pass; zeros at the ends of samples are taken for padding, which changes nothing.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from multicnn.audio.dialects import DIALECTS, DialectName
from multicnn.audio.mel import cosines
from multicnn.audio.normal import Normal, heard, statistics
from multicnn.audio.reader import Hearing
from multicnn.audio.spectra import Bins, Spectra
from multicnn.audio.wave import waveform
from multicnn.errors import UsageError


class Waveform(nn.Module):
    """The samples themselves, divided by their deviation over the training set.  b t -> b 1 t"""

    reads = Hearing
    rank = 1
    channels = 1

    def __init__(self, reader: Hearing):
        super().__init__()
        self.step = 1 / reader.rate
        self.scale: Tensor
        self.register_buffer("scale", torch.ones(1))

    def fit(self, batches: Iterable[Tensor]) -> None:
        self.scale.copy_(statistics((waveform(raw)[:, None], heard(raw)) for raw in batches)[1])

    def forward(self, raw: Tensor) -> Tensor:
        return waveform(raw)[:, None] / self.scale

    def restore(self, signals: Tensor) -> Tensor:
        """Signals in the units of the grid as sound of -1 to 1.  b k t -> b k t"""
        return signals.float() * self.scale


class Stft(nn.Module):
    """The magnitude of every bin of a short-time Fourier transform, as levels, normalised like LogMel.

    Settings: see Spectra.  b t -> b 1 n_fft // 2 + 1 frames
    """

    reads = Hearing
    rank = 2
    channels = 1

    def __init__(
        self,
        reader: Hearing,
        *,
        window: float = 0.032,
        hop: float = 0.01,
        top: float | None = None,
        n_fft: int | None = None,
        dialect: DialectName = "librosa",
    ):
        super().__init__()
        self.spectra = Bins(reader.rate, window=window, hop=hop, top=top, n_fft=n_fft, dialect=dialect)
        self.step = self.spectra.step
        self.normal = Normal(self.spectra.rows)

    def fit(self, batches: Iterable[Tensor]) -> None:
        self.normal.fit((self.spectra(raw), self.spectra.framing.count(heard(raw))) for raw in batches)

    def forward(self, raw: Tensor) -> Tensor:
        return self.normal(self.spectra(raw))[:, None]


class LogMel(nn.Module):
    """Levels of mel bands, each less its mean and divided by its deviation over the training set.

    Settings: see Spectra.  b t -> b 1 mels frames, in the dialect librosa 1 + t // hop
    """

    reads = Hearing
    rank = 2
    channels = 1

    def __init__(
        self,
        reader: Hearing,
        *,
        mels: int = 64,
        window: float = 0.032,
        hop: float = 0.01,
        fmin: float = 0.0,
        fmax: float | None = None,
        top: float | None = None,
        n_fft: int | None = None,
        dialect: DialectName = "librosa",
    ):
        super().__init__()
        self.spectra = Spectra(
            reader.rate, mels=mels, window=window, hop=hop, fmin=fmin, fmax=fmax, top=top, n_fft=n_fft, dialect=dialect
        )
        self.step, self.said = self.spectra.step, self.spectra.said
        self.normal = Normal(mels)

    def fit(self, batches: Iterable[Tensor]) -> None:
        self.normal.fit((self.spectra(raw), self.spectra.framing.count(heard(raw))) for raw in batches)

    def forward(self, raw: Tensor) -> Tensor:
        return self.normal(self.spectra(raw))[:, None]


class Mfcc(nn.Module):
    """Mel-frequency cepstral coefficients as channels, normalised like LogMel. Davis and Mermelstein 1980.

    b t -> b coefficients frames, in the dialect librosa 1 + t // hop
    """

    reads = Hearing
    rank = 1

    def __init__(
        self,
        reader: Hearing,
        *,
        coefficients: int = 20,
        mels: int = 64,
        window: float = 0.032,
        hop: float = 0.01,
        fmin: float = 0.0,
        fmax: float | None = None,
        top: float | None = None,
        n_fft: int | None = None,
        dialect: DialectName = "librosa",
    ):
        super().__init__()
        if not 1 <= coefficients <= mels:
            raise UsageError(f"{coefficients} coefficients of {mels} mel bands; take 1 to {mels}")
        self.channels = coefficients
        self.spectra = Spectra(
            reader.rate, mels=mels, window=window, hop=hop, fmin=fmin, fmax=fmax, top=top, n_fft=n_fft, dialect=dialect
        )
        self.step, self.said = self.spectra.step, self.spectra.said
        self.normal = Normal(coefficients)
        self.basis: Tensor
        basis = cosines(coefficients, mels, lifter=DIALECTS[dialect].lifter)
        self.register_buffer("basis", basis, persistent=False)

    def fit(self, batches: Iterable[Tensor]) -> None:
        self.normal.fit((self.cepstra(raw), self.spectra.framing.count(heard(raw))) for raw in batches)

    def cepstra(self, raw: Tensor) -> Tensor:
        """Before they are normalised.  b t -> b coefficients frames"""
        levels = self.spectra(raw)
        with torch.autocast(raw.device.type, enabled=False):
            return self.basis @ levels

    def forward(self, raw: Tensor) -> Tensor:
        return self.normal(self.cepstra(raw))
