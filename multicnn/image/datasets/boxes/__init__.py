"""Pictures with boxes, in the usual layouts."""

from pathlib import Path

from multicnn.data.layouts.layout import refuse_columns
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets.boxes.coco import read_coco
from multicnn.image.datasets.boxes.digits import digit_boxes, digit_place
from multicnn.image.datasets.boxes.openimages import read_listed
from multicnn.image.datasets.boxes.rows import read_rows
from multicnn.image.datasets.boxes.voc import read_voc, voc_files
from multicnn.image.datasets.boxes.yolo import is_yolo, read_yolo
from multicnn.image.datasets.openimages import open_lists
from multicnn.image.datasets.segments.coco import coco_files, is_coco

__all__ = ["digit_boxes", "digit_place", "open_boxes"]


def open_boxes(
    path: Path,
    *,
    item_column: str | None = None,
    label_column: str | None = None,
    split_column: str | None = None,
    group_column: str | None = None,
) -> Table:
    """COCO's JSON, VOC's XML, YOLO's text files, Open Images' lists, or a table with a row a box; see the modules here.

    Raises DataError for what is none of them, UsageError for a column that does not apply.
    """
    columns = {
        "--path-column": item_column,
        "--label-column": label_column,
        "--split-column": split_column,
        "--group-by": group_column,
    }
    listed = (path.is_dir() or path.suffix.lower() == ".csv") and not any(columns.values())
    if listed and (lists := open_lists(path, boxes=True)):
        return read_listed(lists)
    coco = path.is_file() and path.suffix.lower() == ".json" and is_coco(path)
    if path.is_file() and not coco:
        return read_rows(
            path,
            item_column=item_column,
            label_column=label_column,
            split_column=split_column,
            group_column=group_column,
        )
    refuse_columns(columns, path, "no table")
    if coco:
        return read_coco({"": path}, path.parent)
    if files := coco_files(path):
        return read_coco(files, path)
    if is_yolo(path):
        return read_yolo(path)
    if xml := voc_files(path):
        return read_voc(xml, path)
    raise DataError(
        f"{path}: no boxes; give COCO's JSON, VOC's XML files, YOLO's folders images and labels, "
        "or a table with columns path, label, x1, y1, x2, y2"
    )
