"""NIfTI files: volumes of CT and MRI, turned so that all have the same axes."""

import os

import numpy as np

from multicnn.errors import DataError
from multicnn.image.datasets.suffixes import NIFTI
from multicnn.image.optional import needed


def is_nifti(path: str | os.PathLike[str]) -> bool:
    """Whether a file is NIfTI, by its name."""
    return os.fspath(path).lower().endswith(NIFTI)


def load(path: str | os.PathLike[str]) -> np.ndarray:
    """The voxels as the file scales them, from the feet up, from back to front, from left to right.

    The nearest of these axes, without interpolation. Numbers keep their type where the file does not scale them.
    Raises DataError for what has no three axes in space.  -> d h w, or d h w c of a series
    """
    nibabel = needed("nibabel", "a NIfTI volume")
    image = nibabel.as_closest_canonical(nibabel.load(os.fspath(path)))
    voxels = np.asanyarray(image.dataobj)
    if voxels.dtype.names or voxels.ndim < 3 or voxels.ndim > 4 or voxels.size == 0:
        raise DataError(
            f"{path}: voxels of shape {voxels.shape} and type {voxels.dtype}; give x y z, or x y z channels"
        )
    voxels = voxels.transpose(2, 1, 0) if voxels.ndim == 3 else voxels.transpose(2, 1, 0, 3)
    return voxels[..., 0] if voxels.shape[3:] == (1,) else voxels


def shape(path: str | os.PathLike[str]) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of the voxels by the header alone, the axes as `load` gives them."""
    nibabel = needed("nibabel", "a NIfTI volume")
    image = nibabel.as_closest_canonical(nibabel.load(os.fspath(path)))
    sides = image.shape[2::-1] + tuple(n for n in image.shape[3:] if n > 1)
    slope = image.dataobj.slope, image.dataobj.inter
    return sides, np.dtype(image.get_data_dtype() if slope == (1.0, 0.0) else np.float64)


def save(path: str | os.PathLike[str], numbers: np.ndarray, like: str) -> None:
    """Numbers in the axes of `load`, in the same space as the file `like`.  d h w, uint8"""
    nibabel = needed("nibabel", "a NIfTI volume")
    affine = nibabel.as_closest_canonical(nibabel.load(like)).affine
    nibabel.save(nibabel.Nifti1Image(numbers.transpose(2, 1, 0), affine), os.fspath(path))
