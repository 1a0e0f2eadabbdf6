"""One picture, from a file or from memory, as an array of one size, number of channels and depth."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.image.decode import Header, array_header, decode, header
from multicnn.image.pixels import RESIZES, channels_last, deepen, ground, recolour
from multicnn.image.span import checked, is_pixels, measure, refuse_strange, spread
from multicnn.names import find

LARGEST = 128  # pixels a side, unless the user asks for more: a net on 2 cores learns a few thousand such in minutes
LOOKED_AT = 200  # training pictures whose headers decide
MEASURED = 20  # training pictures whose values decide what is black and white, where their type does not
COLOURS = {1: "grey", 3: "colour", 4: "colour with alpha"}


@dataclass(frozen=True, kw_only=True)
class ImageReader:
    """Reads a picture as `channels` planes of `size` (height, width) with `depth` bits.

    resize: "crop" fills the size and cuts what juts out evenly, "pad" fits into it on `background`, "squash" changes
    the aspect. One kernel everywhere: Pillow's bilinear, antialiased. channels: 1 luma (BT.601), 3 colour, 4 with
    alpha; otherwise pictures with just as many. For 1 and 3, alpha is composited on `background` (R, G, B of
    0 to 255). Of an animation, the first frame. span: the values that become black and white where the numbers are no
    8 or 16-bit pixels. said: what planning found out, for the user.
    -> c h w, uint8 or uint16
    """

    size: tuple[int, int]
    channels: int = 3
    depth: int = 8
    resize: str = "crop"
    background: tuple[int, int, int] = (255, 255, 255)
    span: tuple[float, float] | None = None
    said: tuple[str, ...] = field(default=(), compare=False)

    window = None  # all pictures have one size
    quantum = 1

    def __post_init__(self) -> None:
        if len(self.size) != 2 or min(self.size) < 1:
            raise UsageError(f"image size is {self.size}; give height and width, at least 1 pixel each")
        if self.depth not in (8, 16):
            raise UsageError(f"image depth is {self.depth}; it must be 8 or 16 bits")
        find("way to resize", RESIZES, self.resize)
        object.__setattr__(self, "size", tuple(self.size))  # lists, where the settings come from JSON or TOML
        object.__setattr__(self, "background", tuple(self.background))
        object.__setattr__(self, "span", checked(self.span))

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.uint8 if self.depth == 8 else np.uint16)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.channels, *self.size)

    def files(self, item: Any) -> Sequence[str]:
        return () if isinstance(item, np.ndarray) else (os.fspath(item),)

    def settings(self) -> dict[str, Any]:
        return {
            "size": list(self.size),
            "channels": self.channels,
            "depth": self.depth,
            "resize": self.resize,
            "background": list(self.background),
            "span": list(self.span) if self.span else None,
        }

    def __call__(self, item: str | os.PathLike[str] | np.ndarray) -> np.ndarray:
        """A path, or an array `h w`, `h w c` or `c h w` of any real numbers.  -> c h w"""
        if isinstance(item, np.ndarray):
            pixels = channels_last(item)
        else:
            pixels = decode(item, self.size, grey=self.channels == 1)
        try:
            pixels = pixels if is_pixels(pixels) else spread(pixels, self.span)
            pixels = deepen(recolour(pixels, self.channels, self.background), self.depth)
        except DataError as error:
            what = f"array of shape {item.shape}" if isinstance(item, np.ndarray) else item
            raise DataError(f"{what}: {error}") from None
        pixels = RESIZES[self.resize](pixels, self.size, ground(pixels, self.background))
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def plan_reader(
    table: Table,
    rows: np.ndarray,
    *,
    image_size: int | tuple[int, int] | None = None,
    channels: int | None = None,
    resize: str = "crop",
    background: tuple[int, int, int] = (255, 255, 255),
    span: Sequence[float] | None = None,
) -> ImageReader:
    """A reader for a set of pictures, what the user left open decided by up to 200 of its training rows.

    image_size: a side or (height, width) in pixels. Left open: as they are, if all have one size of at most 128 x 128;
    else a square of their median shorter side, at most 128. channels: left open 1 if all are grey, else 3; of arrays
    and TIFF with more, all. 16 bits if none has 8. span: the values of black and white where the numbers are neither
    8 nor 16-bit pixels; left open, their range, for floats without far outliers.
    Raises DataError where none of them can be read.
    """
    looked = headers(table, rows)
    if image_size is None:
        image_size = _usual_size(looked)
    if channels is None:
        channels = max(h.channels for h in looked)
    elif channels not in COLOURS and channels not in {h.channels for h in looked}:
        raise UsageError(f"channels is {channels}; pictures are read as 1 (grey), 3 (colour) or 4 (colour with alpha)")
    span = _span(table, rows, looked) if span is None else span
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    depth = 16 if all(h.depth > 8 for h in looked) else 8
    known = checked(span)
    reader = ImageReader(size=size, channels=channels, depth=depth, resize=resize, background=background, span=known)
    colours = COLOURS.get(channels, f"{channels} channels")
    said = f"{colours}, {depth} bits a channel" + (f"; {known[0]:g} is black, {known[1]:g} white" if known else "")
    return replace(reader, said=(_size_said(looked, size, resize), said))


def _span(table: Table, rows: np.ndarray, looked: list[Header]) -> tuple[float, float] | None:
    """Measured on training pictures whose numbers are no pixels; None where there is none."""
    if all(h.depth < 32 for h in looked):
        return None
    found: list[np.ndarray] = []
    for row in spaced(rows, MEASURED):
        item = table.items[row]
        try:
            pixels = item if isinstance(item, np.ndarray) else decode(item, (1, 1))
            refuse_strange(pixels)
        except DataError:
            continue  # the store names it
        found += [] if is_pixels(pixels) else [pixels]
    return measure(found)


def headers(table: Table, rows: np.ndarray) -> list[Header]:
    """Of rows spread evenly over the training rows; a bad file is left for the store to name."""
    looked: list[Header] = []
    reason = DataError(f"{table.name}: no training pictures; give a set with at least one")
    for row in spaced(rows, LOOKED_AT):
        item = table.items[row]
        try:
            looked.append(array_header(item) if isinstance(item, np.ndarray) else header(item))
        except DataError as error:
            reason = error
    if not looked:
        raise reason
    return looked


def spaced(rows: np.ndarray, most: int) -> np.ndarray:
    """At most so many of the rows, evenly."""
    return rows[:: -(-len(rows) // most)] if len(rows) else rows


def _size_said(looked: list[Header], size: tuple[int, int], resize: str) -> str:
    """What becomes of the pictures' sizes, in height x width."""
    low, high = min((h.height, h.width) for h in looked), max((h.height, h.width) for h in looked)
    if low == high == size:
        return f"pictures of {size[0]} x {size[1]} pixels, as they are"
    given = f"{low[0]} x {low[1]}" + (f" to {high[0]} x {high[1]}" if low != high else "")
    return f"pictures of {given} pixels become {size[0]} x {size[1]} ({resize}); set another size with --image-size"


def _usual_size(looked: list[Header]) -> tuple[int, int]:
    sizes = {(h.height, h.width) for h in looked}
    if len(sizes) == 1 and max(min(sizes)) <= LARGEST:
        return sizes.pop()
    side = min(LARGEST, int(np.median([min(h.height, h.width) for h in looked])))
    return side, side
