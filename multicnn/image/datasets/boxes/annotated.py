"""Pictures with boxes as their layout gives them, checked against the pictures themselves before anything is trained.

A sample's answer is a line of JSON: `{"size": [height, width], "boxes": [["cat", x1, y1, x2, y2], ...]}`, in pixels of
the upright picture, whose far corner is (width, height); classes by their names.
"""

import json
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import starmap

import numpy as np

from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError
from multicnn.image.decode import ORIENTATION, TURNS

SMALLEST = 1.0  # pixel: thinner boxes show nothing
Box = tuple[str, float, float, float, float]  # class, left, top, right, bottom


@dataclass(frozen=True)
class Annotated:
    """One picture: file, what a person calls it, part, boxes in pixels or (`shares`) in shares of its size.

    size: height and width that the annotation names, if it does.  where: the file and line it comes from.
    """

    path: str
    id: str
    part: str
    boxes: list[Box]
    where: str
    size: tuple[int, int] | None = None
    shares: bool = False


@dataclass
class Mended:
    """What had to be changed, for the user."""

    counts: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, where: str) -> None:
        self.counts[what] += 1
        self.example.setdefault(what, where)

    def said(self) -> list[str]:
        return [f"{n:,} {what}, the first in {self.example[what]}" for what, n in self.counts.items()]


def tabled(
    name: str,
    samples: Sequence[Annotated],
    classes: Sequence[str] | None,
    said: Sequence[str],
    group: np.ndarray | None = None,
) -> Table:
    """The table of annotated pictures, boxes cut at the border and empty ones left out, both counted in `said`.

    classes: in the order of their numbers; those without a box are left out. Raises DataError for a picture whose
    annotation is of another size, or whose EXIF orientation leaves open which way its boxes were drawn.
    """
    if not samples:
        raise DataError(f"{name}: no picture is annotated; give at least one")
    samples, lines = in_shares(samples)
    mended = Mended()
    with ThreadPoolExecutor() as pool:
        frames = list(pool.map(frame, (s.path for s in samples)))
    checked = list(starmap(check, zip(samples, frames, [mended] * len(samples), strict=True)))
    labels = [sorted({box[0] for box in boxes}) for _, boxes in checked]
    present = {c for own in labels for c in own}
    if not present:
        raise DataError(f"{name}: none of its {len(samples):,} pictures has a box; there is nothing to learn")
    listed = None if classes is None else [c for c in classes if c in present]
    names, target = number_several(labels, listed)
    unused = [c for c in classes or () if c not in present]
    empty = sum(not own for own in labels)
    lines = [f"{sum(len(b) for _, b in checked):,} boxes in {len(samples):,} pictures", *said, *lines]
    lines += [f"{empty:,} pictures without a box, kept as background"] if empty else []
    lines += [f"classes without a box left out: {', '.join(unused[:10])}"] if unused else []
    parts = [s.part for s in samples]
    return Table(
        name=name,
        items=strings(s.path for s in samples),
        ids=strings(s.id for s in samples),
        classes=names,
        target=target,
        split=strings(parts) if any(parts) else None,
        group=group,
        answer=strings(answer(size, boxes) for size, boxes in checked),
        said=(*lines, *mended.said()),
    )


def in_shares(samples: Sequence[Annotated]) -> tuple[Sequence[Annotated], list[str]]:
    """The samples, as shares where no box is a pixel large, and what to say of that."""
    edges = [edge for s in samples if not s.shares for box in s.boxes for edge in box[1:]]
    if not edges or min(edges) < 0 or max(edges) > 1 or not any(0 < edge < 1 for edge in edges):
        return samples, []
    return [replace(s, shares=True) for s in samples], ["no edge of a box is above 1: they are shares of the pictures"]


def answer(size: tuple[int, int], boxes: Sequence[Box]) -> str:
    """The line of JSON of one upright picture."""
    return json.dumps({"size": size, "boxes": [[c, *(round(v, 3) for v in box)] for c, *box in boxes]})


def frame(path: str | os.PathLike[str]) -> tuple[int, int, int] | None:
    """Height and width as stored and the EXIF orientation; None for a file that the store will name as bad."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            turned = picture.format != "TIFF"  # of which Pillow says the size upright
            orientation = picture.getexif().get(ORIENTATION, 1) if turned else 1
            return picture.height, picture.width, orientation if orientation in TURNS else 1
    except Exception:  # decoders raise all kinds; whoever reads the pixels says why
        return None


def check(sample: Annotated, seen: tuple[int, int, int] | None, mended: Mended) -> tuple[tuple[int, int], list[Box]]:
    """Size of the upright picture, and its boxes there."""
    if seen is None:
        return sample.size or (1, 1), []
    height, width, orientation = seen
    swap = orientation >= 5
    upright = (width, height) if swap else (height, width)
    boxes = scaled(sample, (height, width))
    if sample.size is not None and sample.size not in (upright, (height, width)):
        wrong = f"{sample.size[1]} x {sample.size[0]}"
        raise DataError(
            f"{sample.where}: {sample.path} is {width} x {height} pixels, its boxes were drawn on {wrong}; "
            "annotate the picture itself, or scale its boxes"
        )
    if orientation != 1 and boxes:
        if sample.size is None or (height, width) == upright:
            raise DataError(
                f"{sample.path}: its EXIF orientation is {orientation}, and nothing says whether its boxes were drawn "
                "before or after turning; save it upright, without the tag"
            )
        if sample.size != upright:
            boxes = [(c, *turned(box, upright, orientation)) for c, *box in boxes]
            mended.note("pictures turned upright with their boxes", sample.id)
    return upright, [kept for box in boxes if (kept := cut(box, upright, sample.where, mended))]


def scaled(sample: Annotated, size: tuple[int, int]) -> list[Box]:
    """The boxes in pixels."""
    if not sample.shares:
        return sample.boxes
    height, width = size
    return [(c, x1 * width, y1 * height, x2 * width, y2 * height) for c, x1, y1, x2, y2 in sample.boxes]


def turned(box: Sequence[float], upright: tuple[int, int], orientation: int) -> tuple[float, float, float, float]:
    """A box of the stored picture in the upright one."""
    swap, rows, columns = TURNS[orientation]
    x1, y1, x2, y2 = box
    if swap:
        x1, y1, x2, y2 = y1, x1, y2, x2
    if rows:
        y1, y2 = upright[0] - y2, upright[0] - y1
    if columns:
        x1, x2 = upright[1] - x2, upright[1] - x1
    return x1, y1, x2, y2


def cut(box: Box, size: tuple[int, int], where: str, mended: Mended) -> Box | None:
    """The part of a box within the picture; None where that is thinner than a pixel."""
    c, *edges = box
    if not np.isfinite(edges).all():
        raise DataError(f"{where}: a box of {c!r} is {edges}; correct it")
    height, width = size
    x1, x2 = (min(max(v, 0.0), float(width)) for v in (edges[0], edges[2]))
    y1, y2 = (min(max(v, 0.0), float(height)) for v in (edges[1], edges[3]))
    if x2 - x1 < SMALLEST or y2 - y1 < SMALLEST:
        mended.note("boxes left out that are thinner than a pixel or outside the picture", where)
        return None
    if max(abs(a - b) for a, b in zip((x1, y1, x2, y2), edges, strict=True)) > SMALLEST:
        mended.note("boxes cut that reach beyond the picture", where)
    return c, x1, y1, x2, y2
