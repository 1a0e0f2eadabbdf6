"""Draw instances: masks in colour, their boxes, classes and scores."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from multicnn.image.boxes.draw import ANSWER, TRUTH, draw_on, outline
from multicnn.image.overlay import blended, note_of
from multicnn.insight.plots import save

ACROSS = 2  # samples in a row, each with truth and answer
COLOURS = 254  # that a palette of bytes has, without nothing and what nobody knows
STYLES = ((TRUTH, "--"), (ANSWER, "-"))
Named = tuple[np.ndarray, list[str], np.ndarray]  # whose each cell is, names, boxes n 4 in shares


def tinted(picture: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Another colour for each number, over a picture.  c h w of 8 or 16 bits, h w -> h w 3, uint8"""
    return blended(picture, np.where(owner > 0, (owner.astype(np.int64) - 1) % COLOURS + 1, 0))


def save_numbers(path: Path, owner: np.ndarray, name: str) -> None:
    """A grey PNG of 16 bits; it notes whose it is.  h w, uint16"""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(owner).save(path, "PNG", pnginfo=note_of(name))


def overlay(
    path: Path,
    picture: np.ndarray,
    owner: np.ndarray,
    boxes: Sequence[tuple[str, float, Sequence[float]]],
    *,
    name: str,
) -> None:
    """A PNG of a picture in its own size, with masks and boxes in its pixels.  c h w, h w"""
    draw_on(path, tinted(picture, owner).transpose(2, 0, 1), boxes, owner=name)


def side_by_side(path: Path, pictures: np.ndarray, truths: Sequence[Named], answers: Sequence[Named]) -> None:
    """Two samples a row: the truth, boxes dashed and green, and beside it the answer, red.  n c h w"""
    from matplotlib.figure import Figure

    rows = max(1, -(-len(pictures) // ACROSS))
    figure = Figure(figsize=(4 * 2 * ACROSS, 4 * rows), layout="constrained")
    pairs = [
        (p, said, *style)
        for p, *both in zip(pictures, truths, answers, strict=True)
        for said, style in zip(both, STYLES, strict=True)
    ]
    for place, (picture, (owner, names, boxes), colour, line) in enumerate(pairs, start=1):
        axes = figure.add_subplot(rows, 2 * ACROSS, place)
        axes.imshow(tinted(picture, owner))
        axes.set_axis_off()
        height, width = owner.shape
        for name, box in reversed(list(zip(names, boxes, strict=True))):  # the best on top
            outline(axes, box * [width, height, width, height], colour, line, name)
    save(figure, path)
