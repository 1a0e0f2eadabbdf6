"""Folders of pictures beside folders of masks: plain, in parts, a folder a class, or with VOC's lists.

`images/` and `masks/` under one root, `images/train/` and `masks/train/`, or `train/images/` and `train/masks/`.
"""

import os
from collections import Counter
from pathlib import Path

from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.tree import is_folder, kind, listing, walk
from multicnn.data.table import PARTS
from multicnn.errors import DataError
from multicnn.image.datasets.segments.found import Found, Masks

IMAGES = ("images", "image", "imgs", "img", "jpegimages", "pictures", "photos", "leftimg8bit")
MASKS = (
    "masks", "mask", "segmentationclass", "segmentations", "segmentation", "labels", "label", "annotations", "gt",
    "groundtruth", "ground_truth", "gtfine",
)  # fmt: skip
TAILS = ("", "_mask", "-mask", "_seg", "_segmentation", "_label", "_labels", "_gt", "_L", "_mask_0")
CLASS_FILES = (
    "labelmap.txt", "classes.txt", "class_names.txt", "labels.txt", "label_colors.txt", "class_dict.csv", "codes.txt",
)  # fmt: skip
Pair = tuple[str, str, Masks]  # the picture's path below its folder, its file, its masks


def read_folders(root: Path, suffixes: frozenset[str]) -> Found | None:
    """Every picture with its mask; None where the folder holds no such pair of folders.

    Raises DataError for a picture without a mask, naming it.
    """
    parts = {part: Path(e.path) for e in listing(root) if is_folder(e) and (part := part_of(e.name))}
    places = {part: pair for part, path in parts.items() if (pair := folder_pair(path, suffixes))}
    said: list[str] = []
    if places:
        said = [line for pair in places.values() for line in without_picture(*pair, suffixes)]
        pieces = {part: matched(*places[part], suffixes) for part in PARTS if part in places}
        rows = [(part, f"{parts[part].name}/{rel}", file, mask) for part in pieces for rel, file, mask in pieces[part]]
    elif pair := folder_pair(root, suffixes):
        rows = in_parts(root, matched(*pair, suffixes, listed(root)))
        said = without_picture(*pair, suffixes)
    else:
        return None
    if not rows:
        raise DataError(f"{root}: no pictures ({', '.join(sorted(suffixes))}) in its folder of images; add some")
    split, ids, files, masks = (list(column) for column in zip(*rows, strict=True))
    return Found(root.resolve().name, files, ids, masks, split, class_file(root), said=tuple(said))


def folder_pair(root: Path, suffixes: frozenset[str]) -> tuple[Path, Path] | None:
    """The folders of pictures and of masks, by their usual names in any case; masks are pictures, no texts."""
    folders = {e.name.casefold(): Path(e.path) for e in listing(root) if is_folder(e)}
    images = next((folders[name] for name in IMAGES if name in folders), None)
    named = [folders[name] for name in MASKS if name in folders]
    masks = next((f for f in named if any(walk(str(f), suffixes, Counter()))), None)
    return (images, masks) if images and masks else None


def class_file(root: Path) -> Path | None:
    """The file that names the classes."""
    return next((root / name for name in CLASS_FILES if (root / name).is_file()), None)


def matched(images: Path, masks: Path, suffixes: frozenset[str], wanted: dict[str, str] | None = None) -> list[Pair]:
    """Each picture with the mask of its name; `wanted` names those that count. Raises DataError for a missing mask."""
    pictures = stems(images, suffixes)
    if wanted is not None:
        if missing := next((name for name in wanted if name not in pictures), None):
            raise DataError(f"{images}: no picture named {missing!r}, which a list in ImageSets/Segmentation names")
        pictures = {name: pictures[name] for name in wanted}
    own = class_folders(masks, images)
    layers = {e: stems(masks / e, suffixes) for e in own} if own else {"": stems(masks, suffixes)}
    found: list[Pair] = []
    for name, file in pictures.items():
        files = {label: mask for label, below in layers.items() if (mask := mask_of(name, below))}
        if not files:
            raise DataError(
                f"{file}: no mask of that name in {masks}; {len(pictures)} pictures need one each, "
                "add it or take the picture away"
            )
        found.append((os.path.relpath(file, images).replace(os.sep, "/"), file, files if own else files[""]))
    return found


def without_picture(images: Path, masks: Path, suffixes: frozenset[str]) -> list[str]:
    """What to say of masks whose names begin as no picture's does."""
    names = {os.path.basename(name).removesuffix("_leftImg8bit") for name in stems(images, suffixes)}
    files = [os.path.basename(file) for file in walk(str(masks), suffixes, Counter())]
    begins = [any(file[:n] in names for n in range(len(file))) for file in files]
    alone = [file for file, known in zip(files, begins, strict=True) if not known]
    return [f"{len(alone)} masks left out that belong to no picture, such as {alone[0]}"] if alone else []


def stems(folder: Path, suffixes: frozenset[str]) -> dict[str, str]:
    """Files by their path below the folder without the suffix. Raises DataError for two of one name."""
    found: dict[str, str] = {}
    for file in walk(str(folder), suffixes, Counter()):
        name = os.path.relpath(file, folder).replace(os.sep, "/")[: -len(kind(file))]
        if name in found:
            raise DataError(f"{found[name]} and {os.path.basename(file)} have one name; rename one of them")
        found[name] = file
    return found


def mask_of(name: str, masks: dict[str, str]) -> str | None:
    """The mask of a picture: of the same name, or with a usual ending such as `_mask`."""
    name = name.removesuffix("_leftImg8bit")
    tails = (*TAILS, "_gtFine_labelIds") if name + "_gtFine_labelIds" in masks else TAILS
    return next((masks[name + tail] for tail in tails if name + tail in masks), None)


def class_folders(masks: Path, images: Path) -> list[str]:
    """The names of the folders of a class each: those that neither name a part nor lie below the pictures too."""
    below = [e.name for e in listing(masks) if is_folder(e)]
    also = {e.name for e in listing(images) if is_folder(e)}
    return [] if any(name in also or part_of(name) for name in below) else below


def listed(root: Path) -> dict[str, str] | None:
    """Names of pictures by their parts, from VOC's ImageSets/Segmentation; None without such lists."""
    lists = root / "ImageSets" / "Segmentation"
    files = {part: lists / f"{part}.txt" for part in PARTS if (lists / f"{part}.txt").is_file()}
    if not files and (both := lists / "trainval.txt").is_file():
        files = {"": both}
    named = {n: part for part, file in files.items() for n in file.read_text("utf-8").split()}
    return named or None


def in_parts(root: Path, pairs: list[Pair]) -> list[tuple[str, str, str, Masks]]:
    """Part, name, file and masks: by VOC's lists, or by the first folder below the pictures."""
    lists = listed(root)
    if lists:
        return [(lists[os.path.splitext(rel)[0]], rel, file, mask) for rel, file, mask in pairs]
    split = [part_of(rel.split("/")[0]) if "/" in rel else None for rel, _, _ in pairs]
    whole = all(split)
    return [
        (part if whole and part else "", rel, file, mask) for part, (rel, file, mask) in zip(split, pairs, strict=True)
    ]
