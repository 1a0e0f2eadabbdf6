"""Band-pass filters on the waveform whose limits are learnt. Ravanelli and Bengio 2018, arXiv 1808.00158."""

from collections.abc import Iterable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.audio.mel import from_htk, htk
from multicnn.audio.normal import heard, statistics
from multicnn.audio.reader import Hearing
from multicnn.audio.wave import waveform
from multicnn.errors import UsageError

LEAST = 0.05  # kHz: the lowest frequency of a filter, and its least width
FIRST = 30.0  # Hz, where the lowest filter begins before training


class Sinc(nn.Module):
    """Each of `filters` passes one band, and two numbers a filter are learnt: where it begins, and its width, in kHz.

    At first the bands lie side by side, evenly in mel. length: seconds of a filter, under a Hamming window. stride:
    samples from one answer to the next; the paper's 1 costs that much more. Each filter's answer is divided by its
    deviation over the training set.  b t -> b filters ceil(t / stride)
    """

    reads = Hearing
    rank = 1

    def __init__(self, reader: Hearing, *, filters: int = 64, length: float = 0.0157, stride: int = 8):
        super().__init__()
        self.rate, self.stride, self.channels = reader.rate, stride, filters
        self.step = stride / reader.rate
        half = round(length * reader.rate / 2)
        room = reader.rate / 2 - 1000 * 2 * LEAST
        if filters < 1 or stride < 1 or half < 1 or room <= FIRST:
            raise UsageError(
                f"{filters} filters of {length} s, stride {stride}, at {reader.rate} Hz pass no bands; make them larger"
            )
        lowest, highest = htk(np.array([FIRST, room]))
        begins = torch.from_numpy(from_htk(np.linspace(lowest, highest, filters + 1))) / 1000
        self.low = nn.Parameter(begins[:-1].float())
        self.width = nn.Parameter(begins.diff().float())
        self.times: Tensor
        self.taper: Tensor
        self.scale: Tensor
        self.register_buffer("times", torch.arange(-half, half + 1) / reader.rate * 1000, persistent=False)  # ms
        self.register_buffer("taper", torch.hamming_window(2 * half + 1, periodic=False), persistent=False)
        self.register_buffer("scale", torch.ones(filters, 1))

    def bands(self) -> tuple[Tensor, Tensor]:
        """The limits of each filter in kHz.  -> filters, filters"""
        low = LEAST + self.low.abs()
        return low, (low + LEAST + self.width.abs()).clamp(max=self.rate / 2000)

    def kernels(self) -> Tensor:
        """The difference of two low passes, as high in the middle as 1.  -> filters 1 taps"""
        low, high = (2 * limit[:, None] for limit in self.bands())
        passed = high * torch.sinc(high * self.times) - low * torch.sinc(low * self.times)
        return (passed * self.taper / (high - low))[:, None]

    @torch.no_grad()
    def fit(self, batches: Iterable[Tensor]) -> None:
        pairs = ((self._filtered(raw), -(-heard(raw) // self.stride)) for raw in batches)
        self.scale.copy_(statistics(pairs)[1][:, None])

    def _filtered(self, raw: Tensor) -> Tensor:
        with torch.autocast(raw.device.type, enabled=False):
            x = F.pad(waveform(raw)[:, None], (0, 1 if raw.shape[1] == 0 else 0))
            return F.conv1d(x, self.kernels(), stride=self.stride, padding=len(self.taper) // 2)

    def forward(self, raw: Tensor) -> Tensor:
        return self._filtered(raw) / self.scale
