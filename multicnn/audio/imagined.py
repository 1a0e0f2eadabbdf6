"""What a network is given of sounds that are not there yet."""

import torch

from multicnn.audio.bands import Bands
from multicnn.audio.frontend import LogMel, Waveform
from multicnn.audio.reader import SoundReader
from multicnn.zoo import SCENE_10S

RATE, SECONDS = 16_000, 5.0  # where only one of the two is told


def imagined(
    usual: tuple[int, ...], *, sample_rate: int | None = None, seconds: float | None = None
) -> tuple[int, ...]:
    """Channels and the grid of a sound; left open, those of the network's published form, or ten seconds' spectrum.

    Else the log-mel spectrum, its bands as channels, or the waveform, as the network reads.  -> c *grid
    """
    c, *grid = usual if len(usual) == 2 or usual[0] == 1 else SCENE_10S
    if sample_rate is None and seconds is None:
        return (c, *grid)
    reader = SoundReader(rate=sample_rate or RATE, seconds=SECONDS if seconds is None else seconds)
    frontend = (LogMel if len(grid) > 1 else Bands if c > 1 else Waveform)(reader)
    with torch.inference_mode():
        return tuple(frontend(torch.zeros(1, reader.window, dtype=torch.int16)).shape[1:])
