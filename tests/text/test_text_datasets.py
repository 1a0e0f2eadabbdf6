# ruff: noqa: RUF001  Cyrillic letters look like Latin ones
"""The data sets against their published counts, and the layouts that users bring."""

import csv
from pathlib import Path

import numpy as np
import pytest

from multicnn.data.assets import asset
from multicnn.errors import DataError
from multicnn.text.datasets import mr, open_text, reviews, sst2
from multicnn.text.datasets.reviews import same_words


def write(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def test_reviews_has_500_sentences_of_each_source_and_label():
    with open(asset("reviews") / "reviews.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(r["source"], r["label"]): 0 for r in rows}
    for r in rows:
        found[r["source"], r["label"]] += 1
    assert found == {(s, label): 500 for s in ("amazon", "imdb", "yelp") for label in ("negative", "positive")}
    table = reviews()
    assert table.counts() == {"negative": 1500, "positive": 1500}
    assert len(np.unique(table.ids)) == 3000
    assert table.items[1] == "Good case, Excellent value."


def test_reviews_holds_no_control_characters():
    assert all(text.isprintable() for text in reviews().items)


def test_sentences_of_the_same_words_are_one_group():
    table = reviews()
    group = dict(zip(table.items, table.group, strict=True))
    assert group["Great phone."] == group["Great Phone."] == group["Great phone!."]
    assert len(np.unique(table.group)) == 3000 - 28
    assert same_words(["Yes!", "no", "yes", "?", "!"]).tolist() == ["0", "1", "0", "3", "4"]


def test_mr_has_the_published_counts_and_ten_even_folds(shared_data):
    table = mr(shared_data("mr"))
    assert table.counts() == {"negative": 5331, "positive": 5331}
    for k in (0, 1):
        assert sorted(np.bincount(table.fold[table.target == k])) == [533] * 9 + [534]
    assert any("é" in text for text in table.items)
    assert table.ids[0] == "rt-polarity.neg:1"


def test_sst2_has_the_published_counts_and_its_official_split(shared_data):
    table = sst2(shared_data("sst2"))
    assert {p: int((table.split == p).sum()) for p in ("train", "val", "test")} == {
        "train": 6920,
        "val": 872,
        "test": 1821,
    }
    train = table.target[table.split == "train"]
    assert (int((train == 1).sum()), table.classes) == (3610, ("negative", "positive"))


@pytest.mark.parametrize("name", ["mr", "sst2"])
def test_a_folder_of_a_named_set_is_known_by_its_files(name: str, shared_data):
    table = open_text(shared_data(name))
    assert table.name == name
    assert "files (" in table.said[0]


@pytest.mark.parametrize(("read", "word"), [(mr, "rt-polarity.neg"), (sst2, "stsa.binary.train")])
def test_an_absent_set_says_where_to_get_it(read, word: str, tmp_path: Path):
    with pytest.raises(DataError, match=rf"no {word}.* in .*; .*https://.* give"):
        read(tmp_path)
    with pytest.raises(DataError, match=r"its folder is not given; .*https://"):
        read(None)


def test_a_damaged_line_of_sst2_is_named(tmp_path: Path):
    for part, text in (("train", "1 good\nbad\n"), ("dev", "0 bad\n"), ("test", "1 good\n")):
        write(tmp_path / f"stsa.binary.{part}", text)
    with pytest.raises(DataError, match=r"stsa.binary.train: line 2 is no `0 text` or `1 text`"):
        open_text(tmp_path)


def test_a_file_of_sst2_in_another_encoding_is_named(tmp_path: Path):
    for part in ("train", "dev", "test"):
        write(tmp_path / f"stsa.binary.{part}", "1 café\n", "latin-1")
    with pytest.raises(DataError, match=r"stsa.binary.train: byte 5 is not utf-8"):
        open_text(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_table_keeps_quoted_newlines_emoji_and_cyrillic_letters(encoding: str, tmp_path: Path):
    smile = "🙂" if encoding.startswith("utf") else ":)"
    rows = f'text,label\n"Хороший фильм,\nсмотреть ""обязательно"" {smile}",да\nПлохой и очень скучный фильм,нет\n'
    table = open_text(write(tmp_path / "films.csv", rows, encoding))
    assert table.items[0] == f'Хороший фильм,\nсмотреть "обязательно" {smile}'
    assert table.classes == ("да", "нет")


def test_several_labels_make_a_table_of_several(tmp_path: Path):
    rows = '{"text": "a", "labels": ["x", "y"]}\n{"text": "b", "labels": []}\n{"text": "", "labels": ["x"]}\n'
    table = open_text(write(tmp_path / "t.jsonl", rows))
    assert table.several
    assert table.target.tolist() == [[True, True], [False, False], [True, False]]


def test_a_folder_of_documents_in_parts_and_classes(tmp_path: Path):
    for part in ("train", "val", "test"):
        for label in ("ham", "spam"):
            write(tmp_path / part / label / "1.txt", f"{part} {label}\r\nsecond line")
    table = open_text(tmp_path)
    assert table.items[0] == "train ham\nsecond line"
    assert table.split.tolist() == ["train", "train", "val", "val", "test", "test"]


@pytest.mark.parametrize(("content", "message"), [("", "is empty"), ("\0\0\0", "holds zero bytes")])
def test_a_document_that_holds_no_text_is_named(content: str, message: str, tmp_path: Path):
    for label in ("ham", "spam"):
        write(tmp_path / label / "1.txt", "text")
    write(tmp_path / "spam" / "2.txt", content)
    with pytest.raises(DataError, match=rf"spam/2.txt: .*{message}"):
        open_text(tmp_path)


def test_a_zero_byte_in_a_table_is_named_by_its_row(tmp_path: Path):
    with pytest.raises(DataError, match=r"t.csv.*row 3.*|t.csv:3.*zero bytes"):
        open_text(write(tmp_path / "t.csv", "text,label\na,x\nb\0c,y\n"))


def test_naming_a_column_turns_the_known_layouts_off(tmp_path: Path):
    rows = "review,text,label\nthis,that,x\nhere,there,y\n"
    table = open_text(write(tmp_path / "t.csv", rows), item_column="review")
    assert table.items.tolist() == ["this", "here"]
