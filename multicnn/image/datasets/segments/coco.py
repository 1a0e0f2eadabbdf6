"""COCO's JSON: pictures, annotations with polygons or run lengths, categories."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_file, is_folder, kind, listing
from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.image.masks import BACKGROUND

KEYS = ("images", "annotations", "categories")


def coco_files(root: Path) -> dict[str, Path]:
    """COCO files by part ("" for one alone): in the root, in `annotations/`, or one in each part's folder."""
    folders = {e.name: Path(e.path) for e in listing(root) if is_folder(e)}
    parts = {part: path for name, path in folders.items() if (part := part_of(name))}
    below = {part: files[0] for part, path in parts.items() if len(files := _json(path)) == 1 and is_coco(files[0])}
    if below:
        return below
    files = [f for place in (root, folders.get("annotations", root)) for f in _json(place) if is_coco(f)]
    if "annotations" in folders and len(files) > 1:  # of several kinds, the one of objects
        files = [f for f in files if f.stem.startswith("instances")] or files
    named = {_part(f.stem): f for f in dict.fromkeys(files)}
    return named if len(files) > 1 else dict(zip([""], files, strict=False))


def is_coco(path: Path) -> bool:
    """Whether a JSON file is one object with COCO's keys."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            if not file.read(1000).lstrip().startswith("{"):
                return False
        return all(k in _load(path) for k in KEYS)
    except (DataError, OSError, UnicodeDecodeError):
        return False


def read_coco(files: dict[str, Path], name: str) -> Table:
    """One row a picture, those without objects being background. Raises DataError naming what is missing or wrong."""
    loaded = {part: _load(path) for part, path in files.items()}
    classes = (BACKGROUND, *dict.fromkeys(c["name"] for data in loaded.values() for c in data["categories"]))
    rows: list[tuple[str, str, str, str, list[str]]] = []
    for part, path in files.items():
        rows += [(part, *row) for row in _rows(path, loaded[part])]
    if not rows:
        raise DataError(f"{next(iter(files.values()))}: no picture in it; give a file with images")
    parts, items, ids, answers, present = zip(*rows, strict=True)
    target = np.array([[c == BACKGROUND or c in p for c in classes] for p in present])
    split = strings(parts) if any(parts) else None
    said = f"COCO: objects of {len(classes) - 1} classes; later annotations lie on top, what none covers is background"
    return Table(name, strings(items), strings(ids), classes, target, split, answer=strings(answers), said=(said,))


def _rows(path: Path, data: dict[str, Any]) -> list[tuple[str, str, str, list[str]]]:
    """File, name, answer and classes of each picture."""
    try:
        names = {c["id"]: c["name"] for c in data["categories"]}
        objects: dict[Any, list[Any]] = defaultdict(list)
        for a in data["annotations"]:
            if a.get("segmentation"):
                objects[a["image_id"]].append([names[a["category_id"]], a["segmentation"]])
        place = _pictures(path, data["images"])
        found = []
        for picture in data["images"]:
            own = objects[picture["id"]]
            answer = {"size": [picture["height"], picture["width"]], "objects": own}
            file = str(place / picture["file_name"])
            found.append((file, picture["file_name"], json.dumps(answer), sorted({c for c, _ in own})))
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}: no COCO file ({type(error).__name__}: {error} is missing or wrong); mend it"
        ) from None
    if data["images"] and not any(objects.values()):
        raise DataError(f"{path}: no annotation has a segmentation; masks need polygons or run lengths")
    return found


def _pictures(path: Path, images: list[dict[str, Any]]) -> Path:
    """The folder that the file names are relative to. Raises DataError where the first picture is in none."""
    above = path.parent.parent
    part = path.stem.removeprefix("instances_")
    near = [path.parent, path.parent / "images", above, above / "images", above / part, above / "images" / part]
    if not images:
        return path.parent
    first = images[0]["file_name"]
    found = next((folder for folder in near if (folder / first).is_file()), None)
    if found is None:
        raise DataError(f"{path}: no picture {first} beside it, in images/ or in {part}/; put the pictures there")
    return found


def _part(stem: str) -> str:
    """`train` of `instances_train2017`."""
    return next(
        (part for word in stem.replace("-", "_").split("_") if (part := part_of(word.rstrip("0123456789")))), ""
    )


def _json(folder: Path) -> list[Path]:
    return [Path(e.path) for e in listing(folder) if is_file(e) and kind(e.name) == ".json"]


def _load(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{path}: not valid JSON ({error}); mend it") from None
    if not isinstance(data, dict):
        raise DataError(f"{path}: no JSON object; give a COCO file with images, annotations and categories")
    return data
