"""Promises of whatever the user points at."""

from pathlib import Path
from typing import Literal

import pytest

from multicnn.data.layouts.layout import open_layout
from multicnn.errors import DataError, UsageError

JPG = frozenset({".jpg"})


def test_a_folder_and_a_table_of_the_same_files_are_the_same_samples(tmp_path: Path) -> None:
    for name in ("cat/1.jpg", "cat/2.jpg", "dog/1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "t.csv").write_text("path,label\ncat/1.jpg,cat\ncat/2.jpg,cat\ndog/1.jpg,dog\n")
    folder, table = (open_layout(p, item="path", suffixes=JPG) for p in (tmp_path, tmp_path / "t.csv"))
    assert folder.items.tolist() == table.items.tolist()
    assert folder.ids.tolist() == table.ids.tolist()
    assert (folder.classes, folder.target.tolist()) == (table.classes, table.target.tolist())


def test_a_folder_of_text_files_is_read_in_any_encoding(tmp_path: Path) -> None:
    (tmp_path / "да").mkdir()
    (tmp_path / "нет").mkdir()
    (tmp_path / "да" / "1.txt").write_bytes("хороший и добрый фильм\r\n".encode("cp1251"))
    (tmp_path / "нет" / "1.txt").write_bytes("плохой фильм".encode())
    table = open_layout(tmp_path, item="text", suffixes=frozenset({".txt"}))
    assert table.items.tolist() == ["хороший и добрый фильм\n", "плохой фильм"]
    assert table.ids.tolist() == ["да/1.txt", "нет/1.txt"]


@pytest.mark.parametrize(
    ("name", "item", "sentence"),
    [
        ("nowhere", "path", "no such file or folder: .*nowhere; check the name, or run `multicnn datasets`"),
        ("photos.zip", "path", "photos.zip is packed; unpack it first"),
        ("photos.tar.gz", "path", "photos.tar.gz is packed; unpack it first"),
        ("reviews.csv.gz", "text", "reviews.csv.gz is packed; unpack it first"),
        ("t.xlsx", "text", "t.xlsx: .xlsx files are not read; save the table as CSV or JSON Lines"),
        ("cat.jpg", "path", "cat.jpg is a single sample; give a folder with a folder per class, or a table file"),
        ("notes.md", "text", "notes.md: not a table; save it as one of .csv, .tsv"),
    ],
)
def test_what_is_no_data_set_is_refused_with_the_next_step(
    tmp_path: Path, name: str, item: Literal["path", "text"], sentence: str
) -> None:
    if name != "nowhere":
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(DataError, match=sentence):
        open_layout(tmp_path / name, item=item, suffixes=JPG)


def test_a_column_named_for_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--group-by names a column, but .* is a folder; give a table file"):
        open_layout(tmp_path, item="path", suffixes=JPG, group_column="patient")
