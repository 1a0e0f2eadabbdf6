"""Every layout of pictures with masks, made small: the same masks are read from each."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn.data.table import Table, asked
from multicnn.errors import DataError, UsageError
from multicnn.image.datasets.segments import digit_scenes, open_segments
from multicnn.image.datasets.segments.names import VOC, colour, read_names
from multicnn.image.masks import MaskReader

N = 4
SIZE = (12, 16)
Save = Callable[[np.ndarray, Path], None]


def truth(number: int, classes: int = 3) -> np.ndarray:
    """Stripes of all classes, another place in each picture.  -> h w"""
    mask = np.zeros(SIZE, np.uint8)
    for k in range(1, classes):
        mask[:, (3 * k + number) % 16] = k
    mask[0, 0] = number % classes
    return mask


def save(array: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def palette(mask: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(mask)
    picture.putpalette(bytes(v for k in range(256) for v in colour(k)))
    picture.save(path)


def coloured(mask: np.ndarray, path: Path) -> None:
    save(np.array([colour(k) for k in range(21)], np.uint8)[mask], path)


def pictures(folder: Path, count: int = N, suffix: str = ".png") -> None:
    for i in range(count):
        save(np.full((*SIZE, 3), 20 * i, np.uint8), folder / f"{i}{suffix}")


def tree(root: Path, write: Save = save, *, images: str = "images", masks: str = "masks", classes: int = 3) -> Path:
    """Pictures and masks of N samples."""
    pictures(root / images)
    for i in range(N):
        write(truth(i, classes), root / masks / f"{i}.png")
    return root


def masks(table: Table) -> np.ndarray:
    """All masks in their own size.  -> n h w"""
    reader = MaskReader(classes=table.classes, size=SIZE, resize="squash")
    return np.stack([reader(str(item)) for item in asked(table).items])


def agrees(table: Table, classes: int = 3) -> bool:
    """Whether all masks and the columns that say which classes they hold are right."""
    read = masks(table)
    holds = np.array([[(m == k).any() for k in range(len(table.classes))] for m in read])
    return np.array_equal(read, [truth(i, classes) for i in range(N)]) and np.array_equal(holds, table.target)


@pytest.mark.parametrize(
    ("images", "labels"),
    [("images", "masks"), ("imgs", "labels"), ("JPEGImages", "SegmentationClass"), ("Images", "Annotations")],
)
def test_folders_by_their_usual_names(tmp_path, images, labels):
    table = open_segments(tree(tmp_path, images=images, masks=labels))
    assert table.classes == ("background", "class 1", "class 2")
    assert agrees(table)
    assert table.ids.tolist() == ["0.png", "1.png", "2.png", "3.png"]
    assert any("name them in classes.txt" in said for said in table.said)


def test_classes_txt_names_the_numbers(tmp_path):
    (tree(tmp_path) / "classes.txt").write_text("ground\nroad\ncar\n")
    table = open_segments(tmp_path)
    assert table.classes == ("ground", "road", "car")
    assert agrees(table)


def test_numbers_of_a_palette_stay_numbers(tmp_path):
    table = open_segments(tree(tmp_path, palette))
    assert table.classes == VOC
    assert np.array_equal(masks(table), [truth(i) for i in range(N)])


def test_255_of_a_palette_is_not_known(tmp_path):
    tree(tmp_path, lambda mask, path: palette(np.where(mask == 2, 255, mask).astype(np.uint8), path))
    table = open_segments(tmp_path)
    assert np.array_equal(masks(table), [np.where(truth(i) == 2, 255, truth(i)) for i in range(N)])
    assert "255" not in "".join(table.classes)


def test_vocs_colours(tmp_path):
    table = open_segments(tree(tmp_path, coloured))
    assert table.classes == VOC
    assert np.array_equal(masks(table), [truth(i) for i in range(N)])


def test_colours_of_a_labelmap_as_cvat_writes_it(tmp_path):
    tree(tmp_path, coloured)
    (tmp_path / "labelmap.txt").write_text(
        "# label:color_rgb:parts:actions\nbackground:0,0,0::\nroad:128,0,0::\ncar:0,128,0::\n"
    )
    table = open_segments(tmp_path)
    assert table.classes == ("background", "road", "car")
    assert agrees(table)


def test_other_colours_are_a_class_each(tmp_path):
    inks = np.array([[0, 0, 0], [1, 2, 3], [200, 9, 0]], np.uint8)
    table = open_segments(tree(tmp_path, lambda mask, path: save(inks[mask], path)))
    assert table.classes == ("background", "colour 1,2,3", "colour 200,9,0")
    assert agrees(table)


@pytest.mark.parametrize("white", [1, 255])
def test_binary_masks(tmp_path, white):
    table = open_segments(tree(tmp_path, lambda mask, path: save(mask * np.uint8(white), path), classes=2))
    assert table.classes == ("background", "object")
    assert agrees(table, classes=2)


def test_binary_masks_saved_in_colour(tmp_path):
    grey = lambda mask, path: save(np.repeat(mask[..., None] * np.uint8(255), 3, axis=2), path)  # noqa: E731
    table = open_segments(tree(tmp_path, grey, classes=2))
    assert table.classes == ("background", "object")
    assert agrees(table, classes=2)


def test_one_bit_masks(tmp_path):
    table = open_segments(tree(tmp_path, lambda mask, path: save(mask > 0, path), classes=2))
    assert agrees(table, classes=2)


def test_a_folder_a_class(tmp_path):
    pictures(tmp_path / "images")
    for i in range(N):
        for k, name in ((1, "road"), (2, "tree")):
            save((truth(i) == k) * np.uint8(255), tmp_path / "masks" / name / f"{i}.png")
    table = open_segments(tmp_path)
    assert table.classes == ("background", "road", "tree")
    assert agrees(table)


def test_a_class_without_a_file_is_not_in_the_picture(tmp_path):
    pictures(tmp_path / "images", 2)
    save(truth(0, 2) * np.uint8(255), tmp_path / "masks" / "road" / "0.png")
    save(truth(1, 2) * np.uint8(255), tmp_path / "masks" / "tree" / "1.png")
    assert open_segments(tmp_path).target.tolist() == [[True, True, False], [True, False, True]]


@pytest.mark.parametrize("outer", ["parts", "kinds"])
def test_parts_as_folders(tmp_path, outer):
    for part, word in (("train", "train"), ("val", "valid"), ("test", "test")):
        names = [tmp_path / word / kind if outer == "parts" else tmp_path / kind / word for kind in ("images", "masks")]
        pictures(names[0], 2)
        for i in range(2):
            save(truth(i), names[1] / f"{i}.png")
        assert part
    table = open_segments(tmp_path)
    assert sorted(table.split.tolist()) == ["test"] * 2 + ["train"] * 2 + ["val"] * 2
    assert len(set(table.ids.tolist())) == 6


def test_vocs_lists(tmp_path):
    tree(tmp_path, palette, images="JPEGImages", masks="SegmentationClass")
    save(np.zeros((*SIZE, 3), np.uint8), tmp_path / "JPEGImages" / "unlabelled.png")
    lists = tmp_path / "ImageSets" / "Segmentation"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("0\n2\n")
    (lists / "val.txt").write_text("3\n")
    table = open_segments(tmp_path)
    assert dict(zip(table.ids.tolist(), table.split.tolist(), strict=True)) == {
        "0.png": "train", "2.png": "train", "3.png": "val",
    }  # fmt: skip


def test_usual_endings_of_mask_names(tmp_path):
    pictures(tmp_path / "images", suffix=".jpg")
    for i in range(N):
        save(truth(i), tmp_path / "masks" / f"{i}_mask.png")
    assert agrees(open_segments(tmp_path))


def test_a_table_of_pictures_and_masks(tmp_path):
    tree(tmp_path / "files")
    rows = [f"files/images/{i}.png,files/masks/{i}.png,{'test' if i == 3 else 'train'},g{i // 2}" for i in range(N)]
    (tmp_path / "set.csv").write_text("\n".join(["image,mask,split,patient", *rows]))
    table = open_segments(tmp_path / "set.csv", group_column="patient")
    assert agrees(table)
    assert table.split.tolist() == ["train"] * 3 + ["test"]
    assert table.group.tolist() == ["g0", "g0", "g1", "g1"]


def coco(root: Path, annotations: list[dict] | None = None, name: str = "annotations/instances_train.json") -> Path:
    """A COCO file whose polygons and runs are the stripes of `truth`."""
    pictures(root / "images")
    flat = [(truth(i), i, k) for i in range(N) for k in (1, 2)]
    made = [
        {"id": n, "image_id": i, "category_id": 10 * k, "segmentation": runs(mask == k), "iscrowd": 1}
        for n, (mask, i, k) in enumerate(flat)
    ]
    images = [{"id": i, "file_name": f"{i}.png", "height": SIZE[0], "width": SIZE[1]} for i in range(N)]
    categories = [{"id": 10, "name": "road"}, {"id": 20, "name": "car"}]
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"images": images, "annotations": annotations or made, "categories": categories}))
    return file


def runs(mask: np.ndarray) -> dict:
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat.astype(int))) + 1
    counts = np.diff([0, *edges, flat.size]).tolist()
    return {"size": list(mask.shape), "counts": [0, *counts] if flat[0] else counts}


@pytest.mark.parametrize("given", ["file", "folder"])
def test_coco(tmp_path, given):
    file = coco(tmp_path)
    table = open_segments(file if given == "file" else tmp_path)
    assert table.classes == ("background", "road", "car")
    assert agrees(table)


def test_coco_in_the_parts_folders(tmp_path):
    for part in ("train", "valid"):
        coco(tmp_path / part, name="_annotations.coco.json")
    assert sorted(open_segments(tmp_path).split.tolist()) == ["train"] * N + ["val"] * N


def test_later_polygons_lie_on_top(tmp_path):
    square = [[2, 2, 10, 2, 10, 10, 2, 10]]
    small = [[4, 4, 6, 4, 6, 6, 4, 6]]
    both = [
        {"image_id": 1, "category_id": 10, "segmentation": square},
        {"image_id": 1, "category_id": 20, "segmentation": small},
    ]
    mask = masks(open_segments(coco(tmp_path, both)))[1]
    assert (mask == 1).sum() == 64 - 4
    assert (mask[4:6, 4:6] == 2).all()


def test_files_of_names():
    assert VOC[15] == "person"
    assert colour(15) == (192, 128, 128)  # of VOC's own palette
    assert colour(20) == (0, 64, 128)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sky\nroad\n", {"0": "sky", "1": "road"}),
        ("0: sky\n7: road", {"0": "sky", "7": "road"}),
        ("name,r,g,b\nsky,1,2,3\nroad,4,5,6", {"1,2,3": "sky", "4,5,6": "road"}),
        ("64 128 64\tAnimal\n192 0 128\tArchway", {"64,128,64": "Animal", "192,0,128": "Archway"}),
    ],
)
def test_names_are_read_as_tools_write_them(tmp_path, text, found):
    (tmp_path / "names.txt").write_text(text)
    assert read_names(tmp_path / "names.txt") == found


def test_digit_scenes_are_the_same_every_time_and_keep_the_test_scans_apart():
    table = digit_scenes()
    again = digit_scenes()
    assert np.array_equal(table.items, again.items)
    assert table.answer.tolist() == again.answer.tolist()
    assert table.split.tolist() == ["train"] * 400 + ["test"] * 100
    reader = MaskReader(classes=table.classes, size=(64, 64), resize="pad")
    read = np.stack([reader(str(item)) for item in asked(table).items[:20]])
    assert [set(np.unique(m)) for m in read] == [set(np.flatnonzero(t)) for t in table.target[:20]]


def broken(root: Path, kind: str) -> Path:
    """A set with one thing wrong."""
    tree(root)
    if kind == "missing mask":
        (root / "masks" / "2.png").unlink()
    if kind == "shades":
        save(np.arange(192, dtype=np.uint8).reshape(SIZE), root / "masks" / "1.png")
    if kind == "colours":
        noise = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)
        save(noise, root / "masks" / "1.png")
    if kind == "out of range":
        (root / "classes.txt").write_text("a\nb\n")
    if kind == "twice":
        save(truth(0), root / "masks" / "0.bmp")
    if kind == "names twice":
        (root / "classes.txt").write_text("0: a\n0: b\n")
    if kind == "colour names":
        (root / "labelmap.txt").write_text("a:0,0,0\nb:1,1,1\n")
    if kind == "empty":
        for file in root.rglob("*.png"):
            file.unlink()
    return root


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing mask", r"images/2\.png: no mask of that name in .*masks"),
        ("shades", r"masks/1\.png: value \d+ is one of 19\d in the masks, shades rather than classes"),
        ("colours", r"masks/1\.png: colour \d+,\d+,\d+ is one of 1\d\d in the masks"),
        ("out of range", r"masks/\d\.png: value 2 is none of the 3 classes in classes\.txt"),
        ("twice", r"masks/0\.bmp and 0\.png have one name"),
        ("names twice", r"classes\.txt: line 2, '0: b', gives 0 a second time"),
        ("colour names", r"labelmap\.txt: it has colours, and the masks hold numbers"),
        ("empty", "no pictures"),
    ],
)
def test_what_is_wrong_with_a_set_is_named(tmp_path, kind, says):
    with pytest.raises(DataError, match=says):
        open_segments(broken(tmp_path, kind))


def test_a_folder_without_masks_says_what_is_read(tmp_path):
    pictures(tmp_path / "cats")
    with pytest.raises(DataError, match=r"no pictures with masks; put them in .*/images and .*/masks"):
        open_segments(tmp_path)


def test_columns_of_a_folder_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"--label-column names a column, but .* is no table"):
        open_segments(tree(tmp_path), label_column="mask")


def test_a_table_without_masks_is_refused(tmp_path):
    (tmp_path / "set.csv").write_text("image,width\n1.png,3\n")
    with pytest.raises(DataError, match="no column for the masks among 'image', 'width'; name it with --label-column"):
        open_segments(tmp_path / "set.csv")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"category_id": 7}, "no COCO file .KeyError: 7"),
        ({"segmentation": []}, "no annotation has a segmentation"),
    ],
)
def test_what_is_wrong_with_a_coco_file_is_named(tmp_path, change, says):
    annotation = {"image_id": 0, "category_id": 10, "segmentation": [[0, 0, 4, 0, 4, 4]]} | change
    with pytest.raises(DataError, match=says):
        open_segments(coco(tmp_path, [annotation]))


def test_a_coco_file_without_its_pictures_is_named(tmp_path):
    file = coco(tmp_path)
    for picture in (tmp_path / "images").iterdir():
        picture.unlink()
    with pytest.raises(DataError, match=r"instances_train\.json: no picture 0\.png beside it"):
        open_segments(file)
