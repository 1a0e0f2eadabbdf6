"""Boxes in the usual layouts: one scene written in each of them reads the same, and what is wrong is named."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError
from multicnn.image.datasets.boxes import digit_boxes, open_boxes
from multicnn.image.datasets.boxes.yolo import yaml_names

# picture -> height, width, boxes in pixels from edge to edge
TRUTH = {
    "a": (60, 100, [("cat", 10.0, 20.0, 50.0, 40.0), ("dog", 0.0, 0.0, 100.0, 60.0)]),
    "b": (80, 40, [("dog", 4.0, 8.0, 20.0, 80.0)]),
    "c": (32, 32, []),
}
PARTS = {"a": "train", "b": "val", "c": "test"}


def picture(path: Path, height: int, width: int, orientation: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (width, height)).save(path, exif=exif)


def write_coco(root: Path) -> Path:
    for part in ("train", "val", "test"):
        images, annotations = [], []
        for i, (name, (h, w, boxes)) in enumerate(TRUTH.items()):
            if PARTS[name] != part:
                continue
            picture(root / "images" / f"{name}.jpg", h, w)
            images.append({"id": i, "file_name": f"{name}.jpg", "height": h, "width": w})
            for c, x1, y1, x2, y2 in boxes:
                number = 1 if c == "cat" else 7
                line = {"image_id": i, "category_id": number, "bbox": [x1, y1, x2 - x1, y2 - y1], "iscrowd": 0}
                annotations.append({"id": len(annotations), **line})
        names = [{"id": 1, "name": "cat"}, {"id": 7, "name": "dog"}, {"id": 9, "name": "cow"}]
        write_json(root / "annotations" / f"instances_{part}2017.json", images, annotations, names)
    return root


def write_json(path: Path, images: list, annotations: list, categories: list) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def write_voc(root: Path) -> Path:
    for name, (h, w, boxes) in TRUTH.items():
        picture(root / "JPEGImages" / f"{name}.jpg", h, w)
        things = "".join(
            f"<object><name>{c}</name><bndbox><xmin>{x1 + 1:g}</xmin><ymin>{y1 + 1:g}</ymin><xmax>{x2:g}</xmax>"
            f"<ymax>{y2:g}</ymax></bndbox></object>"
            for c, x1, y1, x2, y2 in boxes
        )
        size = f"<size><width>{w}</width><height>{h}</height><depth>3</depth></size>"
        text = f"<annotation><filename>{name}.jpg</filename>{size}{things}</annotation>"
        write(root / "Annotations" / f"{name}.xml", text)
        write(root / "ImageSets" / "Main" / f"{PARTS[name]}.txt", f"{name}\n")
    return root


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def write_yolo(root: Path) -> Path:
    for name, (h, w, boxes) in TRUTH.items():
        picture(root / "images" / PARTS[name] / f"{name}.jpg", h, w)
        lines = [yolo_line(int(c == "dog"), np.array(box) / [w, h, w, h]) for c, *box in boxes]
        if lines:
            write(root / "labels" / PARTS[name] / f"{name}.txt", "".join(lines))
    write(root / "data.yaml", "train: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n")
    return root


def yolo_line(number: int, box: np.ndarray) -> str:
    x1, y1, x2, y2 = box
    return f"{number} {(x1 + x2) / 2:.9f} {(y1 + y2) / 2:.9f} {x2 - x1:.9f} {y2 - y1:.9f}\n"


def write_rows(root: Path, columns: str = "path,label,x1,y1,x2,y2,split") -> Path:
    rows = [columns]
    for name, (h, w, boxes) in TRUTH.items():
        picture(root / f"{name}.jpg", h, w)
        for c, x1, y1, x2, y2 in boxes:
            edges = (x1, y1, x2 - x1, y2 - y1) if columns.split(",")[4] == "w" else (x1, y1, x2, y2)
            rows.append(f"{name}.jpg,{c},{','.join(f'{v:g}' for v in edges)},{PARTS[name]}")
        if not boxes:
            rows.append(f"{name}.jpg,,,,,,{PARTS[name]}")
    return write(root / "boxes.csv", "\n".join(rows) + "\n")


LAYOUTS: dict[str, Callable[[Path], Path]] = {
    "coco": write_coco,
    "voc": write_voc,
    "yolo": write_yolo,
    "rows": write_rows,
    "rows of sizes": lambda root: write_rows(root, "file,class,x,y,w,h,split".replace("x,y,w,h", "x,y,w,h")),
    "rows, other names": lambda root: write_rows(root, "image,class_name,xmin,ymin,xmax,ymax,subset"),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_every_layout_says_the_same(layout: Callable[[Path], Path], tmp_path: Path) -> None:
    table = open_boxes(layout(tmp_path / "data"))
    assert table.classes == ("cat", "dog")
    assert table.answer is not None
    assert table.split is not None
    found = {Path(item).stem: json.loads(line) for item, line in zip(table.items, table.answer, strict=True)}
    assert found == {
        name: {"size": [h, w], "boxes": [[c, *box] for c, *box in boxes]} for name, (h, w, boxes) in TRUTH.items()
    }
    assert {Path(i).stem: part for i, part in zip(table.items, table.split, strict=True)} == PARTS
    target = {Path(i).stem: line.tolist() for i, line in zip(table.items, table.target, strict=True)}
    assert target == {"a": [True, True], "b": [False, True], "c": [False, False]}
    assert any("3 boxes in 3 pictures" in said for said in table.said)
    assert any("1 pictures without a box" in said for said in table.said)


def rows(
    tmp_path: Path, *lines: str, columns: str = "path,label,x1,y1,x2,y2", size: tuple[int, int] = (60, 100)
) -> Table:
    picture(tmp_path / "a.jpg", *size)
    return open_boxes(write(tmp_path / "boxes.csv", "\n".join([columns, *lines]) + "\n"))


def test_boxes_are_cut_at_the_border_and_counted(tmp_path: Path) -> None:
    table = rows(tmp_path, "a.jpg,cat,-20,10,50,40", "a.jpg,cat,10,10,500,40", "a.jpg,cat,1,1,9,9")
    assert table.answer is not None
    boxes = json.loads(str(table.answer[0]))["boxes"]
    assert boxes == [["cat", 0, 10, 50, 40], ["cat", 10, 10, 100, 40], ["cat", 1, 1, 9, 9]]
    assert any(said.startswith("2 boxes cut that reach beyond the picture") for said in table.said)


def test_boxes_of_nothing_are_left_out_and_counted(tmp_path: Path) -> None:
    table = rows(tmp_path, "a.jpg,cat,10,10,10.5,40", "a.jpg,cat,200,10,300,40", "a.jpg,cat,1,1,9,9")
    assert table.answer is not None
    assert json.loads(str(table.answer[0]))["boxes"] == [["cat", 1, 1, 9, 9]]
    assert any(said.startswith("2 boxes left out") for said in table.said)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("a.jpg,cat,50,20,10,30", r"row 2: x2 10 is below x1 50.*call the columns x, y, w, h"),
        ("a.jpg,cat,50,x,60,30", r"row 2: .* are no four numbers"),
        ("a.jpg,,50,20,60,30", r"row 2: a box without a label"),
        ("a.jpg,cat,nan,20,60,30", r"row 2: a box of 'cat' is \[nan"),
        ("b.jpg,cat,1,2,6,3", r"row 2: no such file"),
        ("a.jpg,,,,,", r"none of its 1 pictures has a box"),
    ],
)
def test_bad_rows_are_named(line: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says):
        rows(tmp_path, line)


def test_a_table_without_edges_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no columns x1, y1, x2, y2 or x, y, w, h"):
        rows(tmp_path, "a.jpg,cat,3", columns="path,label,size")


def test_a_picture_of_another_size_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"is 100 x 60 pixels, its boxes were drawn on 640 x 480"):
        rows(tmp_path, "a.jpg,cat,1,1,9,9,640,480", columns="path,label,x1,y1,x2,y2,width,height")


@pytest.mark.parametrize("orientation", range(2, 9))
def test_pictures_turned_by_exif_are_refused_where_nothing_says_which_way(orientation: int, tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", 60, 100, orientation)
    with pytest.raises(DataError, match=rf"orientation is {orientation}, and nothing says"):
        open_boxes(write(tmp_path / "boxes.csv", "path,label,x1,y1,x2,y2\na.jpg,cat,1,1,9,9\n"))


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_boxes_on_the_stored_picture_turn_with_it(orientation: int, tmp_path: Path) -> None:
    """The box is white: where Pillow's own turn puts it, the box must be."""
    from PIL import ImageOps

    pixels = np.zeros((64, 96, 3), dtype=np.uint8)
    pixels[8:24, 40:80] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "a.png")))[..., 0] > 0
    line = "a.png,cat,40,8,80,24,96,64"
    path = write(tmp_path / "boxes.csv", f"path,label,x1,y1,x2,y2,width,height\n{line}\n")
    table = open_boxes(path)
    assert table.answer is not None
    answer = json.loads(str(table.answer[0]))
    (_, x1, y1, x2, y2), (height, width) = answer["boxes"][0], answer["size"]
    assert (height, width) == upright.shape
    own = np.zeros_like(upright)
    own[int(y1) : int(y2), int(x1) : int(x2)] = True
    np.testing.assert_array_equal(own, upright)


