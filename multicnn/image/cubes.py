"""Large volumes in blocks of their own voxels: as rows to learn from, and put together again when answering."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError
from multicnn.image.decode import named as told
from multicnn.image.region import named, parted, taken
from multicnn.image.span import checked
from multicnn.image.tiles import overlapping
from multicnn.image.volume import VolumeReader, load, plan_volume, sides
from multicnn.image.voxels import VoxelReader, in_corner, stamp

Triple = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class CubeReader:
    """Reads a block of `tile` (depth, height, width) voxels of a volume, none of them resized; black where it ends.

    item: a path with the block's range, see `region`. The other settings are `VolumeReader`'s.
    -> c *tile
    """

    tile: Triple
    channels: int = 1
    depth: int = 16
    span: tuple[float, float] | None = None
    said: tuple[str, ...] = field(default=(), compare=False)

    window = None
    quantum = 1

    def __post_init__(self) -> None:
        if len(self.tile) != 3 or min(self.tile) < 8:
            raise UsageError(f"tile is {[*self.tile]}; give depth, height and width, at least 8 voxels each")
        object.__setattr__(self, "tile", tuple(self.tile))
        object.__setattr__(self, "span", checked(self.span))

    @property
    def size(self) -> Triple:
        return self.tile

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.uint8 if self.depth == 8 else np.uint16)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.channels, *self.tile)

    def files(self, item: Any) -> Sequence[str]:
        return () if isinstance(item, np.ndarray) else (parted(item)[0],)

    def settings(self) -> dict[str, Any]:
        span = list(self.span) if self.span else None
        return {"tile": list(self.tile), "channels": self.channels, "depth": self.depth, "span": span}

    def __call__(self, item: str) -> np.ndarray:
        path, part = parted(item)
        with told(path):
            block = np.moveaxis(taken(np.moveaxis(_recent(self, path, stamp(path)), 0, 3), part), 3, 0)
        return in_corner(block, self.tile, behind=0)

    def whole(self, item: Any) -> np.ndarray:
        """The volume in its own size.  -> c d h w"""
        given = item.shape[:3] if isinstance(item, np.ndarray) else load(item).shape[:3]
        return VolumeReader(size=given, channels=self.channels, depth=self.depth, span=self.span)(item)

    def pieces(self, item: Any) -> Iterator[np.ndarray]:
        """Blocks that overlap by half, slice by slice, of a path or an array."""
        volume = self.whole(item)
        for place in starts(volume.shape[1:], self.tile):
            block = volume[(slice(None), *[slice(a, a + n) for a, n in zip(place, self.tile, strict=True)])]
            yield in_corner(block, self.tile, behind=0)


def starts(given: Sequence[int], tile: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Where blocks begin that overlap by half and reach the ends."""
    return product(*[overlapping(n, t) for n, t in zip(given, tile, strict=True)])


def joined(answers: Iterator[np.ndarray], given: Sequence[int], tile: Sequence[int]) -> np.ndarray:
    """The mean of overlapping blocks' answers, whose weight falls towards their rims.  k *tile each -> k *given"""
    weight = np.ones((), dtype=np.float32)
    for t in tile:
        weight = weight[..., None] * (1 - np.abs(2 * (np.arange(t) + 0.5) / t - 1)).astype(np.float32)
    room = [overlapping(n, t)[-1] + t for n, t in zip(given, tile, strict=True)]
    total, summed = np.zeros(room, np.float32), np.zeros((0, *room), np.float32)
    for place, answer in zip(starts(given, tile), answers, strict=True):
        summed = summed if len(summed) else np.zeros((len(answer), *room), np.float32)
        where = tuple(slice(a, a + t) for a, t in zip(place, tile, strict=True))
        summed[(slice(None), *where)] += answer * weight
        total[where] += weight
    summed /= total
    return summed[(slice(None), *[slice(n) for n in given])]


def plan_cubes(
    table: Table,
    rows: np.ndarray,
    *,
    image_size: Sequence[int] | int | None = None,
    tile: Sequence[int] | int | None = None,
    channels: int | None = None,
    resize: str = "pad",
    span: Sequence[float] | None = None,
) -> VolumeReader | CubeReader:
    """A reader for volumes with masks, what the user left open decided by up to 20 of the training rows.

    tile: a side, or (depth, height, width): volumes are cut into blocks of so many voxels, none of them resized. The
    rest is as for `multicnn.image.volume.plan_volume`. Raises UsageError for both sizes at once.
    """
    if tile is None:
        return plan_volume(table, rows, image_size=image_size, channels=channels, resize=resize, span=span)
    if image_size is not None:
        raise UsageError(f"--tile {tile} and --image-size {image_size}: tiles are not resized; leave one of them out")
    planned = plan_volume(table, rows, image_size=1, channels=channels, resize=resize, span=span)
    read = CubeReader(tile=sides(tile), channels=planned.channels, depth=planned.depth, span=planned.span)
    values = f"{planned.span[0]:g} is black, {planned.span[1]:g} white" if planned.span else f"{planned.depth} bits"
    return replace(read, said=(f"volumes are read voxel by voxel; {values}",))


def plan_voxels(table: Table, reader: VolumeReader | CubeReader) -> VoxelReader:
    """The masks of a table's volumes, as `reader` reads those."""
    resize = reader.resize if isinstance(reader, VolumeReader) else "corner"
    return VoxelReader(classes=table.classes, size=reader.size, resize=resize)


def cut(table: Table, reader: VolumeReader | CubeReader) -> tuple[Table, np.ndarray]:
    """A row a block, side by side, and the row of the volume each is of; volumes read whole stay as they are.

    A block counts as having the classes of its volume. Raises UsageError for volumes in memory.
    """
    if isinstance(reader, VolumeReader):
        return table, np.arange(len(table))
    if table.items.ndim > 1:
        raise UsageError(f"the volumes of {table.name} are in memory; leave the tile out")
    blocks = [_blocks(str(item), reader.tile) for item in table.items]
    of = np.repeat(np.arange(len(table)), [len(b) for b in blocks])
    items = [block for own in blocks for block in own]
    rows = table.take(of)
    names = [
        f"{str(name).partition('#')[0]}#{item.rpartition('#')[2]}" for name, item in zip(rows.ids, items, strict=True)
    ]
    group = rows.ids if rows.group is None else rows.group
    size = " x ".join(map(str, reader.tile))
    said = (*table.said, f"{len(table)} samples are read as {len(of):,} blocks of {size} voxels")
    return replace(rows, items=strings(items), ids=strings(names), group=group, said=said), of


def _blocks(item: str, tile: Triple) -> list[str]:
    """The items of a volume's blocks; the volume itself where it cannot be read, which the store then names."""
    path, part = parted(item)
    try:
        with told(path):
            given = load(path).shape[:3]
    except DataError:
        return [item]
    ends = [(p.start, p.stop) for p in part] + [(0, n) for n in given[len(part) :]]
    axes = [
        [slice(a, min(a + t, stop)) for a in range(start, stop, t)] for (start, stop), t in zip(ends, tile, strict=True)
    ]
    return [named(path, block) for block in product(*axes)]


@lru_cache(maxsize=2)
def _recent(reader: CubeReader, path: str, when: str) -> np.ndarray:
    """A volume whose blocks are read one after the other.  -> c d h w"""
    return reader.whole(path)
