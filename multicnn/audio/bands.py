"""Mel bands as channels, for networks over time alone."""

from collections.abc import Iterable

from torch import Tensor, nn

from multicnn.audio.frontend import LogMel
from multicnn.audio.reader import Hearing


class Bands(nn.Module):
    """The numbers of LogMel with each band a channel, and no level raised because another part of the sound is loud.

    So a stretch of a sound has the same numbers wherever the sound is cut.  b t -> b mels 1 + t // hop
    """

    reads = Hearing
    rank = 1

    def __init__(
        self,
        reader: Hearing,
        *,
        mels: int = 64,
        window: float = 0.025,
        hop: float = 0.01,
        fmin: float = 0.0,
        fmax: float | None = None,
    ):
        super().__init__()
        self.channels = mels
        self.inner = LogMel(reader, mels=mels, window=window, hop=hop, fmin=fmin, fmax=fmax, top=float("inf"))
        self.step = self.inner.step

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Measure on raw training batches, one pass, in float64."""
        self.inner.fit(batches)

    def forward(self, raw: Tensor) -> Tensor:
        return self.inner(raw)[:, 0]
