"""From pictures and masks found to the columns of a table: classes, answers, and which classes each mask holds."""

import json
from collections.abc import Sequence

import numpy as np

from multicnn.data.table import Table, natural, strings
from multicnn.errors import DataError
from multicnn.image.datasets.segments.found import Found
from multicnn.image.datasets.segments.scan import Seen, look, meaning
from multicnn.image.masks import BACKGROUND, key

MOST = 255  # classes that a mask of bytes can number, one being left for what nobody knows


def tabled(found: Found) -> Table:
    """The table of a set whose masks are one file each, or a file a class.

    An unreadable mask is left for the store to name. Raises DataError where no mask can be read.
    """
    if isinstance(found.masks[0], dict):
        return _layers(found)
    files = [str(file) for file in found.masks]
    looked = look(files)
    seen = [s for s in looked if isinstance(s, Seen)]
    if not seen:
        raise next(s for s in looked if isinstance(s, DataError))
    classes, names, said = meaning(seen, found.classes)
    number = {c: i for i, c in enumerate(classes)}
    place = {key(k): number[c] for k, c in names.items() if c is not None}
    target = np.zeros((len(files), len(classes)), dtype=bool)
    colour = any(s.colour for s in seen)
    for row, s in enumerate(looked):
        for value in s.values if isinstance(s, Seen) else ():
            value = value if not colour or (isinstance(s, Seen) and s.colour) else value * 0x10101
            if value in place:
                target[row, place[value]] = True
    answers = [json.dumps({"mask": file, "is": names}, ensure_ascii=False) for file in files]
    return _table(found, classes, target, answers, said)


def _layers(found: Found) -> Table:
    """A file a class: a picture holds the classes that it has a file of with any pixel in it."""
    masks = [m for m in found.masks if isinstance(m, dict)]
    names = sorted({c for m in masks for c in m} - {BACKGROUND}, key=natural)
    classes = (BACKGROUND, *names)
    pairs = [(row, c, m[c]) for row, m in enumerate(masks) for c in names if c in m]
    target = np.zeros((len(masks), len(classes)), dtype=bool)
    target[:, 0] = True
    for (row, c, _), s in zip(pairs, look([file for _, _, file in pairs]), strict=True):
        target[row, classes.index(c)] = isinstance(s, Seen) and bool(s.values - {0})
    ordered = [{c: m[c] for c in classes if c in m} for m in masks]
    answers = [json.dumps({"masks": m}, ensure_ascii=False) for m in ordered]
    said = f"a folder of masks for each of {len(names)} classes; where they overlap, the later name holds"
    return _table(found, classes, target, answers, said)


def _table(found: Found, classes: Sequence[str], target: np.ndarray, answers: list[str], said: str) -> Table:
    if len(classes) > MOST:
        raise DataError(f"{found.name}: {len(classes)} classes; masks of bytes number {MOST} at most, merge some")
    parts = strings(found.parts) if any(found.parts) else None
    return Table(
        name=found.name,
        items=strings(found.pictures),
        ids=strings(found.ids),
        classes=tuple(classes),
        target=target,
        split=parts,
        group=found.group,
        answer=strings(answers),
        said=(*found.said, said),
    )
