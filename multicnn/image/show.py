"""Draw a picture and its answer."""

from pathlib import Path
from typing import Any

import numpy as np

from multicnn.image.reader import ImageReader
from multicnn.image.video import VideoReader
from multicnn.image.volume import VolumeReader


def draw(item: Any, reader: ImageReader | VolumeReader | VideoReader, path: Path, *, answer: str = "") -> None:
    """Write a PNG of what the net is given for `item`, with `answer` above it; of volumes and clips, the middle."""
    from matplotlib.figure import Figure

    pixels = flat(reader(item)).transpose(1, 2, 0) / (2**reader.depth - 1)
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(pixels[..., :3] if reader.channels >= 3 else pixels[..., 0], cmap="gray", vmin=0, vmax=1)
    axes.set_title(answer, parse_math=False)
    axes.set_axis_off()
    figure.savefig(path, format="png", dpi=100)


def flat(sample: np.ndarray) -> np.ndarray:
    """The middle slice or frame of what has three axes.  c *grid -> c h w"""
    return sample[:, sample.shape[1] // 2] if sample.ndim == 4 else sample
