"""Folders of pictures beside folders of masks that number objects: plain, a folder a class, or Pascal VOC's.

`images/` and `masks/` as `multicnn.image.datasets.segments.folders` finds them. VOC has SegmentationObject/, which
numbers objects, beside SegmentationClass/, which says what they are.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from multicnn.data.layouts.tree import is_folder, listing
from multicnn.data.table import Table, natural
from multicnn.errors import DataError
from multicnn.image.datasets.instances.outlined import Outlined, tabled
from multicnn.image.datasets.segments.folders import IMAGES, in_parts, listed, matched, read_folders
from multicnn.image.datasets.segments.found import Found
from multicnn.image.datasets.segments.names import VOC, read_names
from multicnn.image.datasets.segments.scan import IGNORED, OBJECT
from multicnn.image.masks import BACKGROUND
from multicnn.image.stacks import numbers_of

OBJECTS, CLASSES = "segmentationobject", "segmentationclass"  # VOC's folders
Counts = tuple[tuple[int, int], int]  # size, objects


def read_masks(root: Path, suffixes: frozenset[str]) -> Table | None:
    """Masks that number the objects of one class, or of a class a folder; None where there are no such folders."""
    found = read_folders(root, suffixes)
    if found is None:
        return None
    layers = [mask if isinstance(mask, dict) else {"": mask} for mask in found.masks]
    names = sorted({c for own in layers for c in own} - {BACKGROUND}, key=natural)
    alone = names == [""]
    only = single(found) if alone else ""
    ordered = [{only if alone else c: own[c] for c in names if c in own} for own in layers]
    files = [file for own in ordered for file in own.values()]
    counted = dict(zip(files, _each(files), strict=True))
    samples = [_sample(found, row, own, counted) for row, own in enumerate(ordered)]
    said = [f"masks number the objects of {', '.join([only] if alone else names)}"]
    known = [c for c in counted.values() if c is not None]
    if all(objects <= 1 for _, objects in known):
        said.append("no mask numbers more than one object: pixels of one number are one object, even apart")
    return tabled(found.name, samples, [only] if alone else names, [*found.said, *said])


def _sample(found: Found, row: int, own: dict[str, str], counted: Mapping[str, Counts | None]) -> Outlined:
    labels = [c for c, file in own.items() if (n := counted[file]) for _ in range(n[1])]
    size = next((n[0] for file in own.values() if (n := counted[file])), (1, 1))
    return Outlined(found.pictures[row], found.ids[row], found.parts[row], labels, {"size": size, "layers": own})


def _each(files: Sequence[str]) -> list[Counts | None]:
    """What each mask holds; None for one that the store will name as bad."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_counts, files))


def _counts(file: str) -> Counts | None:
    try:
        array = numbers_of(file)
    except DataError:
        return None
    return (array.shape[0], array.shape[1]), int((np.unique(array) > 0).sum())


def single(found: Found) -> str:
    """The name of the only class. Raises DataError where a file names several, which such masks cannot tell apart."""
    if found.classes is None:
        return OBJECT
    names = [c for c in read_names(found.classes).values() if c and c.casefold() != BACKGROUND]
    if len(names) != 1:
        raise DataError(
            f"{found.classes}: names {len(names)} classes, but the masks number objects without saying which is what; "
            "put the masks of each class in a folder of its own, masks/CLASS/"
        )
    return names[0]


def voc_folders(root: Path) -> tuple[Path, Path, Path] | None:
    """Folders of pictures, of objects and of classes; None where one is missing."""
    folders = {e.name.casefold(): Path(e.path) for e in listing(root) if is_folder(e)}
    images = next((folders[name] for name in IMAGES if name in folders), None)
    if images is None or OBJECTS not in folders or CLASSES not in folders:
        return None
    return images, folders[OBJECTS], folders[CLASSES]


def read_voc(root: Path, folders: tuple[Path, Path, Path], suffixes: frozenset[str]) -> Table:
    """One row a picture that a list in ImageSets/Segmentation names, or of each picture. Raises DataError."""
    images, objects, classes = folders
    wanted = listed(root)
    rows = in_parts(root, matched(images, objects, suffixes, wanted))
    kinds = {file: str(mask) for _, file, mask in matched(images, classes, suffixes, wanted)}
    names = voc_names(root)
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda row: _voc(str(row[3]), kinds[row[2]], names), rows))
    samples = [
        Outlined(file, rel, part, list(own.values()), {"size": size, "numbers": str(mask), "is": own})
        for (part, rel, file, mask), (size, own) in zip(rows, found, strict=True)
    ]
    said = "VOC: SegmentationObject numbers the objects, SegmentationClass says what they are; 255 is nothing"
    return tabled(root.resolve().name, samples, list(names.values()), [said])


def voc_names(root: Path) -> dict[int, str]:
    """Classes by number: of a file classes.txt or labelmap.txt without colours, else VOC's."""
    for file in (root / "classes.txt", root / "labelmap.txt"):
        if file.is_file():
            named = read_names(file)
            if not any("," in key for key in named):
                return {int(k): c for k, c in named.items() if c and c.casefold() != BACKGROUND}
    return {number: name for number, name in enumerate(VOC) if name != BACKGROUND}


def _voc(objects: str, classes: str, names: Mapping[int, str]) -> tuple[tuple[int, int], dict[str, str]]:
    """Size, and the class of each number: the commonest in its pixels. Raises DataError for a number without one."""
    try:
        owner, kind = numbers_of(objects), numbers_of(classes)
    except DataError:
        return (1, 1), {}
    if owner.shape != kind.shape:
        sizes = " beside ".join(f"{a.shape[0]} x {a.shape[1]}" for a in (owner, kind))
        raise DataError(f"{objects}: {sizes} pixels of {classes}; give both the picture's size")
    own: dict[str, str] = {}
    for value in np.unique(owner).tolist():
        if value in (0, IGNORED):
            continue
        number = int(np.bincount(kind[owner == value]).argmax())
        if number not in names:
            raise DataError(
                f"{objects}: object {value} lies on class number {number} of {classes}, which is no class; correct one"
            )
        own[str(value)] = names[number]
    return (owner.shape[0], owner.shape[1]), own
