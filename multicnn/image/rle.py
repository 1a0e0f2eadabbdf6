"""Outlines and run lengths as masks: how COCO writes the shape of an object."""

from typing import Any

import numpy as np

from multicnn.errors import DataError


def shape_mask(shape: Any, height: int, width: int) -> np.ndarray:
    """The pixels of one object: polygons `[[x0, y0, x1, y1, ...], ...]`, or runs `{"size", "counts"}`.

    Raises DataError for what is neither.  -> height width, bool
    """
    if isinstance(shape, list):
        return polygon_mask(shape, height, width)
    if not isinstance(shape, dict) or "counts" not in shape:
        raise DataError(f"a segmentation that is neither polygons nor run lengths ({str(shape)[:40]}); correct it")
    counts = shape["counts"]
    runs = uncompress(counts) if isinstance(counts, str) else [int(n) for n in counts]
    return run_mask(runs, height, width)


def polygon_mask(polygons: list[list[float]], height: int, width: int) -> np.ndarray:
    """Pixels whose middles lie in one of the polygons, whose corners are x (right) and y (down) in turn.

    By even and odd: on its way along a row of middles, an edge crossed turns outside into inside, and back.
    -> height width, bool
    """
    out = np.zeros((height, width), dtype=bool)
    for line in polygons:
        if len(line) < 6 or len(line) % 2:
            raise DataError(f"a polygon of {len(line)} numbers; it takes x and y of three corners at least")
        corners = np.array(line, dtype=float).reshape(-1, 2)
        out |= _filled(corners, np.roll(corners, -1, axis=0), height, width)
    return out


def _filled(start: np.ndarray, stop: np.ndarray, height: int, width: int) -> np.ndarray:
    """n 2, n 2 -> height width, bool"""
    middle = np.arange(height) + 0.5
    edge, row = np.nonzero((start[:, 1:] <= middle) != (stop[:, 1:] <= middle))
    along = (middle[row] - start[edge, 1]) / (stop[edge, 1] - start[edge, 1])
    x = start[edge, 0] + along * (stop[edge, 0] - start[edge, 0])
    crossed = np.zeros((height, width + 1), dtype=np.int64)
    np.add.at(crossed, (row, np.ceil(x - 0.5).clip(0, width).astype(np.int64)), 1)
    return crossed.cumsum(axis=1)[:, :width] % 2 == 1


def run_mask(runs: list[int], height: int, width: int) -> np.ndarray:
    """Lengths of runs of outside and inside in turn, down the columns.  -> height width, bool"""
    if sum(runs) != height * width or min(runs, default=0) < 0:
        raise DataError(f"runs of {sum(runs)} pixels for a picture of {height} x {width}; correct them")
    inside = np.arange(len(runs)) % 2 == 1
    return np.repeat(inside, runs).reshape(width, height).T


def uncompress(text: str) -> list[int]:
    """COCO's text of run lengths: 5 bits and a mark of more a letter, from the third run on as differences to the last
    but one."""
    runs: list[int] = []
    value = shift = 0
    for letter in text.encode():
        code = letter - 48
        value |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return runs


def runs_of(mask: np.ndarray) -> list[int]:
    """Lengths of runs of outside and inside in turn, down the columns, as `run_mask` reads them.  h w, bool"""
    flat = mask.ravel(order="F")
    turns = np.flatnonzero(np.diff(flat)) + 1
    ends = np.concatenate([[0] if flat[:1].any() else [], [0], turns, [flat.size]]).astype(np.int64)
    return np.diff(ends).tolist()


def compress(runs: list[int]) -> str:
    """COCO's text of run lengths, see `uncompress`."""
    letters: list[int] = []
    for place, run in enumerate(runs):
        value = run - (runs[place - 2] if place > 2 else 0)
        while not -16 <= value <= 15:
            letters.append((value & 31 | 32) + 48)
            value >>= 5
        letters.append((value & 31) + 48)
    return bytes(letters).decode()
