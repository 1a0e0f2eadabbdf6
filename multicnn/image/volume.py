"""One volume, from a file or from memory, as an array of one size, number of channels and depth."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.image import arrays, nifti
from multicnn.image.cube import WAYS, resample
from multicnn.image.datasets.suffixes import ARRAYS, NIFTI
from multicnn.image.decode import named
from multicnn.image.pixels import deepen
from multicnn.image.reader import MEASURED, spaced
from multicnn.image.region import parted, taken
from multicnn.image.span import checked, is_pixels, measure, refuse_strange, spread
from multicnn.names import find

LARGEST = 48  # voxels a side, unless the user asks for more: as many as a picture of 333 x 333 has pixels
SUFFIXES = (*NIFTI, *ARRAYS)


@dataclass(frozen=True, kw_only=True)
class VolumeReader:
    """Reads a volume as `channels` grids of `size` (depth, height, width) with `depth` bits.

    resize: "pad" fits into the size with black round it, "crop" fills it and cuts what juts out evenly, "squash"
    changes the proportions; linear, antialiased. span: the values that become black and white, unless the numbers are
    8 or 16-bit pixels. said: what planning found out, for the user.
    -> c d h w, uint8 or uint16
    """

    size: tuple[int, int, int]
    channels: int = 1
    depth: int = 16
    resize: str = "pad"
    span: tuple[float, float] | None = None
    said: tuple[str, ...] = field(default=(), compare=False)

    window = None  # all volumes have one size
    quantum = 1

    def __post_init__(self) -> None:
        if len(self.size) != 3 or min(self.size) < 1:
            raise UsageError(f"image size is {[*self.size]}; give a volume's depth, height and width, at least 1 each")
        find("way to resize", WAYS, self.resize)
        object.__setattr__(self, "size", tuple(self.size))  # lists, where the settings come from JSON or TOML
        object.__setattr__(self, "span", checked(self.span))

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.uint8 if self.depth == 8 else np.uint16)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.channels, *self.size)

    def files(self, item: Any) -> Sequence[str]:
        return () if isinstance(item, np.ndarray) else (parted(item)[0],)

    def settings(self) -> dict[str, Any]:
        return {
            "size": list(self.size),
            "channels": self.channels,
            "depth": self.depth,
            "resize": self.resize,
            "span": list(self.span) if self.span else None,
        }

    def __call__(self, item: str | os.PathLike[str] | np.ndarray) -> np.ndarray:
        """A path, which may name a part (see `region`), or an array `d h w` or `d h w c`.  -> c d h w"""
        with named(f"array of shape {item.shape}" if isinstance(item, np.ndarray) else item):
            voxels = load(item)
            if voxels.shape[3] != self.channels:
                raise DataError(f"{voxels.shape[3]} channels where {self.channels} are read; make the volumes alike")
            voxels = deepen(pixels(voxels, self.span), self.depth)
            return np.ascontiguousarray(np.moveaxis(resample(voxels, self.size, self.resize), 3, 0))


def pixels(voxels: np.ndarray, span: tuple[float, float] | None) -> np.ndarray:
    """As whole numbers from black to white: bytes and 16-bit numbers without a span as they are."""
    if span is None and is_pixels(voxels):
        return voxels.astype(np.uint8) * np.uint8(255) if voxels.dtype == np.bool_ else voxels
    return spread(voxels, span)


def load(item: str | os.PathLike[str] | np.ndarray) -> np.ndarray:
    """The voxels of a file or of an array, or of a part. Raises DataError for what is no volume.  -> d h w c"""
    if isinstance(item, np.ndarray):
        voxels = item
    else:
        path, part = parted(item)
        if not (nifti.is_nifti(path) or arrays.is_array(path)):
            raise DataError(f"{path}: not a volume, which is one of {', '.join(SUFFIXES)}; make the files alike")
        voxels = taken(nifti.load(path) if nifti.is_nifti(path) else arrays.load(path), part)
    if voxels.ndim not in (3, 4) or voxels.size == 0:
        raise DataError(f"shape {voxels.shape}: not a volume; give depth x height x width, or that with channels")
    return voxels if voxels.ndim == 4 else voxels[..., None]


def plan_volume(
    table: Table,
    rows: np.ndarray,
    *,
    image_size: Sequence[int] | int | None = None,
    channels: int | None = None,
    resize: str = "pad",
    span: Sequence[float] | None = None,
) -> VolumeReader:
    """A reader for a set of volumes, what the user left open decided by up to 20 of its training rows.

    image_size: a side, or (depth, height, width) in voxels; left open, as they are, if all have one size of at most
    48 a side, else a cube of their median shortest side, at most 48. channels: left open, those of the first.
    span: as in `reader.plan_reader`. Raises DataError where none of them can be read.
    """
    looked = _looked(table, rows)
    size = sides(image_size) if image_size is not None else _usual_size([v.shape[:3] for v in looked])
    plain = all(is_pixels(v) for v in looked)
    known = checked(span) if span is not None or plain else measure(looked)
    depth = 8 if plain and span is None and all(v.dtype.itemsize == 1 for v in looked) else 16
    reader = VolumeReader(size=size, channels=channels or looked[0].shape[3], depth=depth, resize=resize, span=known)
    values = f"{known[0]:g} is black, {known[1]:g} white" if known else f"{depth} bits a channel"
    shapes = sorted({v.shape[:3] for v in looked})
    given = " to ".join(" x ".join(map(str, s)) for s in (shapes if len(shapes) < 3 else [shapes[0], shapes[-1]]))
    become = "as they are" if shapes == [size] else f"become {' x '.join(map(str, size))} ({resize})"
    return replace(reader, said=(f"volumes of {given} voxels {become}; {values}; set another size with --image-size",))


def sides(size: Sequence[int] | int) -> tuple[int, int, int]:
    """A side, or all three. Raises UsageError for two that differ."""
    if isinstance(size, int) or (len(size) == 2 and size[0] == size[1]):
        side = size if isinstance(size, int) else size[0]
        return side, side, side
    if len(size) != 3:
        raise UsageError(f"image size is {[*size]}; a volume has three: give a side, or DEPTHxHEIGHTxWIDTH")
    return size[0], size[1], size[2]


def _looked(table: Table, rows: np.ndarray) -> list[np.ndarray]:
    """Volumes spread evenly over the training rows; a bad file is left for the store to name."""
    found: list[np.ndarray] = []
    reason = DataError(f"{table.name}: no training volumes; give a set with at least one")
    for row in spaced(rows, MEASURED):
        try:
            with named(str(table.ids[row])):
                voxels = load(table.items[row])
                refuse_strange(voxels)
                found.append(voxels)
        except DataError as error:
            reason = error
    if not found:
        raise reason
    return found


def _usual_size(shapes: Sequence[tuple[int, ...]]) -> tuple[int, int, int]:
    if len(set(shapes)) == 1 and max(shapes[0]) <= LARGEST:
        return sides(shapes[0])
    return sides(min(LARGEST, int(np.median([min(s) for s in shapes]))))
