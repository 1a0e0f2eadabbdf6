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
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def fingerprint(table: Table, reader: ImageReader, store: Store, tick: Tick) -> Fingerprint:
    """Of pictures, and of volumes and clips by their middle."""
    if store.offsets is not None:
        return Fingerprint(store.hashes, unlike(len(store)), {})
    full = np.iinfo(store.values.dtype).max if store.values.dtype.kind == "u" else 1
    coefficients, deviation = [], []
    for start in range(0, len(store), HELD):
        grey = luma(store.values[start : start + HELD]) * (255 / full)
        coefficients.append(waves(grey, FINE).astype(np.float16))
        deviation.append(grey.std(axis=(1, 2)))
        tick(min(start + HELD, len(store)), len(store))
    fine, spread = np.concatenate(coefficients), np.concatenate(deviation)
    side = min(store.values.shape[-2:])
    details = [edge * min(1.0, side / SMALL) for edge in DETAILS]  # tiny pictures have none that other sizes keep
    coarse = min(COARSE, max(2, 5 * side // 8))

    def sure(pairs: np.ndarray) -> np.ndarray:
        return agreement(fine[pairs[:, 0]], fine[pairs[:, 1]], details) >= AGREE

    codes = banded(fine[:, :coarse, :coarse].astype(np.float32), RINGS)
    codes[spread < BLANK] = 0
    readable = np.array([row not in store.bad for row in range(len(store))])
    blank = np.flatnonzero((spread < BLANK) & readable)
    flaws = [Flaw("blank", "warning", blank, "one colour throughout", "drop")]
    return Fingerprint(store.hashes, code_prints(codes, CLOSE, sure), sizes(table), flaws)


def luma(samples: np.ndarray) -> np.ndarray:
    """The grey of colours, or the mean of other channels; of volumes and clips that of the middle.

    n c (d) h w -> n h w, float32
    """
    flat = samples[:, :, samples.shape[2] // 2] if samples.ndim == 5 else samples
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
