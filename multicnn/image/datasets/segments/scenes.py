"""Scenes made of real scans: digits on uneven ground, with a mask that is exact because it placed them."""

import base64
import json
from io import BytesIO
from pathlib import Path

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.image.datasets.digits import digits
from multicnn.image.masks import BACKGROUND

SIDE = 64  # pixels
TRAIN, TEST = 400, 100  # scenes
SIZES = (18, 30)  # pixels a side of a digit
DIGITS = (2, 4)  # in a scene, before those that find no room are left out
TRIES = 20  # places for a digit
SEED = 5


def digit_scenes(path: Path | None = None) -> Table:
    """500 grey scenes of 64 x 64 with 2 to 4 handwritten digits each, made in memory, the same every time.

    The scans are scikit-learn's (see `digits`, also for `path`); those of the 100 test scenes are in no training scene.
    """
    scans = digits(path)
    pool = np.random.default_rng(SEED).permutation(len(scans))
    cut = len(pool) * TRAIN // (TRAIN + TEST)
    scenes = [scene(n, scans, pool[:cut] if n < TRAIN else pool[cut:]) for n in range(TRAIN + TEST)]
    pictures, masks = (np.stack(part) for part in zip(*scenes, strict=True))
    classes = (BACKGROUND, *scans.classes)
    names = {str(i): c for i, c in enumerate(classes)}
    parts = ["train"] * TRAIN + ["test"] * TEST
    return Table(
        name="digit-scenes",
        items=pictures,
        ids=strings(f"scene-{i}" for i in range(len(scenes))),
        classes=classes,
        target=np.stack([np.bincount(mask.ravel(), minlength=len(classes)) > 0 for mask in masks]),
        split=strings(parts),
        answer=strings(json.dumps({"png": png(mask), "is": names}) for mask in masks),
        said=(f"{len(scenes)} scenes made of scikit-learn's scanned digits on uneven ground, with exact masks",),
    )


def scene(number: int, scans: Table, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A picture and its mask, a function of the number only.  -> h w, h w"""
    rng = np.random.default_rng([SEED, number])
    picture, mask = ground(rng), np.zeros((SIDE, SIDE), dtype=np.uint8)
    for row in rng.choice(rows, rng.integers(DIGITS[0], DIGITS[1] + 1), replace=False):
        alpha = enlarged(scans.items[row], int(rng.integers(*SIZES))) / 255
        corners = rng.integers(0, SIDE + 1 - len(alpha), (TRIES, 2)).tolist()
        places = [np.s_[y : y + len(alpha), x : x + len(alpha)] for y, x in corners]
        place = next((p for p in places if not mask[p].any()), None)
        if place is None:
            continue
        ink = (picture[place].mean() + rng.uniform(70, 130)) % 256  # lighter or darker than what it lies on
        picture[place] += alpha * (ink - picture[place])
        mask[place][alpha >= 0.5] = 1 + scans.target[row]
    return picture.round().clip(0, 255).astype(np.uint8), mask


def ground(rng: np.random.Generator) -> np.ndarray:
    """Blotches of three sizes, and grain.  -> h w, float"""
    blotches = [enlarged(rng.integers(0, 256, (n, n), dtype=np.uint8), SIDE) for n in (2, 5, 11)]
    grain = rng.normal(0, 4, (SIDE, SIDE))
    return rng.uniform(20, 90) + 0.25 * sum(b.astype(float) for b in blotches) + grain


def enlarged(array: np.ndarray, side: int) -> np.ndarray:
    """h w, uint8 -> side side, uint8"""
    from PIL import Image

    return np.asarray(Image.fromarray(array).resize((side, side), Image.Resampling.BICUBIC))


def png(mask: np.ndarray) -> str:
    """A mask as text."""
    from PIL import Image

    out = BytesIO()
    Image.fromarray(mask).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()
