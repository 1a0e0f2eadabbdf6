"""Masks in colour, alone and over their pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from multicnn.image.datasets.segments.names import colour
from multicnn.image.geometry import OUTSIDE

if TYPE_CHECKING:
    from PIL.PngImagePlugin import PngInfo

OWNER = "multicnn sample"
NOTHING = (224, 224, 192)  # VOC's colour of what nobody knows
STRENGTH = 0.5  # of the classes' colours over the picture; class 0, the background, leaves it as it is


def palette() -> np.ndarray:
    """The colour of each class number.  -> 256 3, uint8"""
    colours = np.array([colour(i) for i in range(256)], dtype=np.uint8)
    colours[OUTSIDE] = NOTHING
    return colours


def save_mask(path: Path, mask: np.ndarray, owner: str) -> None:
    """A PNG of class numbers with a palette, as VOC has them; it notes whose mask it is.  h w, uint8"""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(mask, "L")
    picture.putpalette(palette().tobytes())
    picture.save(path, "PNG", pnginfo=note_of(owner))


def note_of(owner: str) -> "PngInfo":
    """What a PNG says of the sample that it was written for."""
    from PIL.PngImagePlugin import PngInfo

    note = PngInfo()
    note.add_itxt(OWNER, owner)
    return note


def owner_of(path: Path) -> str | None:
    """The sample that a PNG was written for; "" for another file, None where there is none."""
    from PIL import Image

    if not path.exists():
        return None
    try:
        with Image.open(path) as picture:
            return str(picture.info.get(OWNER, ""))
    except OSError:
        return ""


def blended(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The classes' colours over a picture.  c h w of 8 or 16 bits, h w -> h w 3, uint8"""
    light = picture if picture.dtype == np.uint8 else (picture >> 8).astype(np.uint8)
    light = light[:3] if len(light) >= 3 else light[[0, 0, 0]]
    base = light.transpose(1, 2, 0).astype(np.uint16)
    mixed = ((base + palette()[mask]) * STRENGTH).astype(np.uint8)
    return np.where(((mask > 0) & (mask != OUTSIDE))[..., None], mixed, base.astype(np.uint8))


def overlay(path: Path, picture: np.ndarray, mask: np.ndarray, classes: Sequence[str]) -> None:
    """A PNG in the picture's own size.  c h w, h w"""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(blended(picture, mask)).save(path, "PNG")


def side_by_side(
    path: Path,
    raw: np.ndarray,
    truth: np.ndarray,
    answer: np.ndarray,
    names: Sequence[str],
    classes: Sequence[str],
) -> None:
    """A row a sample: picture, truth over it, answer over it; the classes' colours below.

    n c h w, n h w, n h w
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    figure = Figure(figsize=(9, 3 * len(raw) + 0.6), layout="constrained")
    grid = figure.subplots(len(raw), 3, squeeze=False)
    for axes, picture, true, said, name in zip(grid, raw, truth, answer, names, strict=True):
        nothing = np.zeros_like(true)
        for one, mask, title in zip(axes, (nothing, true, said), (name, "truth", "answer"), strict=True):
            one.imshow(blended(picture, mask))
            one.set_title(title, parse_math=False, fontsize=8)
            one.set_axis_off()
    seen = np.union1d(truth, answer).astype(int).tolist()
    colours = (palette() / 255).tolist()
    shown = [Patch(color=tuple(colours[k]), label=str(classes[k]).lstrip("_")) for k in seen if 0 < k < len(classes)][
        :20
    ]
    if shown:
        figure.legend(handles=shown, loc="outside lower center", ncols=5, fontsize=8)
    figure.savefig(path, dpi=80)
