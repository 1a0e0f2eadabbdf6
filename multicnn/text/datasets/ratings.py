"""Stars and grades as negative, neutral and positive."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from multicnn.data.table import Table
from multicnn.errors import DataError

CLASSES = ("negative", "neutral", "positive")
LOW, HIGH = 0.4, 0.6  # of the way from the lowest grade to the highest; 3 of 5, and 5 and 6 of 10, lie between


def ratings(open_any: Callable[[Path], Table], path: Path | None) -> Table:
    """Any set of texts whose labels are numbers: below 40 % of the scale negative, above 60 % positive.

    The scale is from the lowest label of the set to the highest. Raises DataError for a label that is no number.
    """
    if path is None:
        raise DataError("ratings: its data are not given; give a table or a folder, as in ratings=reviews.csv")
    table = open_any(path)
    if table.several:
        raise DataError(f"{path}: texts with several labels have no rating; give a set with one number a text")
    grades = np.array([_number(name, path) for name in table.classes])
    low, high = grades.min(), grades.max()
    if low == high:
        raise DataError(f"{path}: one rating only, {table.classes[0]}; it takes two to make a scale")
    place = (grades - low) / (high - low)
    side = np.where(place < LOW, 0, np.where(place > HIGH, 2, 1))
    used = np.unique(side)
    said = [
        f"{name} is {_named([table.classes[i] for i in np.flatnonzero(side == k)])}"
        for k, name in enumerate(CLASSES)
        if k in used
    ]
    return replace(
        table,
        classes=tuple(CLASSES[k] for k in used),
        target=np.searchsorted(used, side[table.target]),
        said=(*table.said, f"ratings: {', '.join(said)}"),
    )


def _number(name: str, path: Path) -> float:
    try:
        value = float(name.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{path}: label {name[:40]!r} is no number, so it is no rating; name its column 'rating'")
    return value


def _named(names: list[str]) -> str:
    return ", ".join(names) if len(names) < 6 else f"{names[0]} to {names[-1]}"
