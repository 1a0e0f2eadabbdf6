"""YOLO's text files with polygons: lines of class number and corners x, y, as shares of the picture.

Places of the files and names of the classes are those of `multicnn.image.datasets.boxes.yolo`.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets.boxes.annotated import Mended, frame
from multicnn.image.datasets.boxes.pictures import Pictures
from multicnn.image.datasets.boxes.yolo import class_names, label_file, shares, within, words_of
from multicnn.image.datasets.instances.outlined import Outlined, tabled
from multicnn.image.datasets.instances.polygons import fitting

Shapes = list[tuple[str, list[list[float]]]]  # class and polygons


def read_yolo(root: Path) -> Table:
    """One row a picture below an `images` folder. Raises DataError naming the line that cannot be used."""
    pictures, mended = Pictures(root), Mended()
    names, how = class_names(root)
    labels = {path: label for path in pictures.paths if (label := label_file(Path(path), root)) is not None}
    with ThreadPoolExecutor() as pool:
        frames = list(pool.map(frame, labels))
    samples = []
    for (path, label), seen in zip(labels.items(), frames, strict=True):
        found = objects(path, label, names, seen, mended) if label.is_file() else []
        if not label.is_file():
            mended.note("pictures without a label file", path)
        answer: dict[str, Any] = {"size": seen[:2] if seen else (1, 1), "objects": found}
        samples.append(Outlined(path, pictures.id(path), pictures.part(path), [c for c, _ in found], answer))
    classes = [names[i] for i in sorted(names)] or None
    return tabled(root.resolve().name, samples, classes, [f"YOLO: {how}", *mended.said()])


def objects(path: str, label: Path, names: dict[int, str], seen: tuple[int, int, int] | None, mended: Mended) -> Shapes:
    """The polygons of a picture in its pixels; none for a picture that the store will name as bad."""
    lines = [(*polygon(words, names, where), where) for words, where in words_of(label)]
    if seen is None or not lines:
        return []
    height, width, orientation = seen
    if orientation != 1:
        raise DataError(
            f"{path}: its EXIF orientation is {orientation}, and nothing says whether its polygons were drawn before "
            "or after turning; save it upright, without the tag"
        )
    found = [(name, (corners * [width, height]).round(3), where) for name, corners, where in lines]
    return [
        (name, [corners.ravel().tolist()])
        for name, corners, where in found
        if fitting([corners.ravel().tolist()], (height, width), where, mended)
    ]


def polygon(words: list[str], names: dict[int, str], where: str) -> tuple[str, np.ndarray]:
    """Class and corners of a line. Raises DataError for a box, and for numbers of another format.  -> n 2"""
    name, values = shares(words, names, where)
    if len(values) in (4, 5):
        raise DataError(f"{where}: a box, no polygon; take --task detect, or give the corners of the object")
    if len(values) < 6 or len(values) % 2:
        raise DataError(f"{where}: {len(words)} numbers; give class, then x and y of three corners at least")
    within(values, where)
    return name, np.array(values).reshape(-1, 2)
