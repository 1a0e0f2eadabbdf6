"""Pictures with the outlines of objects, in the usual layouts."""

from pathlib import Path

from multicnn.data.layouts.layout import refuse_columns
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets.boxes.yolo import is_yolo
from multicnn.image.datasets.instances.coco import read_coco
from multicnn.image.datasets.instances.digits import digit_instances
from multicnn.image.datasets.instances.folders import read_masks, read_voc, voc_folders
from multicnn.image.datasets.instances.yolo import read_yolo
from multicnn.image.datasets.segments.coco import coco_files, is_coco
from multicnn.image.datasets.suffixes import PICTURES

__all__ = ["digit_instances", "open_instances"]

FILES = frozenset(PICTURES)


def open_instances(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """COCO's JSON, VOC's folders, YOLO's polygons, or masks that number objects; see the modules here.

    Raises DataError for what is none of them, UsageError for a column, as none of these is a table.
    """
    columns = {
        "--path-column": item_column,
        "--label-column": label_column,
        "--split-column": split_column,
        "--group-by": group_column,
    }
    refuse_columns(columns, path, "no table")
    if path.is_file() and path.suffix.lower() == ".json" and is_coco(path):
        return read_coco({"": path}, path.parent)
    if path.is_dir():
        if files := coco_files(path):
            return read_coco(files, path)
        if voc := voc_folders(path):
            return read_voc(path, voc, FILES)
        if is_yolo(path):
            return read_yolo(path)
        if masks := read_masks(path, FILES):
            return masks
    raise DataError(
        f"{path}: no outlines of objects; give COCO's JSON, VOC's SegmentationObject and SegmentationClass, YOLO's "
        "folders images and labels with polygons, or folders images and masks, whose numbers are objects"
    )
