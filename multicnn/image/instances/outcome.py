"""Answers that are instances, shown in the pixels of the original pictures."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store
from multicnn.data.table import Table
from multicnn.image.boxes.outcome import best, boxes, shown
from multicnn.image.decode import sized
from multicnn.image.geometry import geometry
from multicnn.image.instances.draw import Named, overlay, save_numbers, side_by_side
from multicnn.image.instances.shapes import Shape, painted, shapes
from multicnn.image.maps import free_name, whole
from multicnn.image.reader import ImageReader
from multicnn.tasks import masked, pieces
from multicnn.tasks.instances import Instances
from multicnn.train.run import RunFolder, read_model, write_text
from multicnn.verbs.modality import Look

DRAWN = 8  # pictures of a part
RESULTS = "coco.json"  # beside the table of answers


class Instance(NamedTuple):
    """Class, its score, edges in pixels, whose far corner is the picture's width and height, pixels of the mask, and
    its number in the picture of masks."""

    label: str
    score: float
    x1: float
    y1: float
    x2: float
    y2: float
    area: int
    number: int


@dataclass(frozen=True, eq=False)
class Found:
    """The instances of one picture, best score first.  files: those that show them, by what they are."""

    id: str
    item: Any
    reader: ImageReader
    instances: list[Instance]
    shapes: list[Shape]
    numbers: list[int]  # of the classes
    files: dict[str, str]
    error = None

    def record(self) -> dict[str, Any]:
        """id, files, and the instances with their masks as COCO's run lengths."""
        pairs = zip(self.instances, self.shapes, strict=True)
        return {
            "id": self.id,
            **self.files,
            "instances": [{**one._asdict(), "segmentation": shape.record()} for one, shape in pairs],
        }

    def cells(self) -> list[list[str]]:
        """A line an instance; one with the id alone where there is none."""
        return lines(self.id, self.instances)


