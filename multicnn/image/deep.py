"""16-bit colour that Pillow knows how to unpack but not how to hold: its two bytes are fetched one after the other.

Pillow keeps the first byte of each number. Told that the file has the other byte order, it keeps the second.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

RAW = {f"{mode};16{order}": mode for mode in ("RGB", "RGBA") for order in "BLN"}
GREY_ALPHA = "LA;16B"  # of PNG; as four bytes, it is read at once


def raw_mode(picture: "Image") -> str:
    """What Pillow calls the layout of the file's numbers; "" where that is not one of 16-bit colour."""
    found: set[Any] = {_arguments(tile.args)[0] for tile in getattr(picture, "tile", [])}
    mode = found.pop() if len(found) == 1 else ""
    return mode if mode in (*RAW, GREY_ALPHA) else ""


def read_deep(data: bytes, picture: "Image") -> np.ndarray:
    """All 16 bits of a PNG's or TIFF's colours; a colour that PNG declares transparent becomes alpha.

    -> h w c, uint16, c = 2 grey with alpha, 3 colour, 4 with alpha
    """
    mode = raw_mode(picture)
    if mode == GREY_ALPHA:
        parts = _unpacked(data, "RGBA").astype(np.uint16)
        return parts[..., ::2] * np.uint16(256) + parts[..., 1::2]
    high, low = (_unpacked(data, f"{RAW[mode]};16{order}").astype(np.uint16) for order in "BL")
    if picture.format == "TIFF" and not _big_endian(mode, data):
        high, low = low, high
    pixels = high * np.uint16(256) + low
    clear = picture.info.get("transparency")
    if isinstance(clear, tuple):
        opaque = (pixels != np.array(clear, dtype=np.uint16)).any(axis=2, keepdims=True)
        pixels = np.concatenate([pixels, opaque * np.uint16(65535)], axis=2)
    return pixels


def _big_endian(mode: str, data: bytes) -> bool:
    """Whether the first byte is the high one; libtiff gives the machine's own order."""
    import sys

    return mode.endswith("B") or (mode.endswith("N") and sys.byteorder == "big")


def _unpacked(data: bytes, mode: str) -> np.ndarray:
    from PIL import Image

    with Image.open(BytesIO(data)) as picture:
        picture.tile = [tile._replace(args=_renamed(tile.args, mode)) for tile in picture.tile]  # pyright: ignore[reportAttributeAccessIssue]
        return np.asarray(picture)


def _arguments(args: Any) -> tuple[Any, ...]:
    return args if isinstance(args, tuple) and args else (args,)


def _renamed(args: Any, mode: str) -> Any:
    """The decoder's arguments with another layout, which comes first."""
    return (mode, *args[1:]) if isinstance(args, tuple) else mode
