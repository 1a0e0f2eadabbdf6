"""What tells pictures apart for the audit: their coarse waves, their sizes, and that some hold nothing."""

import numpy as np

from multicnn.data.store import Store, Tick
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.decode import header
from multicnn.image.reader import ImageReader
from multicnn.insight.audit.codes import agreement, banded, code_prints, waves
from multicnn.insight.audit.fingerprint import Fingerprint, Flaw
from multicnn.insight.audit.near import unlike

COARSE, FINE = 7, 12  # waves a side
RINGS = (0.5, 1.5, 2.5, 3.5, 4.5, 6.0)  # radii by which coarse waves are compared
DETAILS = (4.0, 6.0, 8.0, 10.0)  # and fine ones
CLOSE = 0.05  # of the distance to strangers
SMALL = 28  # pixels of the shorter side, below which details are those of larger waves
AGREE = 0.96  # of the details; copies of 28 x 28 pixels at half their size and back agree by 0.98
BLANK = 1.0  # of 255: deviation of the pixels below which a picture shows nothing
HELD = 512  # samples in memory at once
CELLS = 4  # a side, by which colours are compared
TINT = 12.0  # of 255: how far colours of one picture, coded or lit anew, may differ
SHADE = 0.25  # of the stronger colour, besides
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def fingerprint(table: Table, reader: ImageReader, store: Store, tick: Tick) -> Fingerprint:
    """Of pictures, and of volumes and clips by their middle."""
    if store.offsets is not None:
        return Fingerprint(store.hashes, unlike(len(store)), {})
    full = np.iinfo(store.values.dtype).max if store.values.dtype.kind == "u" else 1
    coefficients, deviation, colours = [], [], []
    for start in range(0, len(store), HELD):
        grey = luma(store.values[start : start + HELD]) * (255 / full)
        coefficients.append(waves(grey, FINE).astype(np.float16))
        deviation.append(grey.std(axis=(1, 2)))
        colours.append((tints(store.values[start : start + HELD]) * (255 / full)).astype(np.float16))
        tick(min(start + HELD, len(store)), len(store))
    fine, spread, colour = (np.concatenate(parts) for parts in (coefficients, deviation, colours))
    side = min(store.values.shape[-2:])
    details = [edge * min(1.0, side / SMALL) for edge in DETAILS]  # tiny pictures have none that other sizes keep
    coarse = min(COARSE, max(2, 5 * side // 8))

    def sure(pairs: np.ndarray) -> np.ndarray:
        a, b = pairs.T
        return (agreement(fine[a], fine[b], details) >= AGREE) & coloured_alike(colour[a], colour[b])

    codes = banded(fine[:, :coarse, :coarse].astype(np.float32), RINGS)
    codes[spread < BLANK] = 0
    readable = np.array([row not in store.bad for row in range(len(store))])
    blank = np.flatnonzero((spread < BLANK) & readable)
    flaws = [Flaw("blank", "warning", blank, "one colour throughout", "drop")]
    return Fingerprint(store.hashes, code_prints(codes, CLOSE, sure), sizes(table), flaws)


def middle(samples: np.ndarray) -> np.ndarray:
    """Of volumes and clips the middle picture.  n c (d) h w -> n c h w"""
    return samples[:, :, samples.shape[2] // 2] if samples.ndim == 5 else samples


def tints(samples: np.ndarray) -> np.ndarray:
    """How far each colour is from grey, in CELLS x CELLS means; without colours nothing.

    n c (d) h w -> n 3 CELLS CELLS, float32; n 0 CELLS CELLS
    """
    flat = middle(samples)
    if flat.shape[1] not in (3, 4):
        return np.zeros((len(flat), 0, CELLS, CELLS), dtype=np.float32)
    means = shares(flat.shape[2]) @ flat[:, :3].astype(np.float32) @ shares(flat.shape[3]).T
    return means - np.einsum("nchw,c->nhw", means, LUMA)[:, None]


def shares(size: int) -> np.ndarray:
    """The part that each of `size` pixels has in the mean of each cell.  -> CELLS size, float32; rows sum to 1"""
    edges = np.arange(CELLS + 1)[:, None] * size / CELLS
    before = np.clip(edges - np.arange(size), 0, 1)  # of each pixel, left of each edge
    return (np.diff(before, axis=0) * CELLS / size).astype(np.float32)


def coloured_alike(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whether the colours of no cell differ by more than light and codecs change them.  n c h w, n c h w -> (n,)"""
    a, b = a.astype(np.float32), b.astype(np.float32)
    return strongest(a - b) <= TINT + SHADE * np.maximum(strongest(a), strongest(b))


def strongest(tint: np.ndarray) -> np.ndarray:
    """The strongest colour of any cell, 0 for grey pictures.  n c h w -> (n,)"""
    return np.sqrt(np.square(tint).sum(axis=1) / 3).max(axis=(1, 2))


def luma(samples: np.ndarray) -> np.ndarray:
    """The grey of colours, or the mean of other channels; of volumes and clips that of the middle.

    n c (d) h w -> n h w, float32
    """
    flat = middle(samples)
    if flat.shape[1] in (3, 4):
        return np.einsum("nchw,c->nhw", flat[:, :3].astype(np.float32), LUMA)
    return flat.mean(axis=1, dtype=np.float32)


def sizes(table: Table) -> dict[str, np.ndarray]:
    """Of the files: pixels of the shorter side, and how many times longer the other is."""
    if table.items.dtype != np.dtypes.StringDType():
        return {}
    found = np.full((len(table), 2), np.nan)
    for row, item in enumerate(table.items):
        try:
            found[row] = header(item)[:2]
        except DataError:
            continue  # it is among the unreadable ones, or no picture but a volume or a clip
    short, long = found.min(axis=1), found.max(axis=1)
    return {"pixels of the shorter side": short, "times as long as wide": long / short}
