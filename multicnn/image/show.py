"""Draw a picture and its answer."""

from pathlib import Path
from typing import Any

from multicnn.image.reader import ImageReader


def draw(item: Any, reader: ImageReader, path: Path, *, answer: str = "") -> None:
    """Write a PNG of what the net is given for `item`, with `answer` above it."""
    from matplotlib.figure import Figure

    pixels = reader(item).transpose(1, 2, 0) / (2**reader.depth - 1)
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(pixels[..., :3] if reader.channels >= 3 else pixels[..., 0], cmap="gray", vmin=0, vmax=1)
    axes.set_title(answer, parse_math=False)
    axes.set_axis_off()
    figure.savefig(path, format="png", dpi=100)
