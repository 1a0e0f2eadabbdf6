"""The boxes of a table's pictures, in the net's geometry."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.geometry import geometry
from multicnn.tasks.boxes import LEFT_OVER, NONE


@dataclass(frozen=True, kw_only=True)
class BoxReader:
    """Reads the boxes of pictures that become `size` by `resize`: class number, left, top, right, bottom.

    most: lines; those behind the last box have class NONE. item: picture and answer, parted by NUL, see
    `multicnn.image.datasets.boxes.annotated`. A box of which the geometry cuts off more than four fifths is left out.
    -> most 5, float32, as shares of the grid
    """

    classes: Sequence[str]
    size: tuple[int, int]
    resize: str
    most: int

    window = None
    quantum = 1
    said: tuple[str, ...] = field(default=(), init=False, compare=False)
    dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.most, 5)

    def files(self, item: str) -> Sequence[str]:
        return ()

    def settings(self) -> dict[str, Any]:
        return {"classes": list(self.classes), "size": list(self.size), "resize": self.resize, "most": self.most}

    def __call__(self, item: str) -> np.ndarray:
        answer = json.loads(item.rpartition("\0")[2])
        out = np.full(self.shape, NONE, dtype=np.float32)
        out[:, 1:] = 0
        numbers = [self.classes.index(c) for c, *_ in answer["boxes"]]
        if numbers:
            edges = np.array([box for _, *box in answer["boxes"]]).reshape(-1, 2, 2)
            height, width = answer["size"]
            shares = geometry(height, width, self.size, self.resize).points(edges) / np.array(self.size[::-1])
            inside = shares.clip(0, 1)
            kept = extent(inside) >= LEFT_OVER * extent(shares)
            lines = np.column_stack([numbers, inside.reshape(-1, 4)])[kept]
            out[: len(lines)] = lines
        return out


def extent(boxes: np.ndarray) -> np.ndarray:
    """Areas.  n 2 2 -> n"""
    return (boxes[:, 1] - boxes[:, 0]).prod(axis=1)


def counts(table: Table) -> np.ndarray:
    """Boxes of each picture.  -> n"""
    assert table.answer is not None
    return np.array([len(json.loads(line)["boxes"]) for line in table.answer])


def plan_boxes(table: Table, reader: Any) -> BoxReader:
    """The boxes of a table's pictures, as `reader` reads those."""
    most = max(1, int(counts(table).max()))
    return BoxReader(classes=table.classes, size=reader.size, resize=reader.resize, most=most)


def plan_box(table: Table, reader: Any) -> BoxReader:
    """The same, of pictures with one box each. Raises DataError naming one with none or several."""
    n = counts(table)
    if wrong := np.flatnonzero(n != 1).tolist():
        raise DataError(
            f"{table.ids[wrong[0]]}: {n[wrong[0]]} boxes; {len(wrong)} of {len(n)} pictures have not exactly one; "
            "take --task detect, or leave these out"
        )
    return BoxReader(classes=table.classes, size=reader.size, resize=reader.resize, most=1)
