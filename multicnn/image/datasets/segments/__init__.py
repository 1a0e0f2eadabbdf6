"""Pictures with masks, in the usual layouts."""

from pathlib import Path

from multicnn.data.layouts.layout import refuse_columns
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets.segments.coco import coco_files, is_coco, read_coco
from multicnn.image.datasets.segments.folders import read_folders
from multicnn.image.datasets.segments.scenes import digit_scenes
from multicnn.image.datasets.segments.sheets import read_sheet_of_masks
from multicnn.image.datasets.segments.slabs import slabs
from multicnn.image.datasets.segments.tabled import tabled
from multicnn.image.datasets.suffixes import ARRAYS, NIFTI, PICTURES

__all__ = ["digit_scenes", "open_segments"]

FILES = frozenset((*PICTURES, *ARRAYS, *NIFTI))


def open_segments(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """Folders `images/` and `masks/`, a table of pictures and masks, or COCO's JSON; see the modules here.

    Raises DataError for what is none of them, UsageError for a column that does not apply.
    """
    columns = {
        "--path-column": item_column,
        "--label-column": label_column,
        "--split-column": split_column,
        "--group-by": group_column,
    }
    if path.is_file() and not (path.suffix.lower() == ".json" and is_coco(path)):
        return tabled(
            read_sheet_of_masks(
                path,
                FILES,
                item_column=item_column,
                label_column=label_column,
                split_column=split_column,
                group_column=group_column,
            )
        )
    refuse_columns(columns, path, "no table")
    if path.is_file():
        return read_coco({"": path}, path.stem)
    if found := read_folders(path, FILES):
        return slabs(tabled(found))
    if files := coco_files(path):
        return read_coco(files, path.resolve().name)
    raise DataError(
        f"{path}: no pictures with masks; put them in {path.name}/images and {path.name}/masks under the same names, "
        "or give a table with columns image and mask, or a COCO file"
    )
