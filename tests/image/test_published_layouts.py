"""ImageNet and Open Images as they are published, in tiny: names, parts and answers as the files give them."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from multicnn.cli.main import run
from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets import open_image
from multicnn.image.datasets.boxes import open_boxes

WORDS = {
    "n01440764": "tench, Tinca tinca",
    "n02012849": "crane",
    "n03126707": "crane",
    "n04266014": "space shuttle",
}
NAMES = ("tench", "crane (n02012849)", "crane (n03126707)", "space shuttle")
VAL = {f"ILSVRC2012_val_{i:08}": synset for i, synset in enumerate(reversed(WORDS), start=1)}


def picture(path: Path, shade: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 20), (shade, shade // 2, 0)).save(path, "JPEG")
    return path


def write(path: Path, lines: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def train(place: Path, each: int = 2) -> None:
    for k, synset in enumerate(WORDS):
        for i in range(each):
            picture(place / "train" / synset / f"{synset}_{i}.JPEG", 60 * k + i)


def words(path: Path) -> Path:
    return write(path, [f"{synset} {said}" for synset, said in WORDS.items()])


def class_folders(root: Path) -> Path:
    train(root)
    for name, synset in VAL.items():
        picture(root / "val" / synset / f"{name}.JPEG")
    words(root / "synset_words.txt")
    return root


def kaggle(root: Path) -> Path:
    """As unpacked: words and answers lie three folders above the parts."""
    place = root / "ILSVRC" / "Data" / "CLS-LOC"
    train(place)
    for name in VAL:
        picture(place / "val" / f"{name}.JPEG")
    picture(place / "test" / "ILSVRC2012_test_00000001.JPEG")
    words(root / "LOC_synset_mapping.txt")
    answers = [f"{name},{synset} 1 2 30 18 {synset} 4 4 9 9 " for name, synset in VAL.items()]
    write(root / "LOC_val_solution.csv", ["ImageId,PredictionString", *answers])
    return root


def kaggle_below(root: Path) -> Path:
    return kaggle(root) / "ILSVRC" / "Data" / "CLS-LOC"


def tiny(root: Path) -> Path:
    for synset in WORDS:
        for i in range(2):
            picture(root / "train" / synset / "images" / f"{synset}_{i}.JPEG")
    for name in VAL:
        picture(root / "val" / "images" / f"{name}.JPEG")
    picture(root / "test" / "images" / "test_0.JPEG")
    write(root / "val" / "val_annotations.txt", [f"{n}.JPEG\t{synset}\t0\t32\t44\t62" for n, synset in VAL.items()])
    others = ["n00001740\tentity", *(f"{synset}\t{said}" for synset, said in WORDS.items())]
    write(root / "words.txt", others)
    return root


def keras(root: Path) -> Path:
    class_folders(root)
    (root / "synset_words.txt").unlink()
    index = {str(k): [s, w.split(",")[0].replace(" ", "_")] for k, (s, w) in enumerate(WORDS.items())}
    write(root / "imagenet_class_index.json", [json.dumps(index)])
    return root


@pytest.mark.parametrize("layout", [class_folders, kaggle, kaggle_below, tiny, keras])
def test_imagenet_has_words_for_its_synsets_and_answers_for_its_val_part(
    tmp_path: Path, layout: Callable[[Path], Path]
) -> None:
    table = open_image(layout(tmp_path / "imagenet"))
    assert table.classes == NAMES  # in torchvision's order
    assert table.split is not None
    assert Counter(table.split) == {"train": 8, "val": 4}
    synsets = list(WORDS)
    for row in range(len(table)):
        name = Path(table.ids[row]).stem
        assert synsets[table.target[row]] == (VAL[name] if name in VAL else name.split("_")[0])
        assert Path(table.items[row]).is_file()
    assert any("order of the synsets" in line for line in table.said)
    assert len(set(table.ids)) == 12


def test_without_parts_or_words_it_says_so(tmp_path: Path) -> None:
    train(tmp_path)
    table = open_image(tmp_path / "train")
    assert table.classes == tuple(WORDS)
    assert any("synset_words.txt or LOC_synset_mapping.txt beside them" in line for line in table.said)
    write(tmp_path / "synset_words.txt", ["n01440764 tench, Tinca tinca"])
    table = open_image(tmp_path / "train")
    assert table.classes == ("tench", *list(WORDS)[1:])
    assert any("no words for 3 synsets, the first n02012849" in line for line in table.said)


def test_val_pictures_of_other_synsets_are_counted_out(tmp_path: Path) -> None:
    root = kaggle(tmp_path)
    for file in (root / "ILSVRC/Data/CLS-LOC/train/n04266014").iterdir():
        file.unlink()
    (root / "ILSVRC/Data/CLS-LOC/train/n04266014").rmdir()
    table = open_image(root)
    assert table.classes == NAMES[:3]
    assert "val: 1 pictures left out whose synset train lacks" in table.said
    assert "test: left out, nothing says what its pictures show" in table.said


def spoil(root: Path, what: str) -> None:
    match what:
        case "no answers":
            (root / "LOC_val_solution.csv").unlink()
        case "answers":
            with open(root / "LOC_val_solution.csv", "a") as file:
                file.write("ILSVRC2012_val_00000099,fish\n")
        case "unlisted":
            picture(root / "ILSVRC/Data/CLS-LOC/val/more.JPEG")
        case "words":
            write(root / "LOC_synset_mapping.txt", ["n01440764 tench", "goldfish"])
        case "json":
            (root / "LOC_synset_mapping.txt").unlink()
            write(root / "imagenet_class_index.json", ["[1, 2]"])


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("no answers", r"val: its pictures lie in no folder of a synset; put LOC_val_solution\.csv or val_annotations"),
        ("answers", r"LOC_val_solution\.csv: row 6 is 'ILSVRC2012_val_00000099,fish', no picture and its synset"),
        ("unlisted", r"more\.JPEG: .*LOC_val_solution\.csv has no row for it"),
        ("words", r"LOC_synset_mapping\.txt: row 2 is 'goldfish', no synset and its words"),
        ("json", r"imagenet_class_index\.json: no synsets and their words"),
    ],
)
def test_missing_and_damaged_lists_of_imagenet_are_named(tmp_path: Path, what: str, reason: str) -> None:
    spoil(kaggle(tmp_path), what)
    with pytest.raises(DataError, match=reason) as error:
        open_image(tmp_path)
    assert "\n" not in str(error.value)


HEADER = "ImageID,Source,LabelName,Confidence"
BOXED = HEADER + ",XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
LABELS = {  # part, rows
    "train": ["a1,verification,/m/cat,1", "a1,verification,/m/dog,0", "b2,verification,/m/dog,1"],
    "validation": [
        "c3,machine,/m/dog,0.7",
        "c3,machine,/m/cat,0.2",
        "d4,verification,/m/cat,0",
        "gone,xclick,/m/cat,1",
    ],
}
BOXES = {
    "train": [
        "a1,xclick,/m/cat,1,0.25,0.5,0.1,0.9,0,0,0,0,0",
        "a1,xclick,/m/dog,1,0,1,0,1,0,0,1,0,0",
        "b2,xclick,/m/dog,1,0.1,0.2,0.3,0.4,0,0,0,0,0",
    ],
    "validation": ["c3,xclick,/m/dog,1,0.5,1,0.5,1,0,0,0,0,0"],
}
NAMED = ["/m/cat,Cat", '/m/dog,"Dog, domestic"']


def lists(root: Path, name: str, head: str, rows: dict[str, list[str]], folder: str = "") -> Path:
    for part, own in rows.items():
        write(root / folder / name.format(part=part), [head, *own])
    for name, part in (("a1", "train"), ("b2", "train"), ("c3", "validation"), ("d4", "validation"), ("e5", "train")):
        picture(root / part / f"{name}.jpg")
    return root


def labelled(root: Path) -> Path:
    lists(root, "{part}-annotations-human-imagelabels-boxable.csv", HEADER, LABELS)
    write(root / "class-descriptions-boxable.csv", NAMED)
    return root


def labelled_by_tool(root: Path) -> Path:
    for part, rows in LABELS.items():
        write(root / part / "labels" / "classifications.csv", [HEADER, *rows])
        for row in rows:
            if (name := row.split(",")[0]) != "gone":
                picture(root / part / "data" / f"{name}.jpg")
    picture(root / "train" / "data" / "e5.jpg")
    write(root / "train" / "metadata" / "classes.csv", ["LabelName,DisplayName", *NAMED])
    return root


@pytest.mark.parametrize("layout", [labelled, labelled_by_tool])
def test_open_images_gives_several_labels_a_picture(tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    table = open_image(layout(tmp_path / "oi"))
    assert table.several
    assert table.classes == ("Cat", "Dog, domestic")
    found = {Path(i).stem: row.tolist() for i, row in zip(table.ids, table.target, strict=True)}
    assert found == {"a1": [True, False], "b2": [False, True], "c3": [False, True], "d4": [False, False]}
    assert table.split is not None
    assert dict(zip(found, table.split, strict=True)) == {"a1": "train", "b2": "train", "c3": "val", "d4": "val"}
    assert any("1 pictures of the lists are not there, such as gone" in line for line in table.said)
    assert any("1 pictures left out that the lists do not have" in line for line in table.said)
    assert any("confidence 0.5 and more" in line for line in table.said)


def test_one_list_alone_leaves_the_parts_open(tmp_path: Path) -> None:
    root = labelled(tmp_path)
    (root / "class-descriptions-boxable.csv").unlink()
    table = open_image(root / "train-annotations-human-imagelabels-boxable.csv")
    assert table.classes == ("/m/cat", "/m/dog")
    assert table.split is None
    assert len(table) == 2
    assert any("class-descriptions-boxable.csv beside its lists" in line for line in table.said)


def boxed(root: Path) -> Path:
    lists(root, "oidv6-{part}-annotations-bbox.csv", BOXED, BOXES, "annotations")
    write(root / "annotations" / "class-descriptions-boxable.csv", NAMED)
    return root


def boxes_of(table: Table) -> dict[str, list]:
    assert table.answer is not None
    return {Path(i).stem: json.loads(a)["boxes"] for i, a in zip(table.ids, table.answer, strict=True)}


def test_open_images_boxes_are_shares_of_the_picture(tmp_path: Path) -> None:
    table = open_boxes(boxed(tmp_path))
    assert boxes_of(table) == {
        "a1": [["Cat", 10, 2, 20, 18]],
        "b2": [["Dog, domestic", 4, 6, 8, 8]],
        "c3": [["Dog, domestic", 20, 10, 40, 20]],
    }
    assert table.split is not None
    assert Counter(table.split) == {"train": 2, "val": 1}
    assert any("1 boxes round a group of objects left out" in line for line in table.said)


def test_one_list_of_boxes_finds_the_pictures_beside_its_folder(tmp_path: Path) -> None:
    table = open_boxes(boxed(tmp_path) / "annotations" / "oidv6-train-annotations-bbox.csv")
    assert boxes_of(table).keys() == {"a1", "b2"}
    assert table.split is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a1,xclick,/m/cat,1,0.5,0.2,0.1,0.9,0,0,0,0,0", r"row 5: XMax 0\.2 is below XMin 0\.5"),
        ("a1,xclick,/m/cat,1,10,20,0.1,0.9,0,0,0,0,0", "row 5: XMin is '10', no share from 0 to 1"),
        ("a1,xclick,/m/cat,1,nan,20,0.1,0.9,0,0,0,0,0", "row 5: XMin is 'nan', no share"),
        ("a1,xclick,/m/cat,1,0.1", "row 5 has other cells than the header"),
        ("c3,xclick,/m/cat,1,0.1,0.2,0.1,0.9,0,0,0,0,0", "c3 is in 'val', before in 'train'; keep one"),
    ],
)
def test_wrong_rows_of_boxes_are_named(tmp_path: Path, row: str, reason: str) -> None:
    boxed(tmp_path)
    with open(tmp_path / "annotations" / "oidv6-train-annotations-bbox.csv", "a") as file:
        file.write(row + "\n")
    with pytest.raises(DataError, match=reason):
        open_boxes(tmp_path)


def test_wrong_lists_of_labels_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a list of Open Images' boxes; take --task detect, or give the other list"):
        open_image(boxed(tmp_path / "boxed"))
    with pytest.raises(DataError, match="labels without boxes; take --task classify"):
        open_boxes(labelled(tmp_path / "labelled"))
    write(tmp_path / "bare" / "train-annotations-human-imagelabels.csv", [HEADER, *LABELS["train"]])
    with pytest.raises(DataError, match=r"no picture lies in .*bare; put ImageID\.jpg there"):
        open_image(tmp_path / "bare")
    picture(tmp_path / "bare" / "z9.jpg")
    with pytest.raises(DataError, match="no label of a picture that is there"):
        open_image(tmp_path / "bare")
    for name, rows, reason in (
        ("two parts", {"train": ["a1,v,/m/cat,1"], "test": ["a1,v,/m/cat,1"]}, "a1 is in 'train', before in 'test'"),
        ("unsure", {"train": ["a1,v,/m/cat,often"]}, "Confidence is 'often', no share"),
    ):
        root = lists(tmp_path / name, "{part}-annotations-human-imagelabels.csv", HEADER, rows)
        with pytest.raises(DataError, match=reason):
            open_image(root)
    write(tmp_path / "unsure" / "class-descriptions.csv", ["/m/cat,Cat,Katze"])
    with pytest.raises(DataError, match=r"class-descriptions\.csv: row 1 has 3 cells, not a label and its name"):
        open_image(tmp_path / "unsure")


QUICK = ("--model", "compact", "--epochs", "1", "--precision", "fp32", "--device", "cpu", "--image-size", "16", "-q")


def test_both_train_by_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTICNN_CACHE", str(tmp_path / "cache"))
    train(kaggle(tmp_path / "imagenet") / "ILSVRC" / "Data" / "CLS-LOC", each=8)
    out = tmp_path / "run"
    assert run(["image", "train", str(tmp_path / "imagenet"), "-o", str(out), *QUICK], debug=True) == 0
    assert json.loads((out / "model.json").read_text())["classes"] == list(NAMES)
    found = json.loads((out / "evaluation" / "test.json").read_text())["metrics"]
    assert {"accuracy", "f1_macro"} <= found.keys()
    rows = {"train": [f"p{i},v,/m/{'cat' if i % 2 else 'dog'},1" for i in range(40)]}
    root = lists(tmp_path / "oi", "{part}-annotations-human-imagelabels.csv", HEADER, rows)
    for i in range(40):
        picture(root / "train" / f"p{i}.jpg", int(np.sqrt(i) * 30))
    write(root / "class-descriptions.csv", NAMED)
    assert run(["image", "train", str(root), "-o", str(tmp_path / "tags"), *QUICK], debug=True) == 0
    assert json.loads((tmp_path / "tags" / "model.json").read_text())["several_labels"] is True
