"""Outlines in the usual layouts: one scene written in each of them reads the same, and what is wrong is named."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn.data.table import Table, asked
from multicnn.errors import DataError, UsageError
from multicnn.image.datasets.instances import digit_instances, open_instances
from multicnn.image.instances.reader import PieceReader, plan_pieces
from multicnn.image.reader import ImageReader
from multicnn.image.rle import compress, runs_of
from multicnn.image.stacks import stack_of
from multicnn.tasks.pieces import pack

# picture -> height, width, class and rows and columns of each object
TRUTH = {
    "a": (60, 100, [("cat", 20, 40, 10, 50), ("dog", 5, 15, 0, 90)]),
    "b": (80, 40, [("dog", 8, 80, 4, 20), ("dog", 0, 6, 30, 40)]),
    "c": (32, 32, []),
}
PARTS = {"a": "train", "b": "val", "c": "test"}
NAMES = ("cat", "dog")


def picture(path: Path, height: int, width: int, orientation: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (width, height)).save(path, exif=exif)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def mask(height: int, width: int, top: int, bottom: int, left: int, right: int) -> np.ndarray:
    out = np.zeros((height, width), dtype=bool)
    out[top:bottom, left:right] = True
    return out


def polygon(top: int, bottom: int, left: int, right: int) -> list[list[float]]:
    return [[left, top, right, top, right, bottom, left, bottom]]


def coco_shape(form: str, size: tuple[int, int], edges: tuple[int, int, int, int]) -> object:
    if form == "polygons":
        return polygon(*edges)
    runs = runs_of(mask(*size, *edges))
    return {"size": [*size], "counts": compress(runs) if form == "text" else runs}


def write_coco(root: Path, form: str, parts: tuple[str, ...] = ("train", "val", "test")) -> Path:
    for part in parts:
        images, annotations = [], []
        for i, (name, (h, w, objects)) in enumerate(TRUTH.items()):
            if PARTS[name] != part:
                continue
            picture(root / "images" / f"{name}.jpg", h, w)
            images.append({"id": i, "file_name": f"{name}.jpg", "height": h, "width": w})
            for c, *edges in objects:
                line = {"image_id": i, "category_id": 1 + 6 * NAMES.index(c), "iscrowd": 0}
                annotations.append({"id": len(annotations), "segmentation": coco_shape(form, (h, w), edges), **line})
        names = [{"id": 1, "name": "cat"}, {"id": 7, "name": "dog"}, {"id": 9, "name": "cow"}]
        content = {"images": images, "annotations": annotations, "categories": names}
        write(root / "annotations" / f"instances_{part}2017.json", json.dumps(content))
    return root


def write_yolo(root: Path) -> Path:
    for name, (h, w, objects) in TRUTH.items():
        picture(root / "images" / PARTS[name] / f"{name}.jpg", h, w)
        for c, *edges in objects:
            corners = np.array(polygon(*edges)[0]).reshape(-1, 2) / [w, h]
            line = f"{NAMES.index(c)} {' '.join(f'{v:.9f}' for v in corners.ravel())}\n"
            file = root / "labels" / PARTS[name] / f"{name}.txt"
            write(file, (file.read_text() if file.exists() else "") + line)
    write(root / "data.yaml", "train: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n")
    return root


def numbers(height: int, width: int, objects: list, start: int = 1) -> np.ndarray:
    out = np.zeros((height, width), dtype=np.uint16)
    for n, (_, *edges) in enumerate(objects, start=start):
        out[mask(height, width, *edges)] = n
    return out


def write_voc(root: Path) -> Path:
    for name, (h, w, objects) in TRUTH.items():
        picture(root / "JPEGImages" / f"{name}.jpg", h, w)
        kinds = np.zeros((h, w), dtype=np.uint8)
        for c, *edges in objects:
            kinds[mask(h, w, *edges)] = {"cat": 8, "dog": 12}[c]
        owner = numbers(h, w, objects).astype(np.uint8)
        owner[-1, -1] = kinds[-1, -1] = 255
        for kind, array in (("Object", owner), ("Class", kinds)):
            file = root / f"Segmentation{kind}" / f"{name}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            image = Image.fromarray(array)
            image.putpalette(bytes(range(256)) * 3)
            image.save(file)
        file = root / "ImageSets" / "Segmentation" / f"{PARTS[name]}.txt"
        write(file, f"{name}\n")
    return root


def write_layers(root: Path, suffix: str = "png") -> Path:
    """A folder a class, objects numbered from 300."""
    for name, (h, w, objects) in TRUTH.items():
        picture(root / PARTS[name] / "images" / f"{name}.png", h, w)
        for c in NAMES:
            file = root / PARTS[name] / "masks" / c / f"{name}.{suffix}"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(numbers(h, w, [o for o in objects if o[0] == c], start=300)).save(file)
    return root


LAYOUTS: dict[str, Callable[[Path], Path]] = {
    "coco polygons": lambda root: write_coco(root, "polygons"),
    "coco runs": lambda root: write_coco(root, "runs"),
    "coco text": lambda root: write_coco(root, "text"),
    "voc": write_voc,
    "yolo": write_yolo,
    "layers": write_layers,
    "layers of tiff": lambda root: write_layers(root, "tif"),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_every_layout_says_the_same(layout: Callable[[Path], Path], tmp_path: Path) -> None:
    table = open_instances(layout(tmp_path / "data"))
    assert table.classes == NAMES
    assert table.answer is not None
    assert table.split is not None
    assert {Path(i).stem: part for i, part in zip(table.items, table.split, strict=True)} == PARTS
    target = {Path(i).stem: line.tolist() for i, line in zip(table.items, table.target, strict=True)}
    assert target == {"a": [True, True], "b": [False, True], "c": [False, False]}
    for item, line in zip(table.items, table.answer, strict=True):
        h, w, objects = TRUTH[Path(item).stem]
        found = stack_of(json.loads(line))
        said = json.loads(line)
        assert tuple(said["size"]) == (h, w)
        assert said["count"] == len(objects)
        own = [(c, (found.owner == n).tolist()) for n, c in enumerate(found.labels, start=1)]
        expected = [(c, mask(h, w, *edges).tolist()) for c, *edges in objects]
        assert sorted(own) == sorted(expected)
    assert any("4 objects in 3 pictures" in said for said in table.said)
    assert any("1 pictures without an object" in said for said in table.said)


def test_masks_of_one_class_number_objects(tmp_path: Path) -> None:
    for name, (h, w, objects) in TRUTH.items():
        picture(tmp_path / "images" / f"{name}.png", h, w)
        (tmp_path / "masks").mkdir(exist_ok=True)
        Image.fromarray(numbers(h, w, objects)).save(tmp_path / "masks" / f"{name}.png")
    table = open_instances(tmp_path)
    assert table.classes == ("object",)
    assert "masks number the objects of object" in table.said
    write(tmp_path / "classes.txt", "background\nnucleus\n")
    assert open_instances(tmp_path).classes == ("nucleus",)
    write(tmp_path / "classes.txt", "background\nnucleus\ncell\n")
    with pytest.raises(DataError, match=r"names 2 classes.*masks/CLASS/"):
        open_instances(tmp_path)


def test_a_mask_of_one_object_is_said_aloud(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.png", 20, 30)
    (tmp_path / "masks").mkdir()
    Image.fromarray(numbers(20, 30, [("x", 1, 5, 2, 9)]) * 255).save(tmp_path / "masks" / "a.png")
    assert any("no mask numbers more than one object" in said for said in open_instances(tmp_path).said)


def coco(tmp_path: Path, *annotations: dict) -> Path:
    picture(tmp_path / "a.jpg", 60, 100)
    usual = {"image_id": 0, "category_id": 1, "segmentation": polygon(30, 40, 40, 60)}
    lines = [{"id": n, **usual, **a} for n, a in enumerate(annotations)]
    images = [{"id": 0, "file_name": "a.jpg", "height": 60, "width": 100}]
    content = {"images": images, "annotations": lines, "categories": [{"id": 1, "name": "cat"}]}
    return write(tmp_path / "coco.json", json.dumps(content))


def test_smaller_objects_lie_on_top_and_the_covered_are_counted(tmp_path: Path) -> None:
    small = {"segmentation": polygon(20, 24, 50, 60)}
    table = open_instances(coco(tmp_path, small, {"segmentation": polygon(10, 40, 40, 80)}))
    assert table.answer is not None
    found = stack_of(json.loads(str(table.answer[0])))
    assert ((found.owner == 1).sum(), (found.owner == 2).sum()) == (40, 1200 - 40)
    assert any(said.startswith("1 of 2 objects of the first 1 pictures lie partly under") for said in table.said)


def test_objects_of_layers_lie_smaller_on_top(tmp_path: Path) -> None:
    files = {}
    for name, edges in (("small", (4, 8, 4, 8)), ("large", (0, 20, 0, 6))):
        files[name] = str(tmp_path / f"{name}.png")
        Image.fromarray(numbers(20, 30, [(name, *edges)])).save(files[name])
    for order in (files, dict(reversed(files.items()))):
        found = stack_of({"layers": order})
        sizes = {c: int((found.owner == n).sum()) for n, c in enumerate(found.labels, start=1)}
        assert sizes == {"small": 16, "large": 120 - 8}
        assert found.covered == 1
    Image.fromarray(np.zeros((9, 9), np.uint16)).save(files["small"])
    with pytest.raises(DataError, match=r"20 x 30 beside 9 x 9 pixels of another class"):
        stack_of({"layers": files})


def test_crowds_and_boxes_without_outline_are_left_out_aloud(tmp_path: Path) -> None:
    table = open_instances(coco(tmp_path, {}, {"iscrowd": 1}, {"segmentation": []}))
    assert table.answer is not None
    assert json.loads(str(table.answer[0]))["count"] == 1
    assert any("1 regions of a crowd left out" in said for said in table.said)
    assert any("1 objects without a segmentation left out" in said for said in table.said)


def test_polygons_beyond_the_picture_are_cut_or_left_out_aloud(tmp_path: Path) -> None:
    beyond, outside = polygon(-20, 10, 90, 130), polygon(70, 90, 10, 20)
    table = open_instances(coco(tmp_path, {"segmentation": beyond}, {"segmentation": outside}))
    assert table.answer is not None
    assert (stack_of(json.loads(str(table.answer[0]))).owner > 0).sum() == 100
    assert any(said.startswith("1 objects cut that reach beyond the picture") for said in table.said)
    assert any(said.startswith("1 objects left out that are thinner than a pixel or outside") for said in table.said)


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        ({"category_id": 3}, r"annotation 0 has category 3, which is none of \[1\]"),
        ({"segmentation": [["x", 1, 2, 3, 4, 5]]}, r"annotation 0: a polygon of .*give lists of x and y"),
        ({"segmentation": [[0, 0, float("nan"), 1, 2, 2]]}, r"corners that are no numbers"),
        ({"iscrowd": 1}, r"none of its 1 pictures has an object"),
    ],
)
def test_bad_annotations_are_named(annotation: dict, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says):
        open_instances(coco(tmp_path, annotation))


def read(table: Table) -> np.ndarray:
    """The truth of the first picture, as it is."""
    assert table.answer is not None
    height, width = json.loads(str(table.answer[0]))["size"]
    reader = plan_pieces(table, ImageReader(size=(height, width), channels=3, resize="pad"))
    return reader(asked(table).items[0])


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        ({"segmentation": {"size": [60, 100], "counts": [5, 6]}}, r"a.jpg: 'cat' has runs of 11 pixels"),
        ({"segmentation": [[10, 10, 30, 30]]}, r"a.jpg: 'cat' has a polygon of 4 numbers"),
        ({"segmentation": "x"}, r"a.jpg: 'cat' has a segmentation that is neither"),
    ],
)
def test_bad_shapes_are_named(annotation: dict, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says):
        read(open_instances(coco(tmp_path, annotation)))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("5 0.1 0.2 0.5 0.1 0.4 0.6", r"a.txt: line 1: class 5 has no name among 2"),
        ("0 10 20 50 10 40 60", r"a.txt: line 1: 60 is no share of the picture"),
        ("0 0.5 0.5 0.1 0.1", r"a.txt: line 1: a box, no polygon; take --task detect"),
        ("0 0.5 0.5 0.1 0.1 0.2 0.3 0.4", r"8 numbers; give class, then x and y"),
        ("cat 0.5 0.5 0.1 0.1 0.2 0.3", r"is no class number and shares"),
    ],
)
def test_bad_lines_of_yolo_are_named(line: str, says: str, tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg", 60, 100)
    write(tmp_path / "labels" / "a.txt", line)
    write(tmp_path / "data.yaml", "names: [cat, dog]\n")
    with pytest.raises(DataError, match=says):
        open_instances(tmp_path)


def test_turned_pictures_of_yolo_are_refused(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg", 60, 100, orientation=6)
    write(tmp_path / "labels" / "a.txt", "0 0.1 0.2 0.5 0.1 0.4 0.6")
    with pytest.raises(DataError, match=r"EXIF orientation is 6, and nothing says"):
        open_instances(tmp_path)


def masks(tmp_path: Path, array: np.ndarray) -> Table:
    for name in ("a", "b"):
        picture(tmp_path / "images" / f"{name}.png", 20, 30)
        (tmp_path / "masks").mkdir(exist_ok=True)
        own = array if name == "a" else numbers(20, 30, [("x", 2, 9, 3, 20), ("x", 10, 15, 3, 9)])
        Image.fromarray(own).save(tmp_path / "masks" / f"{name}.png")
    return open_instances(tmp_path)


def test_masks_that_cannot_be_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a.png: the mask has 9 x 9 pixels"):
        read(masks(tmp_path, np.ones((9, 9), np.uint8)))
    colours = np.zeros((20, 30, 3), np.uint8)
    colours[3, 4] = [1, 2, 3]
    with pytest.raises(DataError, match=r"a.png: a mask of colours; save the numbers"):
        read(masks(tmp_path, colours))
    table = masks(tmp_path, np.ones((20, 30), np.uint8))
    (tmp_path / "masks" / "a.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"a.png"):
        read(table)
    Image.fromarray(np.full((20, 30), -1, np.int32)).save(tmp_path / "masks" / "a.tif")
    with pytest.raises(DataError, match=r"object number -1; number objects from 1"):
        stack_of({"layers": {"x": str(tmp_path / "masks" / "a.tif")}})


def test_a_number_of_voc_without_a_class_is_named(tmp_path: Path) -> None:
    root = write_voc(tmp_path)
    Image.fromarray(np.zeros((60, 100), np.uint8)).save(root / "SegmentationClass" / "a.png")
    with pytest.raises(DataError, match=r"a.png: object 1 lies on class number 0 of .*, which is no class"):
        open_instances(root)
    Image.fromarray(np.zeros((6, 10), np.uint8)).save(root / "SegmentationClass" / "a.png")
    with pytest.raises(DataError, match=r"60 x 100 beside 6 x 10 pixels"):
        open_instances(root)


def test_what_has_no_outlines_is_named(tmp_path: Path) -> None:
    picture(tmp_path / "cat" / "a.jpg", 60, 100)
    with pytest.raises(DataError, match="no outlines of objects; give COCO's JSON"):
        open_instances(tmp_path)
    with pytest.raises(UsageError, match="--label-column names a column"):
        open_instances(tmp_path, label_column="label")


def test_objects_become_cells_in_the_nets_geometry(tmp_path: Path) -> None:
    """60 x 100 in 32 x 32 by "pad": 19 rows from the seventh on."""
    path = coco(tmp_path, {"segmentation": polygon(0, 30, 50, 100)}, {"segmentation": polygon(0, 60, 0, 50)})
    table = open_instances(path)
    reader = plan_pieces(table, ImageReader(size=(32, 32), channels=3, resize="pad"))
    expected = np.zeros((32, 32), dtype=int)
    expected[6:25, :16] = 2
    expected[6:15, 16:] = 1
    found = reader(asked(table).items[0])
    owner = found[4:].reshape(32, 32)
    assert (owner != expected).mean() < 0.04  # a row that straddles the edge
    assert set(np.unique(owner)) == {0, 1, 2}
    assert PieceReader(**reader.settings()).settings() == reader.settings()


def test_what_a_crop_cuts_off_is_gone(tmp_path: Path) -> None:
    """The middle 60 x 60 of 60 x 100 remains: of the first object a tenth, of the second a quarter."""
    path = coco(tmp_path, {"segmentation": polygon(0, 60, 2, 22)}, {"segmentation": polygon(10, 60, 5, 25)})
    reader = plan_pieces(open_instances(path), ImageReader(size=(60, 60), channels=3, resize="crop"))
    found = reader(asked(open_instances(path)).items[0])
    assert found[2:4].tolist() == [-1, 0]
    assert set(np.unique(found[4:])) == {0, 2}


def test_made_scenes_are_the_same_every_time_and_lie_over_each_other() -> None:
    table, again = digit_instances(), digit_instances()
    np.testing.assert_array_equal(table.items, again.items)
    assert table.answer is not None
    assert (table.answer == again.answer).all()  # pyright: ignore[reportOptionalMemberAccess]
    touching = 0
    for pixels, line in zip(table.items[:50], table.answer[:50], strict=True):
        found = stack_of(json.loads(str(line)))
        assert found.labels
        assert pixels[found.owner > 0].min() > 40
        assert np.bincount(found.owner.ravel(), minlength=len(found.labels) + 1).min() > 5
        side = found.owner[:, 1:], found.owner[:, :-1]
        touching += int(((side[0] > 0) & (side[1] > 0) & (side[0] != side[1])).any())
    assert touching > 20


def test_packing_needs_numbers_that_fit() -> None:
    table = digit_instances()
    assert table.answer is not None
    line = json.dumps(json.loads(str(table.answer[0])) | {"count": 40_000})
    table.answer[0] = line
    with pytest.raises(DataError, match=r"scene-0: 40,000 objects, 32,767 are the most"):
        plan_pieces(table, ImageReader(size=(64, 64), channels=1, resize="pad"))
    assert pack(np.zeros((2, 3), int), np.array([1])).tolist() == [2, 3, 1, 0, 0, 0, 0, 0, 0]
