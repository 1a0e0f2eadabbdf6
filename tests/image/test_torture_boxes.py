"""Odd and broken boxes: each set trains on the boxes it was made from, or is refused by name; no file is touched."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from multicnn.image.datasets.boxes import open_boxes

N, H, W = 8, 30, 40
BOX = (10.0, 6.0, 30.0, 24.0)  # of every picture, unless a case says otherwise
USUAL = "path,label,x1,y1,x2,y2"
Boxes = list[list[Any]]


def pictures(root: Path, orientation: int = 1) -> Path:
    root.mkdir(parents=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    for i in range(N):
        pixels = np.random.default_rng(i).integers(0, 90, (H, W, 3), dtype=np.uint8)
        pixels[6:24, 10:30] += 120
        Image.fromarray(pixels).save(root / f"{i}.png", exif=exif)
    return root


def table(*rows: str, header: str = USUAL, usual: str = "cat,10,6,30,24", **settings: Any) -> Callable[[Path], Path]:
    """A row for each picture but the first, and these rows."""

    def make(root: Path) -> Path:
        pictures(root, **settings)
        lines = [header, *rows, *(f"{i}.png,{usual}" for i in range(1, N))]
        (root / "boxes.csv").write_text("\n".join(lines) + "\n", "utf-8")
        return root / "boxes.csv"

    return make


def coco(change: Callable[[dict[str, Any]], Any], **settings: Any) -> Callable[[Path], Path]:
    """A file of one box a picture, changed."""

    def make(root: Path) -> Path:
        pictures(root, **settings)
        boxes = [{"id": i, "image_id": i, "category_id": 1, "bbox": [10, 6, 20, 18]} for i in range(N)]
        data = {
            "images": [{"id": i, "file_name": f"{i}.png", "height": H, "width": W} for i in range(N)],
            "annotations": boxes,
            "categories": [{"id": 1, "name": "cat"}],
        }
        change(data)
        (root / "coco.json").write_text(json.dumps(data), "utf-8")
        return root / "coco.json"

    return make


def first(**values: Any) -> Callable[[dict[str, Any]], Any]:
    """Change the first annotation."""
    return lambda data: data["annotations"][0].update(values)


def all_boxes(data: dict[str, Any], box: list[Any]) -> None:
    for line in data["annotations"]:
        line["bbox"] = box


def yolo(line: str, usual: str = "0 0.5 0.5 0.5 0.6", names: str = "names: [cat, dog]\n") -> Callable[[Path], Path]:
    """Text files, the first with this line."""

    def make(root: Path) -> Path:
        pictures(root / "images")
        (root / "labels").mkdir()
        for i in range(N):
            (root / "labels" / f"{i}.txt").write_text((line if i == 0 else usual) + "\n")
        (root / "data.yaml").write_text(names)
        return root

    return make


def voc(first_object: str, usual: str = "<xmin>11</xmin><ymin>7</ymin><xmax>30</xmax><ymax>24</ymax>") -> Callable:
    """XML files, the first with this object."""

    def make(root: Path) -> Path:
        pictures(root)
        for i in range(N):
            box = f"<object><name>cat</name><bndbox>{usual}</bndbox></object>"
            text = f"<annotation><filename>{i}.png</filename>{first_object if i == 0 else box}</annotation>"
            (root / f"{i}.xml").write_text(text)
        return root

    return make


def written(name: str, content: str) -> Callable[[Path], Path]:
    """One file beside the pictures."""

    def make(root: Path) -> Path:
        pictures(root)
        (root / name).write_text(content)
        return root / name

    return make


ONE: Boxes = [["cat", *BOX]]
OBJECT = "<object><name>cat</name><bndbox><xmin>{}</xmin><ymin>7</ymin><xmax>30</xmax><ymax>24</ymax></bndbox></object>"
Good = tuple[Callable[[Path], Path], Boxes, str]  # a set, the first picture's boxes, what is said
GOOD: dict[str, Good] = {
    "plain": (table("0.png,cat,10,6,30,24"), ONE, "8 boxes in 8 pictures"),
    "none in a picture": (table("0.png,,,,,"), [], "1 pictures without a box, kept as background"),
    "zero width": (table("0.png,cat,10,6,10,24"), [], "1 boxes left out that are thinner than a pixel"),
    "wholly outside": (table("0.png,cat,50,6,70,24"), [], "1 boxes left out that are thinner than a pixel or outside"),
    "negative": (table("0.png,cat,-10,-6,30,24"), [["cat", 0, 0, 30, 24]], "1 boxes cut that reach beyond"),
    "beyond the border": (table("0.png,cat,10,6,90,99"), [["cat", 10, 6, W, H]], "1 boxes cut that reach beyond"),
    "huge": (table("0.png,cat,10,6,1e300,24"), [["cat", 10, 6, W, 24]], "1 boxes cut that reach beyond"),
    "fractional": (table("0.png,cat,10.25,6.5,30,24"), [["cat", 10.25, 6.5, 30, 24]], "8 boxes in 8"),
    "the same twice": (table(*["0.png,cat,10,6,30,24"] * 2), ONE * 2, "9 boxes in 8 pictures"),
    "shares": (table("0.png,cat,.25,.2,.75,.8", usual="cat,.25,.2,.75,.8"), ONE, "they are shares"),
    "corner, size": (table("0.png,cat,10,6,20,18", header="path,label,x,y,w,h", usual="cat,10,6,20,18"), ONE, "x, y"),
    "columns in another order": (
        table("0.png,cat,24,30,6,10", header="path,label,ymax,xmax,ymin,xmin", usual="cat,24,30,6,10"), ONE, "xmin"),
    "names with spaces and commas": (
        table('0.png,"мама, cat no. 1",10,6,30,24', usual='"мама, cat no. 1",10,6,30,24'),
        [["мама, cat no. 1", *BOX]], "8 boxes"),
    "turned, with its size": (coco(lambda data: None, orientation=6), [["cat", 6, 10, 24, 30]], "turned upright"),
    "shares in COCO": (coco(lambda data: all_boxes(data, [0.25, 0.2, 0.5, 0.6])), ONE, "they are shares"),
    "numbers as strings": (coco(first(bbox=["10", "6", "20.0", "18"])), ONE, "8 boxes in 8 pictures"),
    "negative size": (coco(first(bbox=[30, 24, -20, -18])), [], "1 boxes left out that are thinner than a pixel"),
    "no annotation of a picture": (coco(lambda data: data["annotations"].pop(0)), [], "1 pictures without a box"),
    "unused category": (coco(lambda d: d["categories"].append({"id": 2, "name": "dog"})), ONE, "left out: dog"),
    "a crowd": (coco(first(iscrowd=1)), [], "1 regions of a crowd left out"),
    "empty label file": (yolo(""), [], "1 pictures without a box"),
    "polygon in YOLO": (yolo("0 0.25 0.2 0.75 0.2 0.5 0.8"), ONE, "polygons read as the boxes"),
    "scores in YOLO": (yolo("0 0.5 0.5 0.5 0.6 0.99"), ONE, "8 boxes in 8 pictures"),
    "no object in VOC": (voc(""), [], "1 pictures without a box"),
    "VOC": (voc(OBJECT.format(11)), ONE, "counted from 1"),
}  # fmt: skip
BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "corners swapped": (table("0.png,cat,30,6,10,24"), r"boxes\.csv: row 2: x2 10 is below x1 30"),
    "not a number": (table("0.png,cat,nan,6,30,24"), r"boxes\.csv: row 2: a box of 'cat' is \[nan, 6\.0"),
    "infinite": (table("0.png,cat,10,6,inf,24"), r"boxes\.csv: row 2: a box of 'cat' is .*inf"),
    "words for numbers": (table("0.png,cat,ten,6,30,24"), r"boxes\.csv: row 2: .*'ten'.* are no four numbers"),
    "half a box": (table("0.png,cat,10,6,,"), r"boxes\.csv: row 2: .* are no four numbers"),
    "no label": (table("0.png,,10,6,30,24"), r"boxes\.csv: row 2: a box without a label"),
    "columns swapped": (table("cat,0.png,10,6,30,24"), r"boxes\.csv: row 2: 'cat' does not end in"),
    "picture missing": (table("99.png,cat,10,6,30,24"), r"boxes\.csv: row 2: no such file .*99\.png"),
    "no columns of boxes": (table("0.png,cat", header="path,label", usual="cat"), r"boxes\.csv: no columns x1, y1"),
    "header alone": (written("boxes.csv", USUAL + "\n"), r"boxes\.csv: no sample in the table"),
    "empty table": (written("boxes.csv", ""), r"boxes\.csv: the table is empty"),
    "no box at all": (table("0.png,,,,,", usual=",,,,"), r"boxes: none of its 8 pictures has a box"),
    "turned, nothing says which way": (table("0.png,cat,10,6,30,24", orientation=6), r"\d\.png: its EXIF orientation"),
    "corners in COCO": (coco(lambda data: all_boxes(data, [10, 6, 35, 29])), r"coco\.json: its boxes look like \[left"),
    "unknown category": (coco(first(category_id=7)), r"coco\.json: annotation 0 has category 7, which is none of"),
    "unknown picture": (coco(first(image_id=77)), r"coco\.json: annotation 0 is of picture 77"),
    "two pictures of one id": (coco(lambda d: d["images"][1].update(id=0)), r"coco\.json: two images have the id '0'"),
    "a picture twice": (coco(lambda d: d["images"][1].update(file_name="0.png")), r"two images have the file_name '0"),
    "two categories of one id": (
        coco(lambda d: d["categories"].append({"id": 1, "name": "dog"})), r"coco\.json: two categories have the id"),
    "not a number in COCO": (coco(first(bbox=[float("nan"), 6, 20, 18])), r"coco\.json: picture 0\.png: a box of"),
    "three numbers": (coco(first(bbox=[10, 6, 20])), r"coco\.json: no COCO file \(ValueError"),
    "drawn on another size": (coco(lambda d: d["images"][0].update(width=640)), r"0\.png is 40 x 30 pixels, its boxes"),
    "picture of COCO gone": (coco(lambda d: d["images"][0].update(file_name="9.png")), r"coco\.json: no picture named"),
    "empty JSON": (written("coco.json", ""), r"coco\.json: "),
    "empty object": (written("coco.json", "{}"), r"coco\.json: "),
    "cut JSON": (written("coco.json", '{"images": [], "annotations": [{"id"'), r"coco\.json: "),
    "pixels in YOLO": (yolo("0 20 15 20 18"), r"0\.txt: line 1: 20 is no share of the picture"),
    "corners in YOLO": (yolo("0 0.9 0.8 0.95 0.99"), r"0\.txt: line 1: the box would reach far beyond the picture"),
    "class out of range": (yolo("2 0.5 0.5 0.5 0.6"), r"0\.txt: line 1: class 2 has no name among 2"),
    "class by name in YOLO": (yolo("cat 0.5 0.5 0.5 0.6"), r"0\.txt: line 1: .* is no class number and shares"),
    "not a number in YOLO": (yolo("0 nan 0.5 0.5 0.6"), r"0\.txt.*nan"),
    "too few in YOLO": (yolo("0 0.5 0.5"), r"0\.txt: line 1: 3 numbers; give class, middle x"),
    "no bndbox": (voc("<object><name>cat</name></object>"), r"0\.xml: an object lacks its name or a number of its box"),
    "no name": (voc(OBJECT.format(11).replace("cat", "")), r"0\.xml: an object lacks its name"),
    "not a number in VOC": (voc(OBJECT.format("nan")), r"0\.xml: a box of 'cat' is \[nan"),
    "corners swapped in VOC": (voc(OBJECT.format(35)), r"0\.xml: .*right edge 30\.0 before left 35\.0"),
    "cut XML": (voc("<object><name>cat</name>"), r"0\.xml: not valid XML"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_set_trains_on_the_boxes_it_was_made_from(name: str, tmp_path: Path, trains: Callable) -> None:
    make, boxes, note = GOOD[name]
    data = make(tmp_path / "data")
    said = trains(data, "detect")
    assert (said.code, said.errors) == (0, [])
    assert note in said.notes
    table = open_boxes(data)
    assert table.answer is not None
    found = {Path(i).name: json.loads(str(a))["boxes"] for i, a in zip(table.ids, table.answer, strict=True)}
    assert found["0.png"] == boxes
    assert len(found) == N


@pytest.mark.parametrize("name", BAD)
def test_a_bad_box_is_refused_in_one_line_that_names_it(name: str, tmp_path: Path, trains: Callable) -> None:
    make, reason = BAD[name]
    said = trains(make(tmp_path / "data"), "detect")
    assert said.code == 3
    assert len(said.errors) == 1
    assert re.search(reason, said.errors[0]), said.errors[0]
    assert not (tmp_path / "run").exists()
