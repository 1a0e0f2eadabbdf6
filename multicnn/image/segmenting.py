"""What a set of pictures or volumes with masks is read as and trained with, unless the user says otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.image import cubes, tiles, told
from multicnn.image import reader as whole
from multicnn.image.cubes import CubeReader, plan_cubes, plan_voxels
from multicnn.image.datasets.segments import digit_scenes, open_segments
from multicnn.image.maps import Maps
from multicnn.image.plan import kind_of
from multicnn.image.reader import ImageReader
from multicnn.image.sketch import sketch
from multicnn.image.solids import Solids
from multicnn.image.tiles import TileReader
from multicnn.image.volume import VolumeReader
from multicnn.names import check
from multicnn.tasks import Segment
from multicnn.verbs.modality import Kind, Told

LARGEST = 256  # pixels a side, unless the user asks for more
SEEN = 12_000_000 * 16  # pixels in a whole run, counting repeats: minutes of a small U-Net on two cores
STEP = 2**19  # voxels in a batch: 16 channels of them take 32 MiB
PHOTO = 32  # pixels of the shorter side from which a colour picture counts as a photograph


def plan_reader(
    table: Table,
    rows: np.ndarray,
    *,
    image_size: int | Sequence[int] | None = None,
    tile: int | Sequence[int] | None = None,
    channels: int | None = None,
    resize: str | None = None,
    background: tuple[int, int, int] | None = None,
    span: Sequence[float] | None = None,
) -> ImageReader | TileReader | VolumeReader | CubeReader:
    """A reader for pictures or volumes with masks, left-open settings as in `plan_pictures` and `cubes.plan_cubes`.

    Raises DataError where the masks of `rows` hold one class throughout.
    """
    refuse_plain(table, rows)
    asked = {
        "image_size": image_size, "tile": tile, "channels": channels, "resize": resize, "background": background,
        "span": span,
    }  # fmt: skip
    given: dict[str, Any] = {k: v for k, v in asked.items() if v is not None}
    solid = len(rows) > 0 and kind_of(table.items[rows[0]]) == "volume"
    plan = plan_cubes if solid else plan_pictures
    check("reader of a volume" if solid else "reader of a picture", plan, given)
    return plan(table, rows, **given)


def refuse_plain(table: Table, rows: np.ndarray) -> None:
    """Raises DataError where there is nothing to tell apart."""
    occurs = np.flatnonzero(table.target[rows].any(axis=0)).tolist()
    present = [table.classes[k] for k in occurs]
    if len(rows) and len(present) < 2:
        what = f"are {present[0]!r} throughout" if present else "hold nothing but what is ignored"
        raise DataError(f"{table.name}: its {len(rows):,} training masks {what}; nothing can be learnt, check them")


def plan_answer(table: Table, reader: Any) -> Any:
    """What reads the masks of pictures or volumes, as `reader` reads those."""
    plan: Callable[..., Any] = plan_voxels if isinstance(reader, VolumeReader | CubeReader) else tiles.plan_masks
    return plan(table, reader)


def cut(table: Table, reader: Any) -> tuple[Table, np.ndarray]:
    """See `tiles.cut` and `cubes.cut`."""
    return (cubes.cut if isinstance(reader, VolumeReader | CubeReader) else tiles.cut)(table, reader)


def plan_pictures(
    table: Table,
    rows: np.ndarray,
    *,
    image_size: int | tuple[int, int] | None = None,
    tile: int | None = None,
    channels: int | None = None,
    resize: str = "pad",
    background: tuple[int, int, int] = (255, 255, 255),
    span: Sequence[float] | None = None,
) -> ImageReader | TileReader:
    """A reader for pictures with masks, what the user left open decided by up to 200 of the training rows.

    image_size: left open, the pictures' own if it is one of at most 256 x 256, else a square of their median longer
    side, at most 256, in which they lie whole. tile: cut pictures into squares of so many pixels instead, none of them
    resized. The rest is as for `multicnn.image.reader.plan_reader`. Raises UsageError for both sizes at once.
    """
    if tile is not None and image_size is not None:
        raise UsageError(f"--tile {tile} and --image-size {image_size}: tiles are not resized; leave one of them out")
    if tile is None and image_size is None:
        image_size = _usual_size(table, rows)
    planned = whole.plan_reader(
        table, rows, image_size=image_size or tile, channels=channels, resize=resize, background=background, span=span
    )
    if tile is None:
        return planned
    read = TileReader(
        tile=tile, channels=planned.channels, depth=planned.depth, background=background, span=planned.span
    )
    return replace(read, said=planned.said[1:])  # the first speaks of resizing


def _usual_size(table: Table, rows: np.ndarray) -> tuple[int, int]:
    looked = whole.headers(table, rows)
    sizes = {(h.height, h.width) for h in looked}
    if len(sizes) == 1 and max(min(sizes)) <= LARGEST:
        return sizes.pop()
    side = min(LARGEST, int(np.median([max(h.height, h.width) for h in looked])))
    return side, side


def defaults(table: Table, reader: Any, n_train: int) -> dict[str, dict[str, Any]]:
    """Model, training and augmentation for `n_train` pictures as `reader` makes them."""
    cells = prod(reader.size)
    photo = len(reader.size) == 2 and reader.channels >= 3 and min(reader.size) >= PHOTO
    batch_size = (8 if n_train < 1000 else 16) if len(reader.size) == 2 else max(2, min(8, STEP // cells))
    return {
        "model": {"name": "unet", "width": 16, "depth": 4 if min(reader.size) >= 128 else 3, "norm": "batch"},
        "train": {
            "epochs": min(40, max(15, SEEN // max(n_train * cells, 1))),
            "batch_size": batch_size,
            "optimizer": "adamw",
            "lr": 2e-3,
            "weight_decay": 0.05,
        },
        "augment": {"flip": {}} if photo else {"shift": {"fraction": 0.04}},
    }


SEGMENT = Kind(
    task=Segment,
    default_data="digit-scenes",
    datasets={"digit-scenes": digit_scenes},
    open=open_segments,
    plan_reader=plan_reader,
    defaults=defaults,
    outcome=Solids(Maps()),
    sketch=sketch,
    plan_answer=plan_answer,
    cut=cut,
    views=("flip", "shift"),
    told={
        **dict.fromkeys(("ImageReader", "TileReader"), Told(told.maps, told.facts_of)),
        **dict.fromkeys(("VolumeReader", "CubeReader"), Told(told.solids, told.facts_of)),
    },
)
