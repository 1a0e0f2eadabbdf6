"""The masks of an answer in the pixels of its own picture."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from multicnn.image.geometry import Geometry, geometry
from multicnn.image.reader import ImageReader
from multicnn.image.rle import compress, run_mask, runs_of, uncompress
from multicnn.tasks.instances import Outlines
from multicnn.tasks.masked import ROOM, SURE


class Shape(NamedTuple):
    """Pixels of one instance: how many, and which, as COCO's text of run lengths in a picture of `size`."""

    area: int
    size: tuple[int, int]
    counts: str

    def mask(self) -> np.ndarray:
        """-> h w, bool"""
        return run_mask(uncompress(self.counts), *self.size)

    def record(self) -> dict[str, Any]:
        """As COCO writes it."""
        return {"size": [*self.size], "counts": self.counts}


def shape(mask: np.ndarray) -> Shape:
    """h w, bool"""
    return Shape(int(mask.sum()), (mask.shape[0], mask.shape[1]), compress(runs_of(mask)))


def shapes(found: Outlines, given: tuple[int, int], reader: ImageReader) -> list[Shape]:
    """Of each line of an answer, for a picture of height and width `given`."""
    place = geometry(*given, reader.size, reader.resize)
    seen, fine = place.seen(), prototypes_place(place, found)
    maps = 1 / (1 + np.exp(-np.einsum("np,phw->nhw", found.mix, found.prototypes)))
    return [shape(drawn(one, line[2:], place, fine, seen)) for one, line in zip(maps, found.lines, strict=True)]


def prototypes_place(place: Geometry, found: Outlines) -> Geometry:
    """Where a picture's pixels lie in the cells of its prototypes."""
    x, y = (max(1, round(share * cells)) for share, cells in zip(found.cell, place.size[::-1], strict=True))
    size = (found.prototypes.shape[1], found.prototypes.shape[2])
    return Geometry(place.scale_y / y, place.scale_x / x, place.offset_y / y, place.offset_x / x, place.given, size)


def drawn(one: np.ndarray, box: np.ndarray, place: Geometry, fine: Geometry, seen: np.ndarray) -> np.ndarray:
    """The pixels of a probability map that belong to a mask, within and near its box in shares of the grid.

    h w of prototypes -> h w of the picture, bool
    """
    side = np.tile((box[2:] - box[:2]) * ROOM, 2) * [-1, -1, 1, 1]
    edges = place.points_back((box + side).reshape(2, 2) * place.size[::-1])
    (left, top), (right, bottom) = np.ceil(edges - 0.5).astype(int).clip(0, place.given[::-1]).tolist()
    out = np.zeros(place.given, dtype=bool)
    if right > left and bottom > top:
        rows = fine.back(one[None], top, bottom)[0, :, left:right]
        out[top:bottom, left:right] = (rows >= SURE) & seen[top:bottom, left:right]
    return out


def painted(masks: Sequence[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """The number of the mask of each pixel, from 1; the first, the surest, on top.  n of h w -> h w, uint16"""
    out = np.zeros(size, dtype=np.uint16)
    for number in range(len(masks), 0, -1):
        out[masks[number - 1]] = number
    return out
