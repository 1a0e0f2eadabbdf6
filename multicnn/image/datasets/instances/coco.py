"""COCO's JSON: pictures, annotations with a segmentation (polygons or run lengths), categories."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets.boxes.annotated import Mended
from multicnn.image.datasets.boxes.coco import annotations, load, placed, sizes
from multicnn.image.datasets.boxes.pictures import Pictures
from multicnn.image.datasets.instances.outlined import Outlined, tabled
from multicnn.image.datasets.instances.polygons import fitting


def read_coco(files: dict[str, Path], root: Path) -> Table:
    """One row a picture, `files` by part. Raises DataError naming what is missing or wrong.

    Regions of a crowd (`iscrowd`) are no single object and are left out, counted, as are objects without a
    segmentation.
    """
    pictures, crowds, mended = Pictures(root), Counter(), Mended()
    samples: list[Outlined] = []
    classes: dict[str, None] = {}
    for part, path in files.items():
        data = load(path)
        try:
            names = {c["id"]: str(c["name"]) for c in data["categories"]}
            classes |= dict.fromkeys(names.values())
            samples += _rows(path, part, data, names, pictures, crowds, mended)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise DataError(f"{path}: no COCO file ({type(error).__name__}: {error}); mend it") from None
    said = [f"COCO: {', '.join(f.name for f in files.values())}"]
    said += [f"{n} regions of a crowd left out" for n in crowds.values()]
    return tabled(root.resolve().name, samples, list(classes), [*said, *mended.said()])


def _rows(
    path: Path,
    part: str,
    data: dict[str, Any],
    names: dict[Any, str],
    pictures: Pictures,
    crowds: Counter[str],
    mended: Mended,
) -> list[Outlined]:
    known, own = sizes(data), defaultdict[Any, list[tuple[str, Any]]](list)
    for a, where in annotations(path, data, names, crowds):
        if not (shape := a.get("segmentation")):
            mended.note("objects without a segmentation left out", where)
        elif fitting(shape, known[a["image_id"]], where, mended):
            own[a["image_id"]].append((names[a["category_id"]], shape))
    found = []
    for number, file, _, size in placed(path, data, pictures):
        labels = [label for label, _ in own[number]]
        answer = {"size": size, "objects": own[number]}
        found.append(Outlined(file, pictures.id(file), part, labels, answer))
    return found
