"""Polygons checked against the picture that they lie in."""

from typing import Any

import numpy as np

from multicnn.errors import DataError
from multicnn.image.datasets.boxes.annotated import SMALLEST, Mended


def fitting(shape: Any, size: tuple[int, int], where: str, mended: Mended) -> bool:
    """Whether anything of a shape lies in the picture; what reaches beyond it by a pixel is noted, run lengths pass.

    Raises DataError for corners that are no numbers.
    """
    if not isinstance(shape, list):
        return True
    try:
        corners = np.array([v for line in shape for v in line[: len(line) // 2 * 2]], dtype=float).reshape(-1, 2)
    except (TypeError, ValueError):
        raise DataError(f"{where}: a polygon of {str(shape)[:40]}; give lists of x and y in turn") from None
    if not len(corners) or not np.isfinite(corners).all():
        raise DataError(f"{where}: a polygon with corners that are no numbers; correct it")
    end = np.array(size[::-1], dtype=float)
    low, high = corners.min(axis=0), corners.max(axis=0)
    if (np.minimum(high, end) - np.maximum(low, 0) < SMALLEST).any():
        mended.note("objects left out that are thinner than a pixel or outside the picture", where)
        return False
    if (low < -SMALLEST).any() or (high > end + SMALLEST).any():
        mended.note("objects cut that reach beyond the picture", where)
    return True
