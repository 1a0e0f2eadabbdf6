"""COCO's JSON: pictures, annotations with a box [left, top, width, height], categories."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets.boxes.annotated import Annotated, Box, tabled
from multicnn.image.datasets.boxes.pictures import Pictures


def read_coco(files: dict[str, Path], root: Path) -> Table:
    """One row a picture, `files` by part. Raises DataError naming what is missing or wrong.

    Regions of a crowd (`iscrowd`) are no single object and are left out, counted.
    """
    pictures, crowds = Pictures(root), Counter()
    samples: list[Annotated] = []
    classes: dict[str, None] = {}
    for part, path in files.items():
        data = load(path)
        try:
            refuse_twins(path, data)
            names = {c["id"]: str(c["name"]) for c in data["categories"]}
            classes |= dict.fromkeys(names.values())
            samples += _rows(path, part, data, names, pictures, crowds)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise DataError(f"{path}: no COCO file ({type(error).__name__}: {error}); mend it") from None
    said = [f"{n} regions of a crowd left out" for n in crowds.values()]
    return tabled(
        root.resolve().name, samples, list(classes), ["COCO: " + ", ".join(f.name for f in files.values()), *said]
    )


def _rows(
    path: Path, part: str, data: dict[str, Any], names: dict[Any, str], pictures: Pictures, crowds: Counter[str]
) -> list[Annotated]:
    own: dict[Any, list[Box]] = defaultdict(list)
    for a, _ in annotations(path, data, names, crowds):
        x, y, w, h = (float(v) for v in a["bbox"])
        own[a["image_id"]].append((names[a["category_id"]], x, y, x + w, y + h))
    refuse_corners(path, own, sizes(data))
    return [
        Annotated(file, pictures.id(file), part, own[number], where, size)
        for number, file, where, size in placed(path, data, pictures)
    ]


def sizes(data: dict[str, Any]) -> dict[Any, tuple[int, int]]:
    """Height and width of each picture."""
    return {p["id"]: (int(p["height"]), int(p["width"])) for p in data["images"]}


def annotations(
    path: Path, data: dict[str, Any], names: dict[Any, str], crowds: Counter[str]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Each annotation of a single object, and where it stands; regions of a crowd are counted. Raises DataError."""
    known = sizes(data)
    for a in data["annotations"]:
        where = f"{path}: annotation {a.get('id', '')}"
        if a["category_id"] not in names:
            raise DataError(f"{where} has category {a['category_id']}, which is none of {sorted(names)[:20]}; add it")
        if a["image_id"] not in known:
            raise DataError(f"{where} is of picture {a['image_id']}, which the file does not list; add or remove it")
        if a.get("iscrowd"):
            crowds["crowd"] += 1
            continue
        yield a, where


def placed(path: Path, data: dict[str, Any], pictures: Pictures) -> Iterator[tuple[Any, str, str, tuple[int, int]]]:
    """Number, file, place in the annotations and size of each picture."""
    near = [path.parent, path.parent / "images", pictures.root, pictures.root / "images"]
    for p in data["images"]:
        file = pictures.find(str(p["file_name"]), str(path), near)
        yield p["id"], file, f"{path}: picture {p['file_name']}", (int(p["height"]), int(p["width"]))


def refuse_twins(path: Path, data: dict[str, Any]) -> None:
    """Raises DataError where two pictures or categories have one id, or a picture is listed twice."""
    for what, key in (("categories", "id"), ("images", "id"), ("images", "file_name")):
        counts = Counter(str(line[key]) for line in data[what])
        if counts and counts.most_common(1)[0][1] > 1:
            raise DataError(f"{path}: two {what} have the {key} {counts.most_common(1)[0][0]!r}; keep one of them")


def refuse_corners(path: Path, own: dict[Any, list[Box]], sizes: dict[Any, tuple[int, int]]) -> None:
    """Raises DataError where boxes are two corners, not a corner and a size, so that many reach beyond the picture."""
    every = [(box, sizes[i]) for i, boxes in own.items() for box in boxes]
    beyond = sum(x2 > w + 1 or y2 > h + 1 for (_, _, _, x2, y2), (h, w) in every)
    corners = all(
        x2 - x1 > x1 and y2 - y1 > y1 and x2 - x1 <= w + 1 and y2 - y1 <= h + 1 for (_, x1, y1, x2, y2), (h, w) in every
    )
    if beyond and corners and 4 * beyond > len(every):
        raise DataError(
            f"{path}: its boxes look like [left, top, right, bottom], for {beyond} of {len(every)} would reach beyond "
            "their picture; COCO has [left, top, width, height], convert them"
        )


def load(path: Path) -> dict[str, Any]:
    """The JSON object of a file."""
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not valid JSON ({error}); mend it") from None
    if not isinstance(data, dict):
        raise DataError(f"{path}: no JSON object; give a COCO file with images, annotations and categories")
    return data
