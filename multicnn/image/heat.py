"""What in a picture speaks for an answer, as colours over it."""

from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.insight.explain.sample import Absence, blurred
from multicnn.insight.explain.seen import COLOURS, Seen, bar, opacity
from multicnn.insight.page import Html, picture
from multicnn.insight.plots import save

FAINTER = (0.3, 0.5)  # black, and from black to white, of a picture below its heat


def absent(reader: Reader) -> Absence:
    """What stands for nothing in pictures, volumes and clips."""
    return blurred


def draw(seen: Seen, reader: Any, path: Path) -> None:
    """Write a PNG: the picture, and the picture with the heat over it; of volumes and clips the hottest slice."""
    from matplotlib.figure import Figure

    depth = hottest(seen.heat)
    pixels, heat = sliced(seen.raw, depth).transpose(1, 2, 0) / (2**reader.depth - 1), sliced(seen.heat[None], depth)[0]
    height, width = heat.shape
    wide = min(2.0, max(0.5, width / height))
    left, right = Figure(figsize=(6.6 * wide + 0.6, 3.5), layout="constrained").subplots(1, 2)
    grey = pixels[..., :3].mean(2) if pixels.shape[2] >= 3 else pixels[..., 0]
    left.imshow(pixels[..., :3] if pixels.shape[2] >= 3 else grey, cmap="gray", vmin=0, vmax=1)
    right.imshow(FAINTER[0] + FAINTER[1] * grey, cmap="gray", vmin=0, vmax=1)
    low, high = seen.range
    shown = right.imshow(
        heat, cmap=COLOURS[seen.signed], vmin=low, vmax=high, alpha=opacity(seen, heat), interpolation="nearest"
    )
    for axes in (left, right):
        outline(axes, seen.where, depth, height, width)
        axes.set_axis_off()
    left.set_title(seen.title, parse_math=False)
    bar(left.figure, shown, right, seen)
    save(left.figure, path)


def mark(seen: Seen, reader: Any, png: bytes) -> Html:
    """The same for a page."""
    return picture(png, f"the picture and the heat of {seen.title} over it")


def spell(seen: Seen, reader: Any) -> dict[str, Any]:
    """The hottest place as shares of each axis, from above and from the left."""
    place = np.unravel_index(int(seen.heat.argmax()), seen.heat.shape)
    return {"hottest": [round((float(i) + 0.5) / n, 4) for i, n in zip(place, seen.heat.shape, strict=True)]}


def hottest(heat: np.ndarray) -> int | None:
    """The slice or frame with the most heat for the answer; None of a picture.  d h w | h w"""
    return int(heat.clip(0).sum((1, 2)).argmax()) if heat.ndim > 2 else None


def sliced(x: np.ndarray, depth: int | None) -> np.ndarray:
    """c d h w | c h w -> c h w"""
    return x if depth is None else x[:, depth]


def outline(axes: Any, where: np.ndarray | None, depth: int | None, height: int, width: int) -> None:
    """The line round what is explained; a map of any size that covers the picture.  d h w | h w"""
    if where is None:
        return
    flat = where if depth is None else where[depth * len(where) // max(1, len(where))]
    rows, columns = (np.linspace(-0.5, n - 0.5, m + 1) for n, m in zip((height, width), flat.shape, strict=True))
    middles = ((columns[1:] + columns[:-1]) / 2, (rows[1:] + rows[:-1]) / 2)
    if min(flat.shape) > 1 and flat.any() and not flat.all():
        axes.contour(*middles, flat.astype(float), levels=[0.5], colors=["cyan"], linewidths=1.2)
