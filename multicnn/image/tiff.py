"""TIFF pictures that Pillow does not hold: floating-point colour, any number of channels, channels as pages."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from multicnn.errors import DataError
from multicnn.image.optional import needed

if TYPE_CHECKING:
    from PIL.Image import Image

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two of files beyond 4 GiB
BITS, SAMPLES, DESCRIPTION, ORIENTATION = 258, 277, 270, 274  # tags
PILLOW = {1, 2, 4, 8}  # bits a sample, of which Pillow loses none
PLANES = {"YX": (0, 1, None), "YXS": (0, 1, 2), "YXC": (0, 1, 2), "SYX": (1, 2, 0), "CYX": (1, 2, 0)}


def is_tiff(data: bytes) -> bool:
    """Whether a file is TIFF, by its first bytes."""
    return data[:4] in MAGIC


def beyond_pillow(picture: "Image") -> bool:
    """Whether Pillow would drop bits or channels of an opened TIFF."""
    tags: Any = getattr(picture, "tag_v2", {})
    about = str(tags.get(DESCRIPTION, ""))
    paged = getattr(picture, "n_frames", 1) > 1 and ("channels=" in about or "<OME" in about)
    bits = tags.get(BITS, (1,))
    several = len(set(bits)) > 1 or (tags.get(SAMPLES, 1) > 1 and not set(bits) <= PILLOW)
    return paged or several or tags.get(SAMPLES, 1) > 4


def read_tiff(data: bytes) -> tuple[np.ndarray, int]:
    """The first picture of a TIFF with all its channels, and its orientation.

    A series whose axis is named as channels is one picture; of other series the first page.
    -> h w c of the file's own type
    """
    tifffile = needed("tifffile", "a TIFF with floating-point colours, many channels or channels as pages")
    with tifffile.TiffFile(BytesIO(data)) as file:
        series, page = file.series[0], file.pages[0]
        source = series if series.axes in PLANES else page
        if source.axes not in PLANES:
            raise DataError(f"a TIFF with axes {source.axes}, which is no picture; save height x width x channels")
        tag = page.tags.get(ORIENTATION)
        return _channels_last(source.asarray(), source.axes), int(tag.value) if tag else 1


def _channels_last(array: np.ndarray, axes: str) -> np.ndarray:
    rows, columns, channels = PLANES[axes]
    return array[..., None] if channels is None else array.transpose(rows, columns, channels)