@dataclass(frozen=True)
class Pieces:
    """Shows instances: pictures of their numbers, overlays, a table, and COCO's results."""

    files = True

    def columns(self, classes: Sequence[str]) -> list[str]:
        """id, label, score, x1, y1, x2, y2 in pixels, area in pixels, number."""
        return ["id", *Instance._fields]

    def tell(self, name: str, item: Any, reader: Reader, task: Any, answer: np.ndarray) -> Found:
        """One picture's answer -> the instances that reach the task's threshold"""
        assert isinstance(reader, ImageReader)
        every = task.outlines(answer)
        kept = shown(every.lines, task)
        found = every._replace(lines=every.lines[kept], mix=every.mix[kept])
        own = shapes(found, sized(item), reader)
        told = instances(found.lines, [s.area for s in own], item, reader, task)
        return Found(name, item, reader, told, own, found.lines[:, 0].astype(int).tolist(), {})

    def keep(self, prediction: Found, folder: Path | None) -> Found:
        """masks/NAME.png, 16 bits, the number of the instance of each pixel, better ones on top; overlays/NAME.png."""
        if folder is None:
            return prediction
        name = prediction.id
        file = free_name(folder / "masks", name)
        picture = whole(prediction.reader, prediction.item)
        owner = painted([s.mask() for s in prediction.shapes], (picture.shape[1], picture.shape[2]))
        save_numbers(folder / "masks" / file, owner, name)
        drawn = [(one.label, one.score, one[2:6]) for one in prediction.instances]
        overlay(folder / "overlays" / file, picture, owner, drawn, name=name)
        return replace(prediction, item=None, files={"mask": f"masks/{file}", "picture": f"overlays/{file}"})

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """coco.json: all instances as COCO's tools read results.

        image_id: the files' names where all of them are numbers, else the pictures counted from 1, as those tools read
        numbers only; file_name says which is which. category_id: class numbers from 1.
        """
        stems = [Path(p.id).stem for p in predictions]
        numbered = all(stem.isdecimal() for stem in stems) and len({int(stem) for stem in stems}) == len(stems)
        ids = [int(stem) for stem in stems] if numbered else range(1, len(stems) + 1)
        pairs = zip(predictions, ids, strict=True)
        found = [line for p, number in pairs if not p.error for line in results(p, number)]
        write_text(folder / RESULTS, json.dumps(found, ensure_ascii=False))

    def write(
        self, folder: RunFolder, part: str, task: Any, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """predictions_PART.csv, a line an instance, and instances_PART.png: truth and answers of the first pictures.

        iou and mask_iou: the overlaps of box and mask with the true ones of the class that they meet best; masks and
        areas are those of the net's grid.
        """
        reader = ImageReader(**read_model(folder)["preprocessing"])
        this = task.unpack(judged)
        out = io.StringIO()
        write = csv.writer(out, lineterminator="\n").writerow
        write([*self.columns(task.classes), "iou", "mask_iou"])
        for place, row in enumerate(rows):
            kept = shown(this.found[place], task)
            found, share = this.found[place][kept], this.share[place][kept]
            areas = pixels(this.area[place][kept], table.items[row], reader)
            told = lines(str(table.ids[row]), instances(found, areas, table.items[row], reader, task))
            both = zip(best(found, this.true[place]), share, strict=True)
            shares = [[f"{box:.4f}", f"{mask:.4f}"] for box, mask in both] or [["", ""]]
            for line, more in zip(told, shares, strict=True):
                write([*line, *more])
        write_text(folder.evaluation / f"predictions_{part}.csv", out.getvalue())
        raw, truth, answer = look(np.arange(min(DRAWN, len(rows))))
        answers = [said(task, line, reader.size) for line in answer]
        side_by_side(
            folder.evaluation / f"instances_{part}.png", raw, [true(line, task.classes) for line in truth], answers
        )

    def baselines(
        self, task: Any, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """None: no mask is right by chance."""
        return {}


def lines(name: str, found: Sequence[Instance]) -> list[list[str]]:
    """Cells of a table, a line an instance; one with the name alone where there is none."""
    told = [
        [name, one.label, f"{one.score:.6g}", *(f"{v:.2f}" for v in one[2:6]), str(one.area), str(one.number)]
        for one in found
    ]
    return told or [[name, *[""] * len(Instance._fields)]]


def instances(found: np.ndarray, areas: Sequence[int], item: Any, reader: ImageReader, task: Any) -> list[Instance]:
    """Lines that are all to be shown, with their boxes in the picture's own pixels.  n 6, n"""
    told = zip(boxes(found, item, reader, task), areas, strict=True)
    return [Instance(*box, area, number) for number, (box, area) in enumerate(told, start=1)]


def pixels(share: np.ndarray, item: Any, reader: ImageReader) -> list[int]:
    """Shares of the grid as pixels of the picture.  n -> n"""
    place = geometry(*sized(item), reader.size, reader.resize)
    return (share * reader.size[0] * reader.size[1] / (place.scale_y * place.scale_x)).round().astype(int).tolist()


def results(found: Found, number: int) -> list[dict[str, Any]]:
    """One picture's instances as COCO's tools read them."""
    name = Path(found.id).name
    return [
        {
            "image_id": number,
            "file_name": name,
            "category_id": k + 1,
            "category": one.label,
            "score": one.score,
            "bbox": [one.x1, one.y1, one.x2 - one.x1, one.y2 - one.y1],
            "segmentation": shape.record(),
        }
        for one, shape, k in zip(found.instances, found.shapes, found.numbers, strict=True)
    ]


def true(y: np.ndarray, classes: Sequence[str]) -> Named:
    """Stored truth as it is drawn."""
    one = torch.from_numpy(y)[None]
    line = pieces.lines(one)[0].numpy()
    line = line[line[:, 0] >= 0]
    return pieces.unpack(one)[1][0].numpy(), [classes[int(c)] for c in line[:, 0]], line[:, 1:]


def said(task: Instances, answer: np.ndarray, grid: tuple[int, int]) -> Named:
    """An answer as it is drawn, on the net's grid."""
    found = task.outlines(answer)
    kept = shown(found.lines, task)
    line, step = found.lines[kept], max(1, round(float(found.cell[0]) * grid[1]))
    mix, maps, box = (torch.from_numpy(a) for a in (found.mix[kept], found.prototypes, line[:, 2:]))
    masks = masked.masks(mix, maps, box, step, grid).numpy()
    names = [f"{task.classes[int(c)]} {score:.2f}" for c, score in line[:, :2]]
    return painted(list(masks), grid), names, line[:, 2:]
