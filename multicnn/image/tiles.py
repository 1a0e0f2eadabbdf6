"""Large pictures in tiles of their own pixels: as rows to learn from, and put together again when answering."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from multicnn.data.store import stamp
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError
from multicnn.image.decode import array_header, header
from multicnn.image.geometry import OUTSIDE
from multicnn.image.masks import MaskReader, read_mask
from multicnn.image.pixels import ground
from multicnn.image.reader import ImageReader

RECENT = 2  # pictures kept decoded, for their tiles are read one after the other


@dataclass(frozen=True, kw_only=True)
class TileReader:
    """Reads a square of `tile` pixels of a picture, none of them resized; `background` where the picture ends.

    item: a path and the tile's first row and column, `path NUL y,x`. The other settings are `ImageReader`'s.
    -> c tile tile
    """

    tile: int
    channels: int = 3
    depth: int = 8
    background: tuple[int, int, int] = (255, 255, 255)
    span: tuple[float, float] | None = None
    said: tuple[str, ...] = field(default=(), compare=False)

    window = None
    quantum = 1

    def __post_init__(self) -> None:
        if self.tile < 16:
            raise UsageError(f"--tile {self.tile}: a net needs to see more; give at least 16 pixels, as 256")
        object.__setattr__(self, "background", tuple(self.background))
        object.__setattr__(self, "span", tuple(self.span) if self.span else None)

    @property
    def size(self) -> tuple[int, int]:
        return (self.tile, self.tile)

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.uint8 if self.depth == 8 else np.uint16)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.channels, *self.size)

    def files(self, item: Any) -> Sequence[str]:
        return () if isinstance(item, np.ndarray) else (os.fspath(item).partition("\0")[0],)

    def settings(self) -> dict[str, Any]:
        span, background = list(self.span) if self.span else None, list(self.background)
        plain = {"tile": self.tile, "channels": self.channels, "depth": self.depth}
        return plain | {"background": background, "span": span}

    def __call__(self, item: str) -> np.ndarray:
        path, y, x = placed(item)
        return self._square(_recent(self.whole(path), path, stamp([path])), y, x)

    def whole(self, item: Any) -> ImageReader:
        """What reads a picture in its own size."""
        height, width = array_header(item)[:2] if isinstance(item, np.ndarray) else header(item)[:2]
        return ImageReader(
            size=(height, width), channels=self.channels, depth=self.depth, background=self.background, span=self.span
        )

    def pieces(self, item: Any) -> Iterator[np.ndarray]:
        """Tiles that overlap by half, row by row, of a path or an array."""
        picture = self.whole(item)(item)
        for y in overlapping(picture.shape[1], self.tile):
            for x in overlapping(picture.shape[2], self.tile):
                yield self._square(picture, y, x)

    def _square(self, picture: np.ndarray, y: int, x: int) -> np.ndarray:
        """c h w -> c tile tile"""
        part = picture[:, y : y + self.tile, x : x + self.tile]
        behind = ground(picture[:, :1, :1].transpose(1, 2, 0), self.background)
        out = np.empty(self.shape, dtype=picture.dtype)
        out[:] = behind[:, None, None]
        out[:, : part.shape[1], : part.shape[2]] = part
        return out


@dataclass(frozen=True, kw_only=True)
class TileMaskReader:
    """Reads the masks of tiles: class numbers, 255 where the picture ends.  -> tile tile, uint8"""

    classes: tuple[str, ...]
    tile: int

    window = None
    quantum = 1
    dtype = np.dtype(np.uint8)
    said: tuple[str, ...] = field(default=(), init=False, compare=False)

    @property
    def shape(self) -> tuple[int, int]:
        return (self.tile, self.tile)

    def files(self, item: str) -> Sequence[str]:
        path, _, answer = item.split("\0")
        return self._whole().files(f"{path}\0{answer}")

    def settings(self) -> dict[str, Any]:
        return {"classes": list(self.classes), "tile": self.tile}

    def __call__(self, item: str) -> np.ndarray:
        where, _, answer = item.rpartition("\0")
        path, y, x = placed(where)
        mask = _recent_mask(answer, self.classes, path, stamp(self.files(item)))
        part = mask[y : y + self.tile, x : x + self.tile]
        out = np.full(self.shape, OUTSIDE, dtype=np.uint8)
        out[: part.shape[0], : part.shape[1]] = part
        return out

    def _whole(self) -> MaskReader:
        return MaskReader(classes=self.classes, size=self.shape, resize="pad")


def plan_masks(table: Table, reader: ImageReader | TileReader) -> MaskReader | TileMaskReader:
    """The masks of a table's pictures, as `reader` reads those."""
    if isinstance(reader, TileReader):
        return TileMaskReader(classes=table.classes, tile=reader.tile)
    return MaskReader(classes=table.classes, size=reader.size, resize=reader.resize)


