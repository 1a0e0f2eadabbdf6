"""Where a picture's pixels lie in the net's grid, and back: for masks, points and boxes, as `pixels` moves the picture.

Coordinates run over the edges of pixels: the first one covers 0 to 1, its middle is 0.5.
"""

from dataclasses import dataclass

import numpy as np

from multicnn.names import find

OUTSIDE = 255  # the number of cells that no pixel of the picture lies in


@dataclass(frozen=True)
class Geometry:
    """new = old * scale + offset along each axis, from upright original pixels to cells of the net's grid.

    given: height and width of the picture.  size: those of the grid.
    """

    scale_y: float
    scale_x: float
    offset_y: float
    offset_x: float
    given: tuple[int, int]
    size: tuple[int, int]

    def points(self, points: np.ndarray) -> np.ndarray:
        """(x, y) of the picture as those of the grid; boxes are two points.  ... 2 -> ... 2"""
        return points * np.array([self.scale_x, self.scale_y]) + np.array([self.offset_x, self.offset_y])

    def points_back(self, points: np.ndarray) -> np.ndarray:
        """(x, y) of the grid as those of the picture.  ... 2 -> ... 2"""
        return (points - np.array([self.offset_x, self.offset_y])) / np.array([self.scale_x, self.scale_y])

    def mask(self, mask: np.ndarray, outside: int = OUTSIDE) -> np.ndarray:
        """Each cell takes the number of the pixel its middle lies in; `outside` where there is none.  given -> size"""
        rows, rows_in = _from(self.size[0], self.given[0], self.scale_y, self.offset_y)
        columns, columns_in = _from(self.size[1], self.given[1], self.scale_x, self.offset_x)
        out = mask[rows[:, None], columns]
        out[~(rows_in[:, None] & columns_in)] = outside
        return out

    def back(self, maps: np.ndarray, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Maps of the grid at the picture's pixels, linear between the cells' middles, for rows `start` to `stop`.

        Only cells that lie wholly in the picture are read, where there are any.  k *size -> k (stop - start) width
        """
        stop = self.given[0] if stop is None else stop
        above, below, down = _between(np.arange(start, stop), self.given[0], self.size[0], self.scale_y, self.offset_y)
        left, right, across = _between(np.arange(self.given[1]), *self._x())
        down = down[:, None].astype(maps.dtype)
        across = across.astype(maps.dtype)
        rows = maps[:, above] * (1 - down) + maps[:, below] * down
        return rows[:, :, left] * (1 - across) + rows[:, :, right] * across

    def seen(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Which pixels of rows `start` to `stop` lie in the grid; "crop" cuts some off.  -> (stop - start) width"""
        stop = self.given[0] if stop is None else stop
        rows = _place(np.arange(start, stop), self.scale_y, self.offset_y)
        columns = _place(np.arange(self.given[1]), self.scale_x, self.offset_x)
        inside_y = (rows >= 0) & (rows < self.size[0])
        return inside_y[:, None] & (columns >= 0) & (columns < self.size[1])

    def _x(self) -> tuple[int, int, float, float]:
        return self.given[1], self.size[1], self.scale_x, self.offset_x


def geometry(height: int, width: int, size: tuple[int, int], resize: str) -> Geometry:
    """Of an upright picture that `pixels.RESIZES[resize]` brings to `size`. Raises UsageError for an unknown way."""
    return find("way to resize", GEOMETRIES, resize)(height, width, size)


def crop(height: int, width: int, size: tuple[int, int]) -> Geometry:
    """Of `pixels.crop`: one scale, the middle of the picture in the middle of the grid."""
    part = min(height / size[0], width / size[1])
    top, left = max(0.0, (height - size[0] * part) / 2), max(0.0, (width - size[1] * part) / 2)
    down, across = size[0] / (height - 2 * top), size[1] / (width - 2 * left)
    return Geometry(down, across, -top * down, -left * across, (height, width), size)


def pad(height: int, width: int, size: tuple[int, int]) -> Geometry:
    """Of `pixels.pad`: scales of whole cells, and whole cells round the picture."""
    part = min(size[0] / height, size[1] / width)
    inner = max(1, round(height * part)), max(1, round(width * part))
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    return Geometry(inner[0] / height, inner[1] / width, top, left, (height, width), size)


def squash(height: int, width: int, size: tuple[int, int]) -> Geometry:
    """Of `pixels.squash`: each axis by itself."""
    return Geometry(size[0] / height, size[1] / width, 0, 0, (height, width), size)


GEOMETRIES = {"crop": crop, "pad": pad, "squash": squash}


def _place(pixels: np.ndarray, scale: float, offset: float) -> np.ndarray:
    """Where the middles of pixels lie in the grid."""
    return (pixels + 0.5) * scale + offset


def _from(cells: int, pixels: int, scale: float, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """The pixel that each cell's middle lies in, and whether it lies in the picture at all.  -> cells, cells"""
    pixel = np.floor((np.arange(cells) + 0.5 - offset) / scale).astype(np.int64)
    return pixel.clip(0, pixels - 1), (pixel >= 0) & (pixel < pixels)


def _between(
    which: np.ndarray, pixels: int, cells: int, scale: float, offset: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The two cells between whose middles each pixel's middle lies, and the share of the second.  -> n, n, n"""
    first = max(0, int(np.ceil(offset - 1e-6)))
    last = min(cells, int(np.floor(pixels * scale + offset + 1e-6))) - 1
    place = (_place(which, scale, offset) - 0.5).clip(first, max(first, last))
    low = np.floor(place).astype(np.int64)
    return low, np.minimum(low + 1, max(first, last)), place - low
