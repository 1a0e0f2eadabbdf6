"""The instances of a table's pictures, in the net's geometry."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.geometry import geometry
from multicnn.image.masks import turned
from multicnn.image.stacks import cells, source_of, stack_of
from multicnn.tasks.boxes import LEFT_OVER, NONE
from multicnn.tasks.pieces import MOST, SIZES, pack


@dataclass(frozen=True, kw_only=True)
class PieceReader:
    """Reads the objects of pictures that become `size` by `resize`, packed as `multicnn.tasks.pieces` has them.

    most: objects of a picture. item: picture and answer, parted by NUL, see `multicnn.image.stacks`. An object of which
    the geometry cuts off more than four fifths is left out. Raises DataError for a mask of another size than its
    picture, naming the file.  -> 2 + most + h w, int16
    """

    classes: Sequence[str]
    size: tuple[int, int]
    resize: str
    most: int

    window = None
    quantum = 1
    said: tuple[str, ...] = field(default=(), init=False, compare=False)
    dtype = np.dtype(np.int16)

    @property
    def shape(self) -> tuple[int, ...]:
        return (SIZES + self.most + self.size[0] * self.size[1],)

    def files(self, item: str) -> Sequence[str]:
        picture, _, text = item.rpartition("\0")
        answer = json.loads(text)
        if "png" in answer:
            return []
        return [picture, *([answer["numbers"]] if "numbers" in answer else answer.get("layers", {}).values())]

    def settings(self) -> dict[str, Any]:
        return {"classes": list(self.classes), "size": list(self.size), "resize": self.resize, "most": self.most}

    def __call__(self, item: str) -> np.ndarray:
        picture, _, text = item.rpartition("\0")
        answer = json.loads(text)
        try:
            owner, labels, _ = stack_of(answer)
        except DataError as error:
            raise DataError(f"{picture}: {error}" if "objects" in answer else str(error)) from None
        owner = owner if "png" in answer else turned(owner, picture, source_of(answer, picture))
        place = geometry(owner.shape[0], owner.shape[1], self.size, self.resize)
        seen = cells(owner * place.seen(), len(labels))
        gone = seen < LEFT_OVER * cells(owner, len(labels))
        classes = np.full(self.most, NONE)
        classes[: len(labels)] = np.where(gone, NONE, [self.classes.index(c) for c in labels])
        new = place.mask(owner, outside=0)
        return pack(np.where(np.concatenate([[False], gone])[new], 0, new), classes)


def plan_pieces(table: Table, reader: Any) -> PieceReader:
    """What reads the objects of a table's pictures, as `reader` reads those. Raises DataError for too many in one."""
    assert table.answer is not None
    counts = np.array([json.loads(line)["count"] for line in table.answer])
    if counts.max() > MOST:
        name = table.ids[counts.argmax()]
        raise DataError(f"{name}: {counts.max():,} objects, {MOST:,} are the most; cut the picture into smaller ones")
    return PieceReader(classes=table.classes, size=reader.size, resize=reader.resize, most=max(1, int(counts.max())))
