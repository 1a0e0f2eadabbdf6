"""Answers that are boxes, shown in the pixels of the original pictures."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.image.boxes.draw import draw_boxes, draw_on
from multicnn.image.decode import sized
from multicnn.image.geometry import geometry
from multicnn.image.maps import free_name, whole
from multicnn.image.reader import ImageReader
from multicnn.tasks.boxes import iou
from multicnn.train.run import RunFolder, read_model, write_text
from multicnn.verbs.modality import Look

DRAWN = 12  # pictures of a part


class Box(NamedTuple):
    """Class, its score, and the edges in pixels, whose far corner is the picture's width and height."""

    label: str
    score: float
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, eq=False)
class Found:
    """The boxes of one picture, best score first.  drawn: the file that shows them, if there is one."""

    id: str
    item: Any
    reader: ImageReader
    boxes: list[Box]
    drawn: str = ""
    error = None

    def record(self) -> dict[str, Any]:
        """id, boxes, and the file where they are drawn."""
        file = {"picture": self.drawn} if self.drawn else {}
        return {"id": self.id, **file, "boxes": [box._asdict() for box in self.boxes]}

    def cells(self) -> list[list[str]]:
        """A line a box; one with the id alone where there is none."""
        lines = [[self.id, b.label, f"{b.score:.6g}", *(f"{v:.2f}" for v in b[2:])] for b in self.boxes]
        return lines or [[self.id, *[""] * len(Box._fields)]]


@dataclass(frozen=True)
class Boxed:
    """Shows boxes."""

    files = True

    def columns(self, classes: Sequence[str]) -> list[str]:
        """id, label, score, x1, y1, x2, y2 in pixels."""
        return ["id", *Box._fields]

    def tell(self, name: str, item: Any, reader: Reader, task: Any, answer: Any) -> Found:
        """n 6 -> the boxes that reach the task's threshold"""
        assert isinstance(reader, ImageReader)
        return Found(name, item, reader, boxes(answer, item, reader, task))

    def keep(self, prediction: Found, folder: Path | None) -> Found:
        """overlays/NAME.png, the picture in its own size with its boxes."""
        if folder is None:
            return prediction
        file = free_name(folder / "overlays", prediction.id)
        lines = [(b.label, b.score, b[2:]) for b in prediction.boxes]
        draw_on(folder / "overlays" / file, whole(prediction.reader, prediction.item), lines, owner=prediction.id)
        return Found(prediction.id, None, prediction.reader, prediction.boxes, f"overlays/{file}")

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """Nothing: the table tells all."""

    def write(
        self, folder: RunFolder, part: str, task: Any, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """predictions_PART.csv, a line a box, and boxes_PART.png: truth and answers in the first pictures.

        iou: the overlap of a box with the true box of its class that it meets best.
        """
        reader = ImageReader(**read_model(folder)["preprocessing"])
        found, _, true, _ = task.unpack(judged)
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\n").writerow
        write([*self.columns(task.classes), "iou"])
        for row, answer, truth in zip(rows, found, true, strict=True):
            lines = self.tell(str(table.ids[row]), table.items[row], reader, task, answer).cells()
            shares = [f"{share:.4f}" for share in best(answer[shown(answer, task)], truth)] or [""]
            for line, share in zip(lines, shares, strict=True):
                write([*line, share])
        write_text(folder.evaluation / f"predictions_{part}.csv", out.getvalue())
        first = np.arange(min(DRAWN, len(rows)))
        answers = [line[shown(line, task)] for line in found[first]]
        truths = [line[line[:, 0] >= 0] for line in true[first]]
        draw_boxes(folder.evaluation / f"boxes_{part}.png", look(first)[0], truths, answers, task.classes)

    def baselines(
        self, task: Any, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """None: no box is right by chance."""
        return {}


def shown(answer: np.ndarray, task: Any) -> np.ndarray:
    """Which lines reach the threshold.  n 6 -> n"""
    return (answer[:, 0] >= 0) & (answer[:, 1] >= task.threshold)


def best(answer: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The overlap of each box with the true box of its class that it meets best; 0 without one.  n 6, m 5 -> n"""
    share = iou(torch.from_numpy(answer[:, None, 2:]), torch.from_numpy(truth[None, :, 1:])).numpy()
    return np.where(answer[:, None, 0] == truth[None, :, 0], share, 0).max(axis=1, initial=0)


def boxes(answer: np.ndarray, item: Any, reader: ImageReader, task: Any) -> list[Box]:
    """The boxes to show, in the picture's own pixels, cut at its border."""
    height, width = sized(item)
    kept = answer[shown(answer, task)]
    points = kept[:, 2:].reshape(-1, 2, 2) * np.array(reader.size[::-1])
    edges = geometry(height, width, reader.size, reader.resize).points_back(points).clip(0, [width, height])
    lines = zip(kept[:, 0].astype(int), kept[:, 1].tolist(), edges.reshape(-1, 4).tolist(), strict=True)
    return [Box(task.classes[c], score, *edge) for c, score, edge in lines]
