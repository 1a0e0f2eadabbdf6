"""Masks of volumes: which class each voxel belongs to, in the geometry of the reader of their volumes.

An answer is the same line of JSON as for pictures, see `multicnn.image.masks`; the files are volumes.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from multicnn.errors import DataError
from multicnn.image import arrays, nifti
from multicnn.image.cube import OUTSIDE, renumber
from multicnn.image.datasets.suffixes import ARRAYS, NIFTI
from multicnn.image.masks import BACKGROUND
from multicnn.image.region import parted, taken
from multicnn.image.volume import load


@dataclass(frozen=True, kw_only=True)
class VoxelReader:
    """Reads the masks of volumes that are brought to `size` by `resize`: class numbers, 255 where there is none.

    resize "corner" puts the mask into the first corner, as `cubes.CubeReader` reads blocks. item: volume and answer,
    parted by NUL. Raises DataError for a mask of another shape than its volume, and for a value that is no class,
    naming the file and the value.  -> d h w, uint8
    """

    classes: Sequence[str]
    size: tuple[int, int, int]
    resize: str

    window = None
    quantum = 1
    dtype = np.dtype(np.uint8)
    said: tuple[str, ...] = field(default=(), init=False, compare=False)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.size)

    def files(self, item: str) -> Sequence[str]:
        volume, _, text = item.rpartition("\0")
        return [parted(volume)[0], *masks_of(json.loads(text))]

    def settings(self) -> dict[str, Any]:
        return {"classes": list(self.classes), "size": list(self.size), "resize": self.resize}

    def __call__(self, item: str) -> np.ndarray:
        volume, _, text = item.rpartition("\0")
        path, part = parted(volume)
        numbers = taken(classes_of(path, text, tuple(self.classes), stamp(*self.files(item))), part)
        return in_corner(numbers, self.size) if self.resize == "corner" else renumber(numbers, self.size, self.resize)


def in_corner(numbers: np.ndarray, size: Sequence[int], behind: int = OUTSIDE) -> np.ndarray:
    """At the start of each axis, `behind` where they end.  ... *given -> ... *size"""
    lead = numbers.ndim - len(size)
    out = np.full((*numbers.shape[:lead], *size), behind, dtype=numbers.dtype)
    out[(..., *[slice(n) for n in numbers.shape[lead:]])] = numbers
    return out


def masks_of(answer: Mapping[str, Any]) -> list[str]:
    """The files that an answer names."""
    return [answer["mask"]] if "mask" in answer else list(answer.get("masks", {}).values())


def is_volume(path: str) -> bool:
    """Whether a file is a volume, by its name, and of arrays by its shape."""
    if not path.lower().endswith((*NIFTI, *ARRAYS)):
        return False
    return nifti.is_nifti(path) or arrays.load(path).ndim > 2


def values(path: str) -> np.ndarray:
    """The whole numbers of a mask. Raises DataError for fractions, and for more than one channel.  -> d h w"""
    voxels = load(path)
    if voxels.shape[3] > 1:
        raise DataError(f"{path}: a mask with {voxels.shape[3]} channels; give one number a voxel")
    numbers = np.rint(voxels[..., 0]).astype(np.int64) if voxels.dtype.kind == "f" else voxels[..., 0]
    if voxels.dtype.kind == "f" and not np.array_equal(numbers, voxels[..., 0]):
        raise DataError(f"{path}: a mask with fractions, such as {voxels[..., 0][numbers != voxels[..., 0]][0]:g}")
    return numbers


def stamp(*files: str) -> str:
    """What changes when one of the files does."""
    found = [os.stat(file) if os.path.exists(file) else None for file in files]
    return " ".join(f"{at.st_size} {at.st_mtime_ns}" if at else "none" for at in found)


@lru_cache(maxsize=2)
def classes_of(volume: str, text: str, classes: tuple[str, ...], when: str) -> np.ndarray:
    """Class numbers of all voxels; kept for the blocks of one volume, which are read one after the other."""
    answer = json.loads(text)
    number = {c: i for i, c in enumerate(classes)}
    found = _layered(answer["masks"], number) if "masks" in answer else _single(answer, number)
    given = load(volume).shape[:3]
    if found.shape != given:
        raise DataError(f"{masks_of(answer)[0]}: a mask of {found.shape} voxels for a volume of {given}: {volume}")
    return found


def _single(answer: Mapping[str, Any], number: Mapping[str, int]) -> np.ndarray:
    file, names = answer["mask"], answer["is"]
    mask = values(file)
    seen, place = np.unique(mask, return_inverse=True)
    if unknown := [v for v in seen.tolist() if str(v) not in names]:
        known = ", ".join(sorted(names))
        raise DataError(f"{file}: value {unknown[0]} is no class; the masks of this set hold {known}, correct it")
    table = [OUTSIDE if names[str(v)] is None else number[names[str(v)]] for v in seen.tolist()]
    return np.array(table, dtype=np.uint8)[place].reshape(mask.shape)


def _layered(files: Mapping[str, str], number: Mapping[str, int]) -> np.ndarray:
    out = None
    for name, file in files.items():
        inside = values(file) != 0
        out = np.full(inside.shape, number[BACKGROUND], dtype=np.uint8) if out is None else out
        if out.shape != inside.shape:
            raise DataError(f"{file}: a mask of {inside.shape} voxels beside others of {out.shape}; correct it")
        out[inside] = number[name]
    assert out is not None
    return out
