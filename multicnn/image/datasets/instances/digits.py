"""Made scenes of scikit-learn's scans of digits that lie over each other, with exact masks."""

import base64
import json
from io import BytesIO
from itertools import accumulate
from pathlib import Path

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.image.datasets.boxes.digits import SHARES, enlarged
from multicnn.image.datasets.digits import digits

SCENES = {"train": 500, "val": 100, "test": 200}
SIDE = 64  # pixels
DIGITS = 4  # in a scene, at most
SIZES = (2.5, 4)  # times the 8 x 8 pixels of a scan
SHADES = (110, 255)  # brightness of a digit
HIDDEN = 0.25  # share of a digit that others may cover
TRIES = 20  # places for one digit until it stays out


def digit_instances(path: Path | None = None) -> Table:
    """800 pictures of 64 x 64 pixels, each with 1 to 4 digits, 20 to 32 pixels a side, some over others; see `digits`.

    The scans of the test part occur in no other. The same ones every time.
    """
    scans, random = digits(path), np.random.default_rng(0)
    order = random.permutation(len(scans))
    ends = [round(share * len(scans)) for share in accumulate(SHARES.values())]
    pools = dict(zip(SHARES, np.split(order, ends[:-1]), strict=True))
    made = [(part, *scene(scans, pools[part], random)) for part, n in SCENES.items() for _ in range(n)]
    labels = [[scans.classes[scans.target[row]] for row in rows] for _, _, _, rows in made]
    return Table(
        name="digit-instances",
        items=np.stack([pixels for _, pixels, _, _ in made]),
        ids=strings(f"scene-{i}" for i in range(len(made))),
        classes=scans.classes,
        target=np.array([[c in own for c in scans.classes] for own in labels]),
        split=strings(part for part, _, _, _ in made),
        answer=strings(answer(owner, own) for (_, _, owner, _), own in zip(made, labels, strict=True)),
        said=("scenes of real scans of digits, some over others; those of the test part occur in no other",),
    )


def answer(owner: np.ndarray, labels: list[str]) -> str:
    """See `multicnn.image.stacks`.  h w, uint8"""
    from PIL import Image

    out = BytesIO()
    Image.fromarray(owner).save(out, "PNG")
    names = {str(n): label for n, label in enumerate(labels, start=1)}
    png = base64.b64encode(out.getvalue()).decode()
    return json.dumps({"size": owner.shape, "count": len(labels), "png": png, "is": names})


def scene(scans: Table, pool: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """One picture, whose each pixel is, and the scans, later ones on top.  -> side side, side side, scans"""
    canvas, owner = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE), dtype=np.uint8)
    whole, rows = [], []
    for row in random.choice(pool, random.integers(1, DIGITS + 1), replace=False):
        alpha = enlarged(scans.items[row], random.uniform(*SIZES)) / 255
        ink, shade = alpha >= 0.5, random.uniform(*SHADES)
        for top, left in random.integers(0, SIDE - len(alpha) + 1, (TRIES, 2)):
            place = np.s_[top : top + len(alpha), left : left + len(alpha)]
            if covers(owner[place], ink, owner, whole):
                continue
            canvas[place] += alpha * (shade - canvas[place])
            owner[place][ink] = len(rows) + 1
            whole.append(int(ink.sum()))
            rows.append(int(row))
            break
    return canvas.round().astype(np.uint8), owner, rows


def covers(place: np.ndarray, ink: np.ndarray, owner: np.ndarray, whole: list[int]) -> bool:
    """Whether ink at a place would leave too little of a digit there; `whole` is how many pixels each has had."""
    for number, cells in enumerate(whole, start=1):
        left = int((owner == number).sum() - (ink & (place == number)).sum())
        if left < (1 - HIDDEN) * cells:
            return True
    return False
