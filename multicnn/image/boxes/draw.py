"""Draw boxes on pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.image.overlay import note_of
from multicnn.insight.plots import plain, save

ACROSS = 4  # pictures in a row
TRUTH, ANSWER = "tab:green", "tab:red"


def draw_boxes(
    path: Path,
    pictures: np.ndarray | Sequence[np.ndarray],
    truths: Sequence[np.ndarray],
    answers: Sequence[np.ndarray],
    classes: Sequence[str],
) -> None:
    """Write a PNG of pictures in rows of four: true boxes dashed and green, answers red with class and score.

    Boxes in shares of the picture. pictures: c h w of any whole numbers; truths: m 5 (class, box); answers: n 6 (class,
    score, box).
    """
    from matplotlib.figure import Figure

    rows = -(-len(pictures) // ACROSS)
    columns = min(ACROSS, max(1, len(pictures)))
    figure = Figure(figsize=(4 * columns, 4 * max(1, rows)), layout="constrained")
    for place, pixels in enumerate(pictures):
        axes = figure.add_subplot(rows, columns, place + 1)
        show(axes, pixels)
        height, width = pixels.shape[1:]
        for box in truths[place][:, 1:]:
            outline(axes, box * [width, height, width, height], TRUTH, "--", "")
        for c, score, *box in answers[place]:
            name = f"{classes[int(c)]} {score:.2f}"
            outline(axes, np.array(box) * [width, height, width, height], ANSWER, "-", name)
    save(figure, path)


def show(axes: Any, pixels: np.ndarray) -> None:
    """c h w"""
    white = np.iinfo(pixels.dtype).max
    x = pixels.transpose(1, 2, 0) / white
    axes.imshow(x[..., :3] if x.shape[2] >= 3 else x[..., 0], cmap="gray", vmin=0, vmax=1)
    axes.set_axis_off()


def outline(axes: Any, box: np.ndarray, colour: str, line: str, name: str) -> None:
    """One box in pixels, whose first covers -0.5 to 0.5 for matplotlib."""
    from matplotlib.patches import Rectangle

    x1, y1, x2, y2 = box - 0.5
    axes.add_patch(Rectangle((x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=colour, linestyle=line))
    if name:
        axes.text(
            x1, y1, plain(name), color="white", fontsize=7, va="bottom", bbox={"facecolor": colour, "pad": 1, "lw": 0}
        )


def draw_on(
    path: Path, picture: np.ndarray, boxes: Sequence[tuple[str, float, Sequence[float]]], *, owner: str
) -> None:
    """Write a PNG of a picture in its own size, with boxes of class, score and edges in its pixels.  c h w

    owner: the sample, which the file notes.
    """
    from PIL import Image, ImageDraw

    light = picture if picture.dtype == np.uint8 else (picture >> 8).astype(np.uint8)
    light = light[:3] if len(light) >= 3 else light[[0, 0, 0]]
    image = Image.fromarray(np.ascontiguousarray(light.transpose(1, 2, 0)))
    pen = ImageDraw.Draw(image)
    width = max(1, round(max(image.size) / 400))
    for label, score, (x1, y1, x2, y2) in reversed(boxes):  # the best on top
        pen.rectangle((x1, y1, max(x1, x2 - 1), max(y1, y2 - 1)), outline="red", width=width)
        text = f"{label} {score:.2f}".encode("latin-1", "replace").decode("latin-1")  # letters of Pillow's own font
        pen.rectangle(pen.textbbox((x1, y1), text), fill="red")
        pen.text((x1, y1), text, fill="white")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "PNG", pnginfo=note_of(owner))
