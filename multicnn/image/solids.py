"""Answers that are maps of pictures or of volumes: a class for every pixel or voxel, in the sample's own size."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.image import nifti
from multicnn.image.cube import OUTSIDE, back
from multicnn.image.cubes import CubeReader, joined
from multicnn.image.maps import Kept, Maps, shares
from multicnn.image.region import parted
from multicnn.image.volume import VolumeReader, load
from multicnn.train.run import RunFolder
from multicnn.train.task import Task
from multicnn.verbs.modality import Look


@dataclass(frozen=True, eq=False)
class Solid:
    """A volume's mask, in its own voxels: class numbers, 255 where the net saw nothing of it.

    shares: of each class, of the voxels that were answered.
    d h w uint8
    """

    id: str
    item: Any
    mask: np.ndarray
    shares: dict[str, float]
    error = None

    def record(self) -> dict[str, Any]:
        return Kept(self.id, "", self.shares).record()

    def cells(self) -> list[list[str]]:
        return Kept(self.id, "", self.shares).cells()


@dataclass(frozen=True)
class Solids:
    """Shows maps: of pictures as `Maps` does, of volumes as files of their own kind and by their middle slices."""

    flat: Maps
    files = True

    def columns(self, classes: Sequence[str]) -> list[str]:
        return self.flat.columns(classes)

    def tell(self, name: str, item: Any, reader: Reader, task: Task, answer: Any) -> Any:
        """k d h w probabilities of the grid, or those of blocks one by one -> the mask"""
        if not isinstance(reader, VolumeReader | CubeReader):
            return self.flat.tell(name, item, reader, task, answer)
        mask = solid_mask(reader, item, answer)
        return Solid(name, item, mask, shares(mask, task.classes))

    def keep(self, prediction: Any, folder: Path | None) -> Any:
        """masks/NAME.nii.gz of NIfTI, in the same space, else masks/NAME.npy: class numbers."""
        if not isinstance(prediction, Solid):
            return self.flat.keep(prediction, folder)
        if folder is None:
            return Kept(prediction.id, "", prediction.shares)
        return Kept(prediction.id, f"masks/{save(folder / 'masks', prediction)}", prediction.shares)

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """Nothing: the table tells all."""

    def write(
        self, folder: RunFolder, part: str, task: Task, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """As `Maps`, of volumes the middle slices."""

        def slices(places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            raw, truth, answer = look(places)
            return middle(raw, 2), middle(truth, 1), middle(answer, 2)

        self.flat.write(folder, part, task, table, rows, judged, slices)

    def baselines(
        self, task: Task, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        return self.flat.baselines(task, reader, table, splits, store, judged)


def solid_mask(reader: VolumeReader | CubeReader, item: Any, answer: Any) -> np.ndarray:
    """The mask of a volume, see `Solid`.  k d h w, or of each block -> d h w"""
    given = load(item).shape[:3]
    if isinstance(reader, CubeReader):
        return joined(answer, given, reader.tile).argmax(axis=0).astype(np.uint8)
    maps, seen = back(answer, given, reader.resize)
    return np.where(seen, maps.argmax(axis=0), OUTSIDE).astype(np.uint8)


def middle(values: np.ndarray, lead: int) -> np.ndarray:
    """The middle slice of volumes behind `lead` axes; pictures as they are.  ... d h w -> ... h w"""
    return values.take(values.shape[lead] // 2, axis=lead) if values.ndim == lead + 3 else values


def save(folder: Path, solid: Solid) -> str:
    """Write a mask as the file that its volume came from; returns the file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = Path(solid.id).name.split(".")[0]
    path, part = ("", ()) if isinstance(solid.item, np.ndarray) else parted(solid.item)
    if not nifti.is_nifti(path) or part:
        np.save(folder / f"{stem}.npy", solid.mask)
        return f"{stem}.npy"
    nifti.save(folder / f"{stem}.nii.gz", solid.mask, path)
    return f"{stem}.nii.gz"
