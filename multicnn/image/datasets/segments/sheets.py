"""A table with a column of pictures and a column of masks."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from multicnn.data.layouts.columns import listed, plain
from multicnn.data.layouts.files import existing
from multicnn.data.layouts.tabular import read_sheet, read_table
from multicnn.errors import DataError
from multicnn.image.datasets.segments.folders import class_file
from multicnn.image.datasets.segments.found import Found

MASK = (
    "mask", "masks", "mask_path", "mask_file", "mask_filename", "segmentation", "seg", "annotation", "label_path",
    "label", "labels", "target", "gt", "ground_truth", "маска",
)  # fmt: skip


def read_sheet_of_masks(
    path: Path,
    suffixes: frozenset[str],
    *,
    item_column: str | None,
    label_column: str | None,
    split_column: str | None,
    group_column: str | None,
) -> Found:
    """Pictures and masks, relative to the table's folder. Raises DataError naming the row of a missing file."""
    sheet = read_sheet(path)
    by_plain = {plain(name): name for name in reversed(sheet.names)}
    mask = label_column or next((by_plain[name] for name in MASK if name in by_plain), None)
    if mask is None:
        raise DataError(f"{path}: no column for the masks among {listed(sheet.names)}; name it with --label-column")
    table = read_table(
        path, item="path", suffixes=suffixes, item_column=item_column, label_column=mask, split_column=split_column,
        group_column=group_column,
    )  # fmt: skip
    labels = [table.classes[k] for k in np.asarray(table.target).tolist()]
    rows = replace(sheet, lines=[0] * len(labels)) if len(labels) != len(sheet) else sheet
    masks, _ = existing(rows, labels, None, suffixes)
    parts = [""] * len(table) if table.split is None else [str(part) for part in table.split]
    return Found(
        name=table.name,
        pictures=[str(file) for file in table.items],
        ids=[str(name) for name in table.ids],
        masks=[str(file) for file in masks],
        parts=parts,
        classes=class_file(path.parent),
        group=table.group,
        said=table.said,
    )