def cut(table: Table, reader: Any) -> tuple[Table, np.ndarray]:
    """A row a tile, side by side, and the row of the picture each is of; pictures read whole stay as they are.

    A tile counts as having the classes of its picture. Raises UsageError for pictures in memory.
    """
    if not isinstance(reader, TileReader):
        return table, np.arange(len(table))
    if table.items.ndim > 1:
        raise UsageError(f"--tile {reader.tile}: the pictures of {table.name} are small and in memory; leave it out")
    corners = [_corners(str(item), reader.tile) for item in table.items]
    of = np.repeat(np.arange(len(table)), [len(c) for c in corners])
    places = [f"{y},{x}" for own in corners for y, x in own]
    rows = table.take(of)
    items = strings(f"{item}\0{place}" for item, place in zip(rows.items, places, strict=True))
    ids = strings(f"{name}#{place}" for name, place in zip(rows.ids, places, strict=True))
    group = rows.ids if rows.group is None else rows.group
    said = (*table.said, f"{len(table)} pictures are read as {len(of):,} tiles of {reader.tile} x {reader.tile} pixels")
    return replace(rows, items=items, ids=ids, group=group, said=said), of


def _corners(path: str, tile: int) -> list[tuple[int, int]]:
    """First row and column of each tile; one of a picture that cannot be read, which the store then names."""
    try:
        height, width = header(path)[:2]
    except DataError:
        return [(0, 0)]
    return [(y, x) for y in range(0, height, tile) for x in range(0, width, tile)]


def placed(item: str) -> tuple[str, int, int]:
    """Path, first row and first column of a tile."""
    path, _, place = str(item).partition("\0")
    y, x = place.split(",")
    return path, int(y), int(x)


def overlapping(length: int, tile: int) -> list[int]:
    """Where tiles begin that overlap by half and reach the end."""
    return list(range(0, max(1, length - tile // 2), tile // 2))


def joined(answers: Iterator[np.ndarray], height: int, width: int, tile: int) -> Iterator[np.ndarray]:
    """The mean of overlapping tiles' answers, whose weight falls towards their rims, in bands of finished rows.

    Only one row of tiles is in memory.  k tile tile each -> bands k n width
    """
    rows, columns = overlapping(height, tile), overlapping(width, tile)
    ramp = (1 - np.abs(2 * (np.arange(tile) + 0.5) / tile - 1)).astype(np.float32)
    weight = ramp[:, None] * ramp
    total = np.zeros((1, tile, columns[-1] + tile), dtype=np.float32)
    summed = total
    for y, below in pairwise([*rows, max(height, rows[-1] + 1)]):
        for x in columns:
            answer = next(answers).astype(np.float32)
            summed = np.zeros((len(answer), *total.shape[1:]), np.float32) if len(summed) != len(answer) else summed
            summed[:, :, x : x + tile] += answer * weight
            total[:, :, x : x + tile] += weight
        done = below - y
        yield (summed[:, :done] / total[:, :done])[..., :width]
        summed, total = _moved_up(summed, done), _moved_up(total, done)


def _moved_up(band: np.ndarray, n: int) -> np.ndarray:
    """The first `n` rows dropped, empty ones below."""
    return np.concatenate([band[:, n:], np.zeros_like(band[:, :n])], axis=1)


@lru_cache(maxsize=RECENT)
def _recent(reader: ImageReader, path: str, version: str) -> np.ndarray:
    return reader(path)


@lru_cache(maxsize=RECENT)
def _recent_mask(answer: str, classes: tuple[str, ...], path: str, version: str) -> np.ndarray:
    import json

    return read_mask(json.loads(answer), classes, path)