def test_boxes_on_the_upright_picture_stay(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", 60, 100, 6)
    columns = "path,label,x1,y1,x2,y2,width,height"
    table = open_boxes(write(tmp_path / "boxes.csv", f"{columns}\na.jpg,cat,1,70,9,90,60,100\n"))
    assert table.answer is not None
    assert json.loads(str(table.answer[0])) == {"size": [100, 60], "boxes": [["cat", 1, 70, 9, 90]]}


def coco(tmp_path: Path, **annotation: object) -> Path:
    picture(tmp_path / "a.jpg", 60, 100)
    line = {"id": 5, "image_id": 0, "category_id": 1, "bbox": [40, 30, 20, 10]} | annotation
    images = [{"id": 0, "file_name": "a.jpg", "height": 60, "width": 100}]
    return write_json(tmp_path / "coco.json", images, [line], [{"id": 1, "name": "cat"}])


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        ({"category_id": 3}, r"annotation 5 has category 3, which is none of \[1\]"),
        ({"image_id": 3}, r"annotation 5 is of picture 3, which the file does not list"),
        ({"bbox": [40, 30, 90, 60]}, r"look like \[left, top, right, bottom\]"),
        ({"bbox": [40, 30]}, r"no COCO file"),
        ({"bbox": None}, r"no COCO file"),
    ],
)
def test_bad_annotations_are_named(annotation: dict, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says):
        open_boxes(coco(tmp_path, **annotation))


