"""A few volumes as slabs of their slices: samples that can be dealt into parts."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.image.region import named
from multicnn.image.voxels import classes_of, is_volume, masks_of, stamp

SLABS = 8  # of a set with fewer volumes than can be dealt
FEW = 5  # volumes that cannot be dealt into three parts of use


def slabs(table: Table) -> Table:
    """Few volumes as slabs across their first axis, which can be dealt into parts; many as they are.

    The target of a slab says which classes it holds.
    """
    if len(table) >= FEW or table.split is not None or table.group is not None or not is_volume(str(table.items[0])):
        return table
    rows, items, target = [], [], []
    for row, (item, answer) in enumerate(
        zip(table.items, table.answer if table.answer is not None else [], strict=True)
    ):
        numbers = classes_of(str(item), str(answer), tuple(table.classes), stamp(*masks_of(json.loads(str(answer)))))
        ends = np.linspace(0, len(numbers), min(SLABS, len(numbers)) + 1).astype(int).tolist()
        for start, stop in pairwise(ends):
            rows.append(row)
            items.append(named(str(item), (slice(start, stop),)))
            target.append(np.isin(np.arange(len(table.classes)), numbers[start:stop]))
    return _slabs(table, rows, items, np.array(target))


def _slabs(table: Table, rows: list[int], items: list[str], target: np.ndarray) -> Table:
    parts = table.take(np.array(rows))
    ids = strings(f"{name}#{item.rpartition('#')[2]}" for name, item in zip(parts.ids, items, strict=True))
    said = f"{len(table)} volume{'s' * (len(table) > 1)} dealt into parts by {len(items)} slabs of slices"
    return replace(parts, items=strings(items), ids=ids, target=target, said=(*table.said, said))
