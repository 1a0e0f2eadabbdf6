"""Grids of any rank brought to one size, and the numbers of their cells with them.

A way to resize says for each axis where its cells go: new = old * scale + offset, over the edges of cells, as in
`multicnn.image.geometry`.
"""

from collections.abc import Callable, Sequence

import numpy as np

from multicnn.names import find

OUTSIDE = 255  # the number of cells that lie outside the given grid
Axis = tuple[float, float]  # scale, offset


def crop(given: Sequence[int], size: Sequence[int]) -> list[Axis]:
    """Fill the size and cut what juts out, evenly on both sides."""
    part = min(n / s for n, s in zip(given, size, strict=True))
    margins = [max(0.0, (n - s * part) / 2) for n, s in zip(given, size, strict=True)]
    scales = [s / (n - 2 * m) for n, s, m in zip(given, size, margins, strict=True)]
    return [(scale, -m * scale) for scale, m in zip(scales, margins, strict=True)]


def pad(given: Sequence[int], size: Sequence[int]) -> list[Axis]:
    """Fit into the size, centred."""
    part = min(s / n for n, s in zip(given, size, strict=True))
    inner = [max(1, round(n * part)) for n in given]
    return [(i / n, (s - i) // 2) for n, s, i in zip(given, size, inner, strict=True)]


def squash(given: Sequence[int], size: Sequence[int]) -> list[Axis]:
    """Stretch or shrink each axis by itself."""
    return [(s / n, 0.0) for n, s in zip(given, size, strict=True)]


WAYS: dict[str, Callable[[Sequence[int], Sequence[int]], list[Axis]]] = {"crop": crop, "pad": pad, "squash": squash}


def resample(values: np.ndarray, size: Sequence[int], way: str) -> np.ndarray:
    """Linear along each axis and antialiased, like Pillow's bilinear; 0 outside.  *given c -> *size c, same type"""
    axes = find("way to resize", WAYS, way)(values.shape[:-1], size)
    if values.shape[:-1] == tuple(size):
        return values
    out = values.astype(np.float32)
    for place, (n, (scale, offset)) in enumerate(zip(size, axes, strict=True)):
        out = np.moveaxis(np.tensordot(taps(values.shape[place], n, scale, offset), out, (1, place)), 0, place)
    return np.rint(out).astype(values.dtype) if values.dtype.kind in "iu" else out.astype(values.dtype)


def taps(given: int, size: int, scale: float, offset: float) -> np.ndarray:
    """What each new cell takes of each old one: a triangle as wide as the new cell, or as an old one.  -> size given"""
    centre = (np.arange(size) + 0.5 - offset) / scale
    near = 1 - np.abs(np.arange(given) + 0.5 - centre[:, None]) / max(1.0, 1 / scale)
    share = near.clip(0) * ((centre >= 0) & (centre < given))[:, None]
    return (share / np.maximum(share.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)


def renumber(numbers: np.ndarray, size: Sequence[int], way: str) -> np.ndarray:
    """Each cell takes the number of the old one that its middle lies in, or OUTSIDE.  *given -> *size"""
    axes = find("way to resize", WAYS, way)(numbers.shape, size)
    centres = [np.floor((np.arange(s) + 0.5 - o) / k).astype(np.int64) for s, (k, o) in zip(size, axes, strict=True)]
    inside = [(c >= 0) & (c < n) for c, n in zip(centres, numbers.shape, strict=True)]
    out = numbers[np.ix_(*[c.clip(0, n - 1) for c, n in zip(centres, numbers.shape, strict=True)])]
    return np.where(_all(inside), out, OUTSIDE)


def _all(inside: Sequence[np.ndarray]) -> np.ndarray:
    """Whether a cell is inside along every axis.  rank times n -> *size"""
    out = np.array(True)
    for axis in inside:
        out = out[..., None] & axis
    return out


def back(maps: np.ndarray, given: Sequence[int], way: str) -> tuple[np.ndarray, np.ndarray]:
    """Maps of the new grid at the old one's cells, linear between middles, and which cells the new grid holds.

    k *size -> k *given, *given
    """
    out, inside = maps.astype(np.float32), []
    axes = find("way to resize", WAYS, way)(given, maps.shape[1:])
    for place, (n, (scale, offset)) in enumerate(zip(given, axes, strict=True), start=1):
        size = maps.shape[place]
        centre = (np.arange(n) + 0.5) * scale + offset
        inside.append((centre >= 0) & (centre < size))
        first, last = max(0.0, offset) + 0.5, min(float(size), n * scale + offset) - 0.5
        near = 1 - np.abs(np.arange(size) + 0.5 - centre.clip(first, max(first, last))[:, None])
        share = near.clip(0).astype(np.float32)
        share /= share.sum(axis=1, keepdims=True)
        out = np.moveaxis(np.tensordot(share, out, (1, place)), 0, place)
    return out, _all(inside)
