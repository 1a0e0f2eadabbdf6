"""A picture file as the pixels it holds: upright, undamaged, never silently converted to something else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from multicnn.errors import DataError, UsageError
from multicnn.image import arrays, deep, tiff
from multicnn.image.pixels import channels_last

if TYPE_CHECKING:
    from PIL.Image import Image

ORIENTATION = 0x0112  # the EXIF tag
TURNS = {  # orientation -> (swap the axes, then flip rows, then flip columns)
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}
GREY = ("1", "L", "LA", "La")
NUMBERS = ("F", "I")  # 32 bits, floating-point and whole
SINGLE = (*GREY, *NUMBERS)
SPARE = 1.5  # a JPEG decoded small, yet this much larger than asked for, ends 1 of 255 from one decoded in full


class Header(NamedTuple):
    """What a picture is, upright: height and width in pixels, channels, bits a channel.

    channels: 1 or 3, alpha not counted; of arrays and of TIFF with other channels, all. depth: 8, 16, or 32 for numbers
    that have no black and white of their own.
    """

    height: int
    width: int
    channels: int
    depth: int


def header(path: str | os.PathLike[str]) -> Header:
    """Read only as much of a file as says what it holds. Raises DataError naming the file and the reason."""
    from PIL import Image

    with named(path):
        if arrays.is_array(path):
            return array_header(arrays.load(path))
        if _tifffiles(path):
            return array_header(channels_last(tiff.read_tiff(Path(path).read_bytes())[0]))
        with Image.open(path) as picture:
            width, height = picture.size
            channels, depth = 1 if _deep(picture) or picture.mode in SINGLE else 3, _depth(picture)
            # of TIFF, Pillow says it upright
            if picture.format != "TIFF" and picture.getexif().get(ORIENTATION, 1) >= 5:
                width, height = height, width
            return Header(height, width, channels, depth)


def array_header(array: np.ndarray) -> Header:
    """Of an array in memory, in any of the orders of axes that are read."""
    height, width, channels = channels_last(array).shape
    return Header(height, width, channels, {"bool": 8, "uint8": 8, "uint16": 16}.get(str(array.dtype), 32))


def sized(item: Any) -> tuple[int, int]:
    """Height and width of a picture, upright, in a file or in memory."""
    return (array_header(item) if isinstance(item, np.ndarray) else header(item))[:2]


def decode(path: str | os.PathLike[str], at_least: tuple[int, int], *, grey: bool = False) -> np.ndarray:
    """The pixels of a file: its first frame, turned upright by its EXIF orientation.

    A colour JPEG is decoded straight to luma if `grey`, and at 1/2, 1/4 or 1/8 of its size where that is well above
    `at_least` (height, width): 1.5 to 4 times as fast. Raises DataError naming the file and the reason.
    -> h w c of the file's own depth; c = 1 grey, 2 with alpha, 3 colour, 4 with alpha, or the channels of an array
    """
    from PIL import Image

    with named(path):
        if arrays.is_array(path):
            return channels_last(arrays.load(path))
        data = Path(path).read_bytes()
        if not data:
            raise DataError(f"{path}: the file is empty (0 bytes); copy it again or remove it")
        if _tifffiles(path):
            return upright(*tiff.read_tiff(data))
        with Image.open(BytesIO(data)) as picture:
            pixels = _jpeg(data, picture, at_least, grey)
            if pixels is None:
                pixels = deep.read_deep(data, picture) if deep.raw_mode(picture) else _pixels(picture)
            return upright(pixels, picture.getexif().get(ORIENTATION, 1))


def _tifffiles(path: str | os.PathLike[str]) -> bool:
    """Whether it is a TIFF of which Pillow reads nothing, or not all."""
    from PIL import Image, UnidentifiedImageError

    with open(path, "rb") as file:
        if not tiff.is_tiff(file.read(4)):
            return False
    try:
        with Image.open(path) as picture:
            return not deep.raw_mode(picture) and tiff.beyond_pillow(picture)
    except UnidentifiedImageError:
        return True


def _jpeg(data: bytes, picture: "Image", at_least: tuple[int, int], grey: bool) -> np.ndarray | None:
    """Decoded by libjpeg-turbo, 1.5 times as fast as by way of Pillow; None for no plain JPEG, or a flawed one."""
    if picture.format not in ("JPEG", "MPO") or picture.mode not in ("L", "RGB"):
        return None
    turned = picture.getexif().get(ORIENTATION, 1) >= 5
    least = (at_least[1], at_least[0]) if turned else at_least
    height, width = _small(picture.height, picture.width, least)
    space = "GRAY" if grey or picture.mode == "L" else "RGB"
    try:
        from simplejpeg import decode_jpeg
    except ModuleNotFoundError:  # in an exported bundle; Pillow's libjpeg-turbo makes the same pixels
        picture.draft("L" if space == "GRAY" else "RGB", (width, height))
        return None
    try:
        return decode_jpeg(data, space, min_height=height, min_width=width)
    except ValueError:
        return None  # Pillow decides whether the flaw matters, and says what it is


def _small(height: int, width: int, at_least: tuple[int, int]) -> tuple[int, int]:
    """The size to decode at: of whole pixels only, as a part of one would shift the picture."""
    for part in (8, 4, 2):
        whole = height % part == 0 and width % part == 0
        if whole and height / part >= SPARE * at_least[0] and width / part >= SPARE * at_least[1]:
            return height // part, width // part
    return height, width


def _pixels(picture: "Image") -> np.ndarray:
    """The loaded pixels, in the nearest of grey, colour and colour with alpha.  -> h w c"""
    if _deep(picture):
        return np.asarray(picture).astype(np.uint16)[..., None]
    if picture.mode in NUMBERS:
        return np.asarray(picture)[..., None]
    if picture.has_transparency_data:
        return np.asarray(picture.convert("RGBA"))
    if picture.mode in GREY:
        return np.asarray(picture.convert("L"))[..., None]
    return np.asarray(picture.convert("RGB"))


def _deep(picture: "Image") -> bool:
    """Whether it is 16-bit grey. Pillow opens 16-bit PGM, and older ones PNG, as 32-bit integers."""
    return picture.mode.startswith("I;16") or (picture.mode == "I" and picture.format in ("PNG", "PPM"))


def _depth(picture: "Image") -> int:
    if _deep(picture) or deep.raw_mode(picture):
        return 16
    return 32 if picture.mode in NUMBERS else 8


@contextmanager
def named(path: str | os.PathLike[str]) -> Iterator[None]:
    """Whatever a decoder raises becomes a DataError that names the file; but not that its library is missing."""
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except UsageError:
        raise
    except DataError as error:
        raise error if str(path) in str(error) else DataError(f"{path}: {error}") from None
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise DataError(f"{path}: a folder, not a picture; give the files in it") from None
    except PermissionError:
        raise DataError(f"{path}: reading is not permitted; change its permissions") from None
    except UnidentifiedImageError:
        raise DataError(f"{path}: not a picture of a known format, whatever its name says; remove it") from None
    except Image.DecompressionBombError as error:
        raise DataError(f"{path}: too large to be decoded ({error}); make it smaller first") from error
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error and more
        raise DataError(f"{path}: {error}; mend or remove the file") from error


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """As the EXIF orientation asks the viewer to turn it.  h w ... -> h w ..., or w h ..."""
    swap, rows, columns = TURNS.get(orientation, (False, False, False))
    pixels = pixels.swapaxes(0, 1) if swap else pixels
    return pixels[:: -1 if rows else 1, :: -1 if columns else 1]
