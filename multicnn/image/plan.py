"""What reads the samples of a set: pictures, volumes or clips, as their files say or the user does."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image import arrays, clip, nifti, reader
from multicnn.image.decode import named
from multicnn.image.reader import ImageReader, spaced
from multicnn.image.region import parted
from multicnn.image.video import VideoReader, plan_video
from multicnn.image.volume import VolumeReader, plan_volume
from multicnn.names import check, find

Readers = ImageReader | VolumeReader | VideoReader
PLANS: dict[str, Callable[..., Readers]] = {
    "picture": reader.plan_reader,
    "volume": plan_volume,
    "clip": plan_video,
}


def plan_reader(
    table: Table,
    rows: np.ndarray,
    *,
    kind: str | None = None,
    image_size: Sequence[int] | int | None = None,
    channels: int | None = None,
    resize: str | None = None,
    background: tuple[int, int, int] | None = None,
    span: Sequence[float] | None = None,
    frames: int | None = None,
) -> Readers:
    """A reader for a set, what the user left open decided by its training rows.

    kind: "picture", "volume" or "clip"; left open, what the samples are: NIfTI files are volumes, films and folders of
    frames clips, arrays pictures if they have two axes, or a third of at most 16 channels. The other settings are
    those of `reader.plan_reader`, `volume.plan_volume` and `video.plan_video`, left open as there. Raises UsageError
    for one that does not apply, and DataError for kinds that are mixed.
    """
    kind = _kind(table, rows) if kind is None else kind
    plan = find("kind of sample", PLANS, kind)
    asked = {
        "image_size": image_size, "channels": channels, "resize": resize, "background": background, "span": span,
        "frames": frames,
    }  # fmt: skip
    given: dict[str, Any] = {k: v for k, v in asked.items() if v is not None}
    check(f"reader of a {kind}", plan, given)
    return plan(table, rows, **given)


def _kind(table: Table, rows: np.ndarray) -> str:
    """That of all training samples looked at. Raises DataError naming two that differ."""
    first: dict[str, Any] = {}
    for row in spaced(rows, reader.LOOKED_AT):
        first.setdefault(kind_of(table.items[row]), table.ids[row])
    if len(first) > 1:
        (one, a), (other, b), *_ = first.items()
        raise DataError(
            f"{a} is a {one} and {b} a {other}; give samples of one kind, or name it: --set reader.kind={one}"
        )
    return next(iter(first), "picture")


def kind_of(item: Any) -> str:
    """What a sample is, by its name, or by its shape."""
    if isinstance(item, np.ndarray):
        return "picture" if arrays.looks_flat(item) else "volume"
    path, _ = parted(item)
    if nifti.is_nifti(path):
        return "volume"
    if arrays.is_array(path):
        return _kind_of_array(path)
    return "clip" if clip.is_clip(path) else "picture"


def _kind_of_array(path: str) -> str:
    try:
        with named(path):
            return kind_of(np.asarray(arrays.load(path)))
    except DataError:
        return "picture"  # the store names it
