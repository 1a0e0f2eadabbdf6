"""Answers that are maps: a class for every pixel of a picture, in the picture's own size."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.image.decode import sized
from multicnn.image.geometry import OUTSIDE, geometry
from multicnn.image.overlay import overlay, owner_of, save_mask, side_by_side
from multicnn.image.reader import ImageReader
from multicnn.image.tiles import TileReader, joined
from multicnn.tasks.maps import counts
from multicnn.tasks.metrics import ratio
from multicnn.train.run import RunFolder, write_text
from multicnn.train.task import Task
from multicnn.verbs.modality import Look

BAND = 256  # rows of a picture that are answered at once
SHOWN = 4  # samples of each kind in the evaluation's picture


@dataclass(frozen=True, eq=False)
class Mapped:
    """A picture's mask, in its own upright pixels.

    mask: class numbers, 255 where the net saw nothing of the picture ("crop" cuts its rim off).  probability: of the
    second of two classes, 0 where the net saw nothing; None for more classes.
    h w uint8, h w float32
    """

    id: str
    item: Any
    reader: ImageReader | TileReader
    classes: tuple[str, ...]
    mask: np.ndarray
    probability: np.ndarray | None
    error = None

    @property
    def shares(self) -> dict[str, float]:
        """Of each class, of the pixels that were answered."""
        return shares(self.mask, self.classes)

    def record(self) -> dict[str, Any]:
        return Kept(self.id, "", self.shares).record()

    def cells(self) -> list[list[str]]:
        return Kept(self.id, "", self.shares).cells()


@dataclass(frozen=True)
class Kept:
    """What remains of a map once its files are written: the mask's file and the classes' shares."""

    id: str
    mask: str
    shares: dict[str, float]
    error = None

    def record(self) -> dict[str, Any]:
        return {"id": self.id, **({"mask": self.mask} if self.mask else {}), "shares": self.shares}

    def cells(self) -> list[list[str]]:
        return [[self.id, self.mask, *(f"{share:.6g}" for share in self.shares.values())]]


@dataclass(frozen=True)
class Maps:
    """Shows maps: masks as palette PNG, overlays, shares of the classes."""

    files = True

    def columns(self, classes: Sequence[str]) -> list[str]:
        """id, mask (a file, where a folder is written), and a share a class."""
        return ["id", "mask", *(f"share_{c}" for c in classes)]

    def tell(
        self, name: str, item: Any, reader: Reader, task: Task, answer: np.ndarray | Iterator[np.ndarray]
    ) -> Mapped:
        """k h w probabilities of the grid, or those of tiles one by one -> the mask"""
        assert isinstance(reader, ImageReader | TileReader)
        mask, sure = masked(reader, answer, sized(item), len(task.classes))
        return Mapped(name, item, reader, tuple(task.classes), mask, sure)

    def keep(self, prediction: Mapped, folder: Path | None) -> Kept:
        """masks/NAME.png, a palette PNG of class numbers, and overlays/NAME.png."""
        if folder is None:
            return Kept(prediction.id, "", prediction.shares)
        file = free_name(folder / "masks", prediction.id)
        save_mask(folder / "masks" / file, prediction.mask, prediction.id)
        picture = whole(prediction.reader, prediction.item)
        overlay(folder / "overlays" / file, picture, prediction.mask, prediction.classes)
        return Kept(prediction.id, f"masks/{file}", prediction.shares)

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """Nothing: the table tells all."""

    def write(
        self, folder: RunFolder, part: str, task: Task, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """predictions_PART.csv, a line a sample, and maps_PART.png: the worst samples and typical ones."""
        write_text(folder.evaluation / f"predictions_{part}.csv", lines(task, table, rows, judged))
        places, titles = worst_and_typical(judged)
        raw, truth, answer = look(places)
        names = [f"{title}: {table.ids[row]}" for title, row in zip(titles, rows[places], strict=True)]
        side_by_side(folder.evaluation / f"maps_{part}.png", raw, truth, answer.argmax(axis=1), names, task.classes)

    def baselines(
        self, task: Task, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """The commonest class everywhere; its probabilities are the classes' shares of the test part itself."""
        _, _, true = counts(judged)
        share = true.sum(axis=0) / max(1, true.sum())
        common = np.arange(true.shape[1]) == share.argmax()
        cells = true.sum(axis=1, keepdims=True)
        cost = -(true * np.log(np.maximum(share, 1e-9))).sum(axis=1, keepdims=True)
        same = np.concatenate([true * common, cells * common, true, cost], axis=1)
        return {f"{task.classes[int(share.argmax())]} everywhere": same}