def test_crowds_are_left_out_aloud(tmp_path: Path) -> None:
    path = coco(tmp_path)
    data = json.loads(path.read_text())
    data["annotations"].append(data["annotations"][0] | {"id": 6, "iscrowd": 1})
    path.write_text(json.dumps(data))
    table = open_boxes(path)
    assert any("1 regions of a crowd left out" in said for said in table.said)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("5 0.5 0.5 0.1 0.1", r"a.txt: line 1: class 5 has no name among 2"),
        ("0 50 30 20 10", r"a.txt: line 1: 50 is no share of the picture"),
        ("0 0.9 0.9 0.95 0.95", r"reach far beyond the picture"),
        ("0 0.5 0.5", r"3 numbers; give class, middle x"),
        ("cat 0.5 0.5 0.1 0.1", r"is no class number and shares"),
    ],
)
def test_bad_lines_of_yolo_are_named(line: str, says: str, tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg", 60, 100)
    write(tmp_path / "labels" / "a.txt", line)
    write(tmp_path / "data.yaml", "names: [cat, dog]\n")
    with pytest.raises(DataError, match=says):
        open_boxes(tmp_path)


def test_polygons_of_yolo_are_the_boxes_round_them(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg", 50, 100)
    write(tmp_path / "labels" / "a.txt", "0 0.1 0.2 0.5 0.1 0.4 0.6\n")
    table = open_boxes(tmp_path)
    assert table.answer is not None
    assert json.loads(str(table.answer[0]))["boxes"] == [["0", 10, 5, 50, 30]]


@pytest.mark.parametrize(
    "text",
    [
        "nc: 2\nnames: ['cat, big', dog]\n",
        'names: {0: "cat, big", 1: dog}  # two\n',
        "names:\n- cat, big\n- dog\nnc: 2\n",
        "names:\n  0: cat, big\n  1: 'dog'  # good\ntrain: a\n",
    ],
)
def test_names_are_read_however_yaml_writes_them(text: str) -> None:
    assert yaml_names(text) == {0: "cat, big", 1: "dog"}


def test_broken_xml_is_named(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", 60, 100)
    write(tmp_path / "a.xml", "<annotation><object>")
    with pytest.raises(DataError, match=r"a.xml: not valid XML"):
        open_boxes(tmp_path)
    write(tmp_path / "a.xml", "<annotation><object><name>cat</name></object></annotation>")
    with pytest.raises(DataError, match=r"a.xml: an object lacks its name or a number"):
        open_boxes(tmp_path)


def test_what_has_no_boxes_is_named(tmp_path: Path) -> None:
    picture(tmp_path / "cat" / "a.jpg", 60, 100)
    with pytest.raises(DataError, match="no boxes; give COCO's JSON"):
        open_boxes(tmp_path)
    with pytest.raises(UsageError, match="--label-column names a column"):
        open_boxes(tmp_path, label_column="label")


def test_made_scenes_are_the_same_every_time_and_their_boxes_hold_all_ink() -> None:
    table, again = digit_boxes(), digit_boxes()
    np.testing.assert_array_equal(table.items, again.items)
    assert table.answer is not None
    assert (table.answer == again.answer).all()  # pyright: ignore[reportOptionalMemberAccess]
    for pixels, line in zip(table.items[:50], table.answer[:50], strict=True):
        outside = pixels.copy()
        for _, x1, y1, x2, y2 in json.loads(str(line))["boxes"]:
            part = pixels[int(y1) : int(y2), int(x1) : int(x2)]
            assert all(edge.max() >= 32 for edge in (part[0], part[-1], part[:, 0], part[:, -1]))
            outside[int(y1) : int(y2), int(x1) : int(x2)] = 0
        assert not outside.any()
