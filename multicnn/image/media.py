"""A picture, a volume or a clip, small enough to stand in a page."""

from io import BytesIO
from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.image.show import flat
from multicnn.insight.page import Html, picture

SIDE = 240  # pixels of the longer side, at most
LEGIBLE = 96  # pixels of the longer side below which each pixel becomes several
FEW = 64  # pixels a side up to which a PNG is the smaller file
QUALITY = 82


def media(item: Any, reader: Reader) -> Html:
    """What the net is given for `item`, as a thumbnail; of volumes and clips, the middle."""
    return thumbnail(flat(reader(item)))


def thumbnail(pixels: np.ndarray, alt: str = "the sample") -> Html:
    """c h w of 8 or 16 bits; of other channels than colours the first."""
    return picture(encoded(pixels), alt)


def encoded(pixels: np.ndarray) -> bytes:
    """A small PNG or JPEG.  c h w"""
    from PIL import Image

    light = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    shown = light[:3].transpose(1, 2, 0) if len(light) >= 3 else light[0]
    image = Image.fromarray(np.ascontiguousarray(shown))
    longer = max(image.size)
    if longer > SIDE:
        image.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    elif longer < LEGIBLE:
        times = -(-LEGIBLE // longer)
        image = image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
    file = BytesIO()
    if longer <= FEW:
        image.save(file, "PNG", optimize=True)
    else:
        image.save(file, "JPEG", quality=QUALITY, optimize=True)
    return file.getvalue()