def shares(mask: np.ndarray, classes: Sequence[str]) -> dict[str, float]:
    """Of each class, of what was answered."""
    cells = np.bincount(mask.ravel(), minlength=OUTSIDE + 1)[: len(classes)]
    return dict(zip(classes, (cells / max(1, cells.sum())).tolist(), strict=True))


def masked(
    reader: ImageReader | TileReader, answer: np.ndarray | Iterator[np.ndarray], given: tuple[int, int], k: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Mask and probability of a picture of `given` height and width, see `Mapped`.  k h w, or of each tile"""
    mask = np.empty(given, dtype=np.uint8)
    sure = np.empty(given, dtype=np.float32) if k == 2 else None
    at = 0
    for maps, seen in bands(reader, answer, *given):
        place = slice(at, at + len(seen))
        mask[place] = np.where(seen, maps.argmax(axis=0), OUTSIDE)
        if sure is not None:
            sure[place] = np.where(seen, maps[1], 0)
        at += len(seen)
    return mask, sure


def bands(
    reader: ImageReader | TileReader, answer: np.ndarray | Iterator[np.ndarray], height: int, width: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Probabilities at the picture's own pixels, some rows at a time, and which pixels the net saw.

    -> k n width, n width
    """
    if isinstance(reader, TileReader):
        assert not isinstance(answer, np.ndarray)
        for maps in joined(answer, height, width, reader.tile):
            yield maps, np.ones(maps.shape[1:], dtype=bool)
        return
    assert isinstance(answer, np.ndarray)
    place, maps = geometry(height, width, reader.size, reader.resize), answer.astype(np.float32)
    for start in range(0, height, BAND):
        stop = min(start + BAND, height)
        yield place.back(maps, start, stop), place.seen(start, stop)


def whole(reader: ImageReader | TileReader, item: Any) -> np.ndarray:
    """The picture in its own size, as the net's reader sees its colours.  -> c h w"""
    settings = {k: v for k, v in reader.settings().items() if k not in ("tile", "size", "resize")}
    height, width = sized(item)
    return ImageReader(size=(height, width), **settings)(item)


def free_name(folder: Path, name: str) -> str:
    """`NAME.png` for a sample, with a number where another sample has it."""
    stem = Path(name).stem
    names = (f"{stem}.png" if n == 1 else f"{stem}-{n}.png" for n in count(1))
    return next(file for file in names if owner_of(folder / file) in (None, name))


def lines(task: Task, table: Table, rows: np.ndarray, judged: np.ndarray) -> str:
    """One line a sample: its id, the loss, intersection over union of each class that occurs in truth or answer."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["id", "loss", *(f"iou_{c}" for c in task.classes)])
    both, said, true = counts(judged)
    iou, loss = ratio(both, said + true - both), task.losses(judged, table.target[rows])
    for row, cost, own, occurs in zip(rows, loss, iou, said + true > 0, strict=True):
        shown = (f"{v:.6g}" if o else "" for v, o in zip(own, occurs, strict=True))
        write([table.ids[row], f"{cost:.6g}", *shown])
    return out.getvalue()


def worst_and_typical(judged: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Places of the samples with the lowest mean intersection over union, and of those in the middle."""
    both, said, true = counts(judged)
    occurs = said + true > 0
    iou = ratio((ratio(both, said + true - both) * occurs).sum(axis=1), occurs.sum(axis=1))
    order = np.argsort(iou, kind="stable")
    few = order[:SHOWN]
    middle = max(len(few), len(order) // 2 - SHOWN // 2)
    typical = order[middle : middle + SHOWN]
    titles = [f"worst, IoU {iou[i]:.2f}" for i in few] + [f"typical, IoU {iou[i]:.2f}" for i in typical]
    return np.concatenate([few, typical]), titles
