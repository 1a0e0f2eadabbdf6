"""Made scenes of scikit-learn's scans of digits, with exact boxes; the digits of test scenes are other scans."""

from itertools import accumulate
from pathlib import Path

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.image.datasets.boxes.annotated import Box, answer
from multicnn.image.datasets.digits import digits

SCENES = {"train": 500, "val": 100, "test": 200}
SHARES = {"train": 0.6, "val": 0.15, "test": 0.25}  # of the scans
LARGEST = 4  # times the 8 x 8 pixels of a scan
INK = 32  # brightness from which a pixel belongs to the digit
TRIES = 50  # places for one digit until it stays out


def digit_boxes(path: Path | None = None) -> Table:
    """800 pictures of 96 x 96 pixels, each with 1 to 6 digits, 16 to 32 pixels a side; see `digits`."""
    return scenes("digit-boxes", digits(path), side=96, most=6)


def digit_place(path: Path | None = None) -> Table:
    """800 pictures of 64 x 64 pixels, each with one digit somewhere, 16 to 32 pixels a side; see `digits`."""
    return scenes("digit-place", digits(path), side=64, most=1)


def scenes(name: str, scans: Table, *, side: int, most: int) -> Table:
    """Scans pasted on black, the same ones every time."""
    random = np.random.default_rng(0)
    order = random.permutation(len(scans))
    ends = [round(share * len(scans)) for share in accumulate(SHARES.values())]
    pools = dict(zip(SHARES, np.split(order, ends[:-1]), strict=True))
    made = [(part, *scene(scans, pools[part], side, most, random)) for part, n in SCENES.items() for _ in range(n)]
    k = len(scans.classes)
    target = np.array([[c in {box[0] for box in boxes} for c in scans.classes] for _, _, boxes in made])
    assert target.shape == (len(made), k)
    return Table(
        name=name,
        items=np.stack([pixels for _, pixels, _ in made]),
        ids=strings(f"scene-{i}" for i in range(len(made))),
        classes=scans.classes,
        target=target,
        split=strings(part for part, _, _ in made),
        answer=strings(answer((side, side), boxes) for _, _, boxes in made),
        said=("scenes of real scans of digits; those of the test part occur in no other",),
    )


def scene(
    scans: Table, pool: np.ndarray, side: int, most: int, random: np.random.Generator
) -> tuple[np.ndarray, list[Box]]:
    """One picture, and the boxes of its digits, which do not touch.  -> side side, boxes"""
    canvas = np.zeros((side, side), dtype=np.uint8)
    boxes: list[Box] = []
    for row in random.choice(pool, random.integers(1, most + 1), replace=False):
        pixels = enlarged(scans.items[row], random.uniform(2, LARGEST))
        rows, columns = (np.flatnonzero((pixels >= INK).any(axis=a)) for a in (1, 0))
        ink = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        height, width = ink.shape
        for top, left in random.integers(0, [side - height + 1, side - width + 1], (TRIES, 2)):
            near = canvas[max(0, top - 1) : top + height + 1, max(0, left - 1) : left + width + 1]
            if not near.any():
                canvas[top : top + height, left : left + width] = ink
                label = scans.classes[scans.target[row]]
                boxes.append((label, float(left), float(top), float(left + width), float(top + height)))
                break
    return canvas, boxes


def enlarged(scan: np.ndarray, factor: float) -> np.ndarray:
    """8 x 8 pixels, linear between their middles."""
    from PIL import Image

    side = round(8 * factor)
    return np.asarray(Image.fromarray(scan).resize((side, side), Image.Resampling.BILINEAR))
