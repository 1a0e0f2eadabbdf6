"""What a net is made of, as pictures: the filters of its first layer, and the maps of a level."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from multicnn.blocks.nd import RANKS, nd
from multicnn.errors import UsageError
from multicnn.insight.explain.cams import check_level
from multicnn.insight.plots import save
from multicnn.zoo.net import Net

MOST = 64  # filters or maps that are drawn, those of the greatest norm
ACROSS, SIDE = 8, 8.0  # tiles in a row, and inches of it
GAP = 0.16  # between them, as a share of a tile


def first_filters(net: Net) -> tuple[str, np.ndarray]:
    """The name and the weights of the first convolution. Raises UsageError for a net without one.

    -> c_out c_in *size
    """
    for name, layer in net.named_modules():
        if isinstance(layer, tuple(nd("Conv", rank) for rank in RANKS)):
            return name, layer.get_parameter("weight").detach().float().cpu().numpy()
    raise UsageError("--filters: the network has no convolution; leave it out")


def draw_filters(net: Net, path: Path) -> None:
    """Write a PNG of them: of three channels in colour, of others their mean, of a line all channels as rows."""
    name, weights = first_filters(net)
    kept = strongest(weights)
    shown = [filter_image(weights[i]) for i in kept]
    draw_tiles(shown, [f"{i}" for i in kept], path, f"{len(kept)} of {len(weights)} filters of {name}")


def filter_image(one: np.ndarray) -> np.ndarray:
    """c_in *size -> h w, or h w 3 of 0 to 1"""
    if one.ndim == 4:
        one = one[:, one.shape[1] // 2]  # the middle of a solid
    if one.ndim == 2:
        return one
    if len(one) == 3:
        low, high = one.min(), one.max()
        return ((one - low) / max(high - low, 1e-12)).transpose(1, 2, 0)
    return one.mean(0)


@torch.no_grad()
def maps(net: Net, raw: Tensor, level: int | None) -> np.ndarray:
    """Of a raw batch of one. Raises UsageError for a level without cells.  -> c *cells"""
    return net.levels(net.frontend(raw))[check_level(net, level)][0].float().cpu().numpy()


def draw_maps(found: np.ndarray, path: Path, title: str, *, upward: bool) -> None:
    """Write a PNG of feature maps, the strongest ones; those of a line as the rows of one picture.

    upward: whether the first row is the lowest, as of spectra.  c *cells
    """
    found = np.flip(found, 1) if upward and found.ndim > 2 else found
    kept = strongest(found)
    if found.ndim == 2:
        draw_tiles([found[kept]], [""], path, title)
        return
    middle = found[:, found.shape[1] // 2] if found.ndim == 4 else found
    draw_tiles([middle[i] for i in kept], [f"{i}" for i in kept], path, f"{len(kept)} of {len(found)} {title}")


def strongest(values: np.ndarray) -> list[int]:
    """Of the greatest norm, in their order.  n ... ->"""
    size = np.square(values.reshape(len(values), -1)).sum(1)
    return sorted(np.argsort(-size, kind="stable")[:MOST].tolist())


def draw_tiles(shown: Sequence[np.ndarray], names: Sequence[str], path: Path, title: str) -> None:
    """Pictures in rows, each in its own range round 0."""
    from matplotlib.figure import Figure

    across = min(ACROSS, len(shown))
    down = ceil(len(shown) / across)
    height, width = shown[0].shape[:2]
    tall = min(2.0, max(0.5, height / width))
    figure = Figure(figsize=(SIDE, SIDE / across * (tall + GAP) * down + 0.4), layout="constrained")
    axes = figure.subplots()
    for number, (one, name) in enumerate(zip(shown, names, strict=True)):
        left, top = (number % across) * (1 + GAP / 2), (number // across) * (tall + GAP)
        tile(axes, one, (left, left + 1, top + tall, top))
        axes.text(left, top - 0.02, name, fontsize=6, va="bottom")
    axes.set(xlim=(0, across * (1 + GAP / 2)), ylim=(down * (tall + GAP), -GAP))
    axes.set_axis_off()
    axes.set_title(title, fontsize=9)
    save(figure, path)


def tile(axes: Any, one: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    """One picture."""
    top = float(np.abs(one).max(initial=0)) or 1.0
    bounds = {} if one.ndim == 3 else {"vmin": 0 if one.min() >= 0 else -top, "vmax": top}
    colours = None if one.ndim == 3 else "gray" if one.min() >= 0 else "RdBu_r"
    axes.imshow(one, cmap=colours, aspect="auto", interpolation="nearest", extent=extent, **bounds)
