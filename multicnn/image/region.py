"""A part of a volume as a sample: `brain.nii.gz#0:40` is its first 40 slices, `#0:40,8:72,8:72` a block of them."""

import os
import re

import numpy as np

from multicnn.errors import DataError

RANGE = re.compile(r"#(\d+:\d+(?:,\d+:\d+){0,2})$")


def parted(item: str | os.PathLike[str]) -> tuple[str, tuple[slice, ...]]:
    """The file, and its part; no slices for the whole."""
    text = os.fspath(item)
    found = RANGE.search(text)
    if not found or os.path.exists(text):
        return text, ()
    ends = [part.split(":") for part in found[1].split(",")]
    return text[: found.start()], tuple(slice(int(a), int(b)) for a, b in ends)


def named(path: str, part: tuple[slice, ...]) -> str:
    """The name of a part: what `parted` takes apart."""
    return path + ("#" if part else "") + ",".join(f"{p.start}:{p.stop}" for p in part)


def taken(array: np.ndarray, part: tuple[slice, ...]) -> np.ndarray:
    """The part. Raises DataError where the volume does not reach that far."""
    for axis, (p, n) in enumerate(zip(part, array.shape, strict=False)):
        if not 0 <= p.start < p.stop <= n:
            raise DataError(f"the part {p.start}:{p.stop} of axis {axis}, which has {n} slices; correct the range")
    return array[part]
