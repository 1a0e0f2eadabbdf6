"""Promises of folders of class folders."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from multicnn.data.layouts.folder import read_folder
from multicnn.errors import DataError

JPG = frozenset({".jpg", ".png"})


def grow(root: Path, *files: str) -> Path:
    """A folder with the given files, or folders where a name ends in a slash."""
    root.mkdir(parents=True, exist_ok=True)
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).mkdir(exist_ok=True) if name.endswith("/") else (root / name).write_bytes(b"x")
    return root


def test_a_class_is_the_first_folder_and_files_may_lie_deeper(tmp_path: Path) -> None:
    root = grow(tmp_path / "pets", "cat/1.jpg", "cat/2021/may/2.PNG", "dog/1.jpg")
    table = read_folder(root, JPG)
    assert table.name == "pets"
    assert table.ids.tolist() == ["cat/1.jpg", "cat/2021/may/2.PNG", "dog/1.jpg"]
    assert table.items.tolist() == [str(root / i) for i in table.ids]
    assert [table.classes[k] for k in table.target] == ["cat", "cat", "dog"]
    assert table.split is None
    assert table.said == ()


def test_classes_are_numbered_in_natural_order(tmp_path: Path) -> None:
    root = grow(tmp_path, *(f"class {k}/1.jpg" for k in (1, 10, 2, 33, 100)))
    assert read_folder(root, JPG).classes == ("class 1", "class 2", "class 10", "class 33", "class 100")


@pytest.mark.parametrize("val", ["val", "valid", "Validation", "DEV"])
@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "TESTING")])
def test_part_folders_are_known_in_every_usual_spelling(tmp_path: Path, train: str, val: str, test: str) -> None:
    root = grow(tmp_path, *(f"{part}/{c}/1.jpg" for part in (train, val, test) for c in "ab"))
    table = read_folder(root, JPG)
    assert table.split is not None
    assert table.split.tolist() == ["train", "train", "val", "val", "test", "test"]
    assert table.target.tolist() == [0, 1] * 3


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    table = read_folder(grow(tmp_path, "train/1.jpg", "car/1.jpg", "test/1.jpg"), JPG)
    assert table.classes == ("car", "test", "train")
    assert table.split is None


def test_hidden_and_system_files_are_passed_over_without_a_word(tmp_path: Path) -> None:
    junk = (".DS_Store", "a/Thumbs.db", "a/._1.jpg", "b/desktop.ini", ".ipynb_checkpoints/1.jpg", "__MACOSX/a/1.jpg")
    table = read_folder(grow(tmp_path, "a/1.jpg", "b/1.jpg", "a/.ipynb_checkpoints/1.jpg", *junk), JPG)
    assert table.ids.tolist() == ["a/1.jpg", "b/1.jpg"]
    assert table.said == ()


def test_other_files_are_counted_by_kind(tmp_path: Path) -> None:
    table = read_folder(grow(tmp_path, "a/1.jpg", "a/x.txt", "b/deep/y.txt", "b/1.jpg", "plan.pdf"), JPG)
    assert table.said == ("3 files left out: 2 .txt, 1 .pdf",)


def test_a_class_absent_from_test_keeps_its_number_and_is_said(tmp_path: Path) -> None:
    table = read_folder(
        grow(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "train/c/1.jpg", "test/c/1.jpg", "test/b/"), JPG
    )
    assert table.classes == ("a", "b", "c")
    assert table.target.tolist() == [0, 1, 2, 2]
    assert table.said == ("test: class folder 'b' is empty", "test has no file of a, b")


def test_an_unlabelled_test_folder_is_left_out_aloud(tmp_path: Path) -> None:
    table = read_folder(grow(tmp_path, "train/a/1.jpg", "train/b/1.jpg", "test/7.jpg", "test/8.jpg", "more/x.jpg"), JPG)
    assert len(table) == 2
    assert table.said == (
        "folder 'more' left out, no train, val or test",
        "test: 2 files left out that lie in no class folder, such as 7.jpg",
    )


def test_links_are_followed_but_never_in_a_circle(tmp_path: Path) -> None:
    root = grow(tmp_path / "set", "a/1.jpg", "b/1.jpg")
    (root / "a" / "again").symlink_to(root / "a")
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "self").symlink_to("self")
    (root / "c").symlink_to(grow(tmp_path / "elsewhere", "9.jpg"))
    table = read_folder(root, JPG)
    assert {"a/1.jpg", "b/1.jpg", "c/9.jpg"} <= set(table.ids)
    assert table.said == ("1 file left out: 1 broken link",)
    assert len(table) == 3 + 2  # through `up`, b and c once more as deeper folders of a


def test_two_spellings_of_one_letter_are_one_class(tmp_path: Path) -> None:
    root = grow(tmp_path, "train/caf\u00e9/1.jpg", "train/tea/1.jpg", "test/cafe\u0301/1.jpg", "test/tea/1.jpg")
    assert read_folder(root, JPG).classes == ("caf\u00e9", "tea")


def test_order_of_rows_does_not_depend_on_the_order_on_disk(tmp_path: Path) -> None:
    names = [f"{c}/{i}.jpg" for c in "ab" for i in range(30)]
    forth, back = grow(tmp_path / "forth", *names), grow(tmp_path / "back", *reversed(names))
    assert read_folder(forth, JPG).ids.tolist() == read_folder(back, JPG).ids.tolist()


BAD: dict[str, tuple[tuple[str, ...], str]] = {
    "empty": ((), "the folder is empty; put the files of each class in a folder of its own, as in set/cat/1.jpg"),
    "only junk": ((".DS_Store",), "the folder is empty"),
    "files lie in it": (("1.jpg", "2.jpg", "x.txt"), r"no class folders, 2 \.jpg, 1 \.txt lie directly in it; put the"),
    "a table lies in it": (("1.jpg", "labels.csv"), "lie directly in it; give the table itself, .*set/labels.csv"),
    "wrapped": (
        ("photos/a/1.jpg", "photos/b/1.jpg"),
        "one class only, 'photos', with folders in it; did you mean .*photos",
    ),
    "empty class": (("a/1.jpg", "b/"), "class folder 'b' of the set holds no file"),
    "class of others": (("a/1.jpg", "b/x.txt"), r"class folder 'b' of the set holds no file \(\.jpg, \.png\); fill or"),
    "empty train class": (("train/a/1.jpg", "train/b/", "test/a/1.jpg"), "class folder 'b' of train holds no file"),
    "new in test": (
        ("train/a/1.jpg", "train/b/1.jpg", "test/z/1.jpg"),
        "class 'z' is in test but not in train; add files for it to train",
    ),
    "new in val": (("train/a/1.jpg", "train/b/1.jpg", "dev/z/1.jpg"), "class 'z' is in val but not in train"),
    "two vals": (("train/a/1.jpg", "val/a/1.jpg", "dev/a/1.jpg"), "both 'dev' and 'val' stand for val; keep one"),
}


@pytest.mark.parametrize("case", BAD)
def test_another_tree_is_refused_with_the_right_one(tmp_path: Path, case: str) -> None:
    files, sentence = BAD[case]
    root = grow(tmp_path / "set", *files)
    with pytest.raises(DataError, match=sentence):
        read_folder(root, JPG)


def test_a_file_name_that_is_not_unicode_is_named(tmp_path: Path) -> None:
    root = grow(tmp_path, "a/1.jpg", "b/1.jpg")
    try:
        os.close(os.open(os.fsencode(root) + b"/a/\xff.jpg", os.O_CREAT))
    except OSError:
        pytest.skip("the file system takes Unicode names only")
    with pytest.raises(DataError, match=r"a/\\xff.jpg': the file's name is not UTF-8; rename"):
        read_folder(root, JPG)


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: the folder cannot be read \(No such file"):
        read_folder(tmp_path / "nowhere", JPG)


def test_esc10_as_published_is_ten_classes_of_forty(shared_data: Callable[[str], Path]) -> None:
    table = read_folder(shared_data("esc10"), frozenset({".ogg"}))
    assert set(table.counts().values()) == {40}
    assert len(table.classes) == 10
