"""YAMNet's own spectra, and YAMNet itself as a run that names sounds by 521 of AudioSet's classes.

Plakal and Ellis 2019, the files features.py and params.py beside the model.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from multicnn.audio.reader import Hearing
from multicnn.audio.wave import waveform
from multicnn.errors import DataError, UsageError

RATE = 16_000  # Hz
WINDOW, HOP, SIZE = 400, 160, 512  # samples: 25 ms, 10 ms, and the transform
BANDS, LOWEST, HIGHEST = 64, 125.0, 7500.0  # Hz
FLOOR = 1e-3  # added to magnitudes
SECONDS = 0.975  # of a patch: 96 frames


class YamnetMel(nn.Module):
    """The logarithm of mel bands' magnitudes, not normalised: what YAMNet's weights have learnt from.

    A frame begins every 10 ms; none goes beyond the end, but a sound shorter than a frame is one. No settings; raises
    UsageError for another rate than 16 kHz.  b t -> b 1 64 frames
    """

    reads = Hearing
    rank = 2
    channels = 1
    step = HOP / RATE

    def __init__(self, reader: Hearing):
        super().__init__()
        if reader.rate != RATE:
            raise UsageError(f"YAMNet hears sounds at {RATE} Hz, not at {reader.rate}; set --sample-rate {RATE}")
        self.taper: Tensor
        self.filters: Tensor
        self.register_buffer("taper", torch.hann_window(WINDOW, dtype=torch.float64).float(), persistent=False)
        self.register_buffer("filters", filters(), persistent=False)

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Nothing to measure."""

    def forward(self, raw: Tensor) -> Tensor:
        with torch.autocast(raw.device.type, enabled=False):
            x = waveform(raw)
            x = nn.functional.pad(x, (0, max(0, WINDOW - x.shape[1])))
            frames = x.unfold(1, WINDOW, HOP) * self.taper
            return (torch.fft.rfft(frames, SIZE).abs() @ self.filters + FLOOR).log().mT[:, None]


def filters() -> Tensor:
    """Triangles in mel, of height 1, as tf.signal.linear_to_mel_weight_matrix makes them.  -> bins bands, float32"""
    bins = _mel(np.linspace(0, RATE / 2, SIZE // 2 + 1))[1:, None]
    edges = np.linspace(_mel(LOWEST), _mel(HIGHEST), BANDS + 2)
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0, np.minimum(rising, falling))
    return torch.from_numpy(np.pad(triangles, ((1, 0), (0, 0))).astype(np.float32))  # nothing of the mean


def _mel(hz: np.ndarray | float) -> np.ndarray:
    """O'Shaughnessy's scale, as HTK has it."""
    return 1127.0 * np.log1p(np.asarray(hz, dtype=np.float64) / 700.0)


def class_names(path: Path) -> list[str]:
    """The column display_name of YAMNet's yamnet_class_map.csv. Raises DataError for another file."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            names = [row["display_name"] for row in csv.DictReader(file)]
    except (OSError, KeyError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: no list of classes with a column display_name ({error!r})") from error
    if len(set(names)) != len(names) or not names:
        raise DataError(f"{path}: {len(names)} names, {len(set(names))} different; give yamnet_class_map.csv")
    return names
