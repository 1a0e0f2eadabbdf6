"""Promises of tables of texts and of files: columns, labels, parts, folds, groups."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from multicnn.data.layouts.tabular import read_table
from multicnn.data.table import Table
from multicnn.errors import DataError, UsageError


def texts(tmp_path: Path, content: str, suffix: str = ".csv", **columns: Any) -> Table:
    path = tmp_path / f"t{suffix}"
    path.write_text(content, encoding="utf-8")
    return read_table(path, item="text", **columns)


def files(tmp_path: Path, content: str, *names: str, **columns: Any) -> Table:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    path = tmp_path / "t.csv"
    path.write_text(content, encoding="utf-8")
    return read_table(path, item="path", suffixes=frozenset({".jpg"}), **columns)


def labels(table: Table) -> list[Any]:
    """The class names of each sample."""
    if table.several:
        return [[c for c, has in zip(table.classes, row, strict=True) if has] for row in table.target]
    return [table.classes[k] for k in table.target]


# --- columns ---


@pytest.mark.parametrize("label", ["label", "Class", " category ", "Sentiment", "target", "тональность", "Метка"])
@pytest.mark.parametrize("text", ["text", "Sentence", "review", "COMMENT", "title", "текст", "Отзыв"])
def test_columns_are_found_by_their_usual_names(tmp_path: Path, text: str, label: str) -> None:
    table = texts(tmp_path, f"id,{text},{label}\n7,good film,pos\n8,bad film,neg\n")
    assert table.items.tolist() == ["good film", "bad film"]
    assert table.ids.tolist() == ["t.csv:2", "t.csv:3"]
    assert (table.classes, table.target.tolist()) == (("neg", "pos"), [1, 0])
    assert table.said == ()


def test_other_columns_are_kept_unless_they_hold_texts(tmp_path: Path) -> None:
    table = texts(tmp_path, f"text,label,site,note\na,x, 1 ,{'n' * 101}\nb,y,,short\n")
    assert {name: column.tolist() for name, column in table.more.items()} == {"label": ["x", "y"], "site": ["1", ""]}


def test_the_likelier_of_two_columns_is_taken_aloud(tmp_path: Path) -> None:
    table = texts(tmp_path, "comment,text,label,rating\nhi,good film,pos,5\nho,bad film,neg,1\n")
    assert table.items.tolist() == ["good film", "bad film"]
    assert labels(table) == ["pos", "neg"]
    assert table.said == (
        "column 'text' is taken for the texts; 'comment' would do too",
        "column 'label' is taken for the labels; 'rating' would do too",
    )


def test_a_heading_stands_before_its_text_unless_one_column_is_named(tmp_path: Path) -> None:
    content = "text,title,label\ngood film,hi,pos\nbad film,,neg\n"
    table = texts(tmp_path, content)
    assert table.items.tolist() == ["hi\ngood film", "bad film"]
    assert table.said == ("texts are the columns 'title' and 'text'; --text-column text takes one alone",)
    assert texts(tmp_path, content, item_column="text").items.tolist() == ["good film", "bad film"]
    assert texts(tmp_path, content, item_column="Text, title").items.tolist() == ["good film\nhi", "bad film"]
    with pytest.raises(UsageError, match="--text-column: no column named 'titel'; did you mean 'title'"):
        texts(tmp_path, content, item_column="text,titel")


def test_named_columns_win_over_usual_names(tmp_path: Path) -> None:
    content = "text,label,Was,wer,teil\nx,a,gut,1,dev\ny,b,schlecht,2,train\n"
    table = texts(tmp_path, content, item_column="was", label_column="wer", split_column="teil", group_column="label")
    assert table.items.tolist() == ["gut", "schlecht"]
    assert labels(table) == ["1", "2"]
    assert table.split is not None
    assert table.split.tolist() == ["val", "train"]
    assert table.group is not None
    assert table.group.tolist() == ["a", "b"]


@pytest.mark.parametrize("suffix", [".jsonl", ".ndjson", ".json"])
def test_json_lines_are_a_table(tmp_path: Path, suffix: str) -> None:
    table = texts(tmp_path, '{"text": "a\\nb", "label": 1}\n\n{"label": 0, "text": "c", "more": null}\n', suffix)
    assert table.items.tolist() == ["a\nb", "c"]
    assert labels(table) == ["1", "0"]
    assert table.ids.tolist() == [f"t{suffix}:1", f"t{suffix}:3"]


def test_a_json_list_is_a_table(tmp_path: Path) -> None:
    table = texts(tmp_path, json.dumps([{"text": "a", "labels": ["x", "y"]}, {"text": "b", "labels": []}]), ".json")
    assert labels(table) == [["x", "y"], []]
    assert table.ids.tolist() == ["t.json:1", "t.json:2"]


# --- labels ---


def column(cells: list[str], name: str = "label") -> str:
    return f"text;{name}\n" + "".join(f'word {i};"{cell}"\n' for i, cell in enumerate(cells))


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("label", ["1", "10", "2"], ["1", "10", "2"]),
        ("label", [" Cat", "dog ", "Cat"], ["Cat", "dog", "Cat"]),
        ("label", ["a|b", "b", " c | a", ""], [["a", "b"], ["b"], ["a", "c"], []]),
        ("label", ["['a', 'b']", "['b']", "[]"], [["a", "b"], ["b"], []]),
        ("label", ["[1, 2]", "[2]"], [["1", "2"], ["2"]]),
        ("tags", ["a,b", "b, a", "a"], [["a", "b"], ["a", "b"], ["a"]]),
        ("Метки", ["жук,шар", "шар,жук", "шар"], [["жук", "шар"], ["жук", "шар"], ["шар"]]),
        ("label", ["a,b", "b,a", "a"], ["a,b", "b,a", "a"]),  # one name of a class: no plural
        ("tags", ["rock,pop", "jazz", "jazz"], ["rock,pop", "jazz", "jazz"]),  # the pieces do not recur
        ("label", ["[rock] live", "[x", "y]"], ["[rock] live", "[x", "y]"]),
    ],
)
def test_a_cell_holds_several_labels_only_where_that_is_plain(
    tmp_path: Path, name: str, cells: list[str], expected: list[Any]
) -> None:
    table = texts(tmp_path, column(cells, name))
    assert labels(table) == expected
    assert table.several == isinstance(expected[0], list)


def test_semicolons_separate_labels_of_a_plural_column(tmp_path: Path) -> None:
    assert labels(texts(tmp_path, "text,genres\nx,a;b\ny,b;a\nz,a\n")) == [["a", "b"], ["a", "b"], ["a"]]


def test_how_labels_were_read_is_said(tmp_path: Path) -> None:
    assert texts(tmp_path, column(["a|b", "a", ""])).said == (
        "several labels a sample: pieces of column 'label' between '|', 2 classes",
        "1 of 3 samples carry no label",
    )
    assert texts(tmp_path, column(["a,b", "a"])).said == (
        "label 'a,b' is taken as one label; write a|b to give a sample several",
    )
    assert texts(tmp_path, column(["Cat", "cat", "New York", "new  york"])).said == (
        "warning: classes 'Cat' and 'cat' differ only by case or spaces; give them one spelling",
        "warning: classes 'new  york' and 'New York' differ only by case or spaces; give them one spelling",
    )


def test_columns_of_zeros_and_ones_are_classes(tmp_path: Path) -> None:
    table = texts(tmp_path, "id,comment_text,toxic,rude 10,rude 2\n0,a,0,1,1\n1,b,0,0,0\n9,c,1,0,0\n")
    assert table.classes == ("rude 2", "rude 10", "toxic")
    assert labels(table) == [["rude 2", "rude 10"], [], ["toxic"]]


def test_one_hot_columns_are_one_label_a_sample(tmp_path: Path) -> None:
    table = files(tmp_path, "image,MEL,NV\n1.jpg,1.0,0.0\n2.jpg,0.0,1.0\n", "1.jpg", "2.jpg")
    assert labels(table) == ["MEL", "NV"]
    assert table.said == ("one label a sample, from 2 columns of 0 and 1",)


def test_several_label_columns_can_be_named(tmp_path: Path) -> None:
    table = texts(tmp_path, "text,a,b,label\nx,1,1,q\ny,0,0,r\n", label_column="b, a")
    assert labels(table) == [["a", "b"], []]


# --- parts, folds, groups ---


def test_parts_are_known_in_every_usual_spelling(tmp_path: Path) -> None:
    spellings = ["train", "Training", "VALID", "validation", "dev", "testing", " Test ", "", "обучение", "тест"]
    table = texts(tmp_path, "text,label,subset\n" + "".join(f"w,a,{s}\n" for s in spellings))
    assert table.split is not None
    assert table.split.tolist() == ["train"] * 2 + ["val"] * 3 + ["test"] * 2 + ["", "train", "test"]


@pytest.mark.parametrize("name", ["fold", "split"])
@pytest.mark.parametrize("cells", [["1", "2", "10"], ["1.0", "2.0", "10.0"]])
def test_numbers_are_official_folds(tmp_path: Path, name: str, cells: list[str]) -> None:
    table = texts(tmp_path, f"text,label,{name}\n" + "".join(f"w,a,{c}\n" for c in cells))
    assert table.fold is not None
    assert table.fold.tolist() == [1, 2, 10]
    assert table.split is None


def test_folds_may_be_words_with_a_number(tmp_path: Path) -> None:
    table = texts(tmp_path, "text,label,fold\nx,a,fold1\ny,b,fold12\n")
    assert table.fold is not None
    assert table.fold.tolist() == [1, 12]


def test_a_column_that_is_only_called_part_is_not_used(tmp_path: Path) -> None:
    table = texts(tmp_path, "text,label,part\nx,a,knee\ny,b,hand\n")
    assert table.split is None
    assert table.said == ("column 'part' names no train, val and test; it is not used",)


def test_groups_are_found_and_rows_without_one_stand_alone(tmp_path: Path) -> None:
    table = texts(
        tmp_path, "text,label,speaker\n" + "".join(f"w,a,{s}\n" for s in ("p", "q", "r", "s", "t", "t", "", ""))
    )
    assert table.group is not None
    assert table.group.tolist() == ["p", "q", "r", "s", "t", "t", "row 8", "row 9"]
    assert table.said == ("samples with the same 'speaker' stay in one part (6 groups)",)


def test_too_few_groups_are_used_only_when_asked_for(tmp_path: Path) -> None:
    content = "text,label,source\nx,a,imdb\ny,b,yelp\n"
    table = texts(tmp_path, content)
    assert table.group is None
    assert "to keep each in one part, set --group-by source" in table.said[0]
    assert texts(tmp_path, content, group_column="source").group is not None


# --- files ---


def test_paths_are_relative_to_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    elsewhere = tmp_path / "elsewhere" / "4.jpg"
    content = f"file,label\na/1.jpg,x\n./a/2.JPG,y\na\\3.jpg,x\n{elsewhere},y\n"
    table = files(tmp_path, content, "a/1.jpg", "a/2.JPG", "a/3.jpg", "elsewhere/4.jpg")
    assert table.items.tolist() == [str(tmp_path / "a" / n) for n in ("1.jpg", "2.JPG", "3.jpg")] + [str(elsewhere)]
    assert table.ids.tolist() == ["a/1.jpg", "a/2.JPG", "a/3.jpg", str(elsewhere)]


def test_paths_may_be_relative_to_another_folder(tmp_path: Path) -> None:
    table = files(tmp_path, "path,label\n1.jpg,x\n2.jpg,y\n", "in/1.jpg", "in/2.jpg", root=tmp_path / "in")
    assert table.items.tolist() == [str(tmp_path / "in" / n) for n in ("1.jpg", "2.jpg")]


def test_a_file_listed_twice_is_used_once(tmp_path: Path) -> None:
    table = files(tmp_path, "path,label\n1.jpg,x\n2.jpg,y\n./1.jpg,x\n", "1.jpg", "2.jpg")
    assert table.ids.tolist() == ["1.jpg", "2.jpg"]
    assert table.said == ("1 row left out that repeat the path and label of an earlier row",)


# --- what cannot be used ---

Case = tuple[str, dict[str, str], type[Exception], str]
BAD_TEXTS: dict[str, Case] = {
    "no header": (
        "good film,pos\nbad film,neg\n",
        {},
        DataError,
        r"t.csv: no column for the texts among 'good film', 'pos'; name it with --text-column, or add a header line",
    ),
    "no label column": (
        "text,score\nx,1.5\n",
        {},
        DataError,
        "no column for the labels among 'text', 'score'; name it with --l",
    ),
    "no label": ("text,label\nx,a\ny,\nz,b\n", {}, DataError, r"row 3 has no label in column 'label' \(1 of 3 rows"),
    "wrong text": (
        "text,label\nx,a\n",
        {"item_column": "txt"},
        UsageError,
        "--text-column: no column named 'txt'; did you mean 'text'",
    ),
    "wrong label": (
        "text,label\nx,a\n",
        {"label_column": "klasse"},
        UsageError,
        "--label-column: no column named 'klasse'; .*found: 'text', 'label'",
    ),
    "wrong split": ("text,label\nx,a\n", {"split_column": "s"}, UsageError, "--split-column: no column named 's'"),
    "wrong group": ("text,label\nx,a\n", {"group_column": "who"}, UsageError, "--group-by: no column named 'who'"),
    "same column": (
        "text,label\nx,a\n",
        {"label_column": "text"},
        UsageError,
        "column 'text' is already taken for another role",
    ),
    "odd part": (
        "text,label,split\nx,a,train\ny,b,foo\n",
        {},
        DataError,
        "row 3: 'foo' in column 'split' is none of train, val",
    ),
    "odd named part": (
        "text,label,w\nx,a,u\n",
        {"split_column": "w"},
        DataError,
        "row 2: 'u' in column 'w' is none of train",
    ),
    "odd fold": (
        "text,label,fold\nx,a,1\ny,b,\n",
        {},
        DataError,
        "row 3: '' in column 'fold' is no fold number; correct it",
    ),
    "not 0 or 1": (
        "text,a,b\nx,1,2\n",
        {"label_column": "a,b"},
        DataError,
        "row 2: '2' in column 'b' is neither 0 nor 1",
    ),
}


@pytest.mark.parametrize("case", BAD_TEXTS)
def test_a_table_that_cannot_be_used_is_refused_by_row_or_column(tmp_path: Path, case: str) -> None:
    content, columns, kind, sentence = BAD_TEXTS[case]
    with pytest.raises(kind, match=sentence):
        texts(tmp_path, content, **columns)


BAD_FILES = {
    "missing": (
        "path,label\n1.jpg,x\n7.jpg,y\n8.jpg,y\n",
        "row 3: no such file .*7.jpg; 2 of 3 files are missing, paths are rel",
    ),
    "one missing": ("path,label\n1.jpg,x\n7.jpg,y\n", "row 3: no such file .*7.jpg; 1 of 2 files is missing"),
    "a folder": ("path,label\nd.jpg,x\n", "row 2: no such file .*d.jpg; 1 of 1"),
    "empty": ("path,label\n1.jpg,x\n,y\n", "row 3 has no path; fill it in or remove the row"),
    "other suffix": ("path,label\n1.jpg,x\n1.txt,y\n", r"row 3: '1.txt' does not end in \.jpg; correct it"),
    "two labels": (
        "path,label\n1.jpg,x\n1.jpg,y\n",
        r"row 3: 1.jpg has another label than in row 2; keep one .* as a\|b",
    ),
    "two parts": (
        "path,label,split\n1.jpg,x,train\n1.jpg,x,test\n",
        "row 3: 1.jpg has another split than in row 2; keep",
    ),
    "no column": (
        "photograph,label\n1.jpg,x\n",
        "no column for the files among 'photograph', 'label'; name it with --path-c",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_table_of_files_that_cannot_be_used_is_refused_by_row(tmp_path: Path, case: str) -> None:
    content, sentence = BAD_FILES[case]
    (tmp_path / "d.jpg").mkdir()
    with pytest.raises(DataError, match=sentence):
        files(tmp_path, content, "1.jpg", "1.txt")


BAD_JSON = {
    "broken line": (
        '{"text": "a", "label": "b"}\n{"text": \n',
        ".jsonl",
        "t.jsonl: row 2 is not valid JSON .*; mend it, one obj",
    ),
    "no object": ('{"text": "a", "label": "b"}\n["a", "b"]\n', ".jsonl", "row 2 is no JSON object; write"),
    "no text": ('{"text": ["a"], "label": "b"}\n', ".jsonl", "row 1: the text is a list, not a string; correct it"),
    "no label": ('{"text": "a", "label": "b"}\n{"text": "a"}\n', ".jsonl", "row 2 has no label in column 'label'"),
    "null label": ('{"text": "a", "label": null}\n', ".jsonl", "row 1 has no label in column 'label'"),
    "empty": ("", ".jsonl", "no sample in the table"),
    "broken list": ('[{"text": "a"}, ', ".json", "t.json: not valid JSON .*; mend it"),
    "list of lists": ('[["a", "b"]]', ".json", "row 1 is no JSON object"),
    "deep": ("[" * 100_000, ".json", "not valid JSON"),
}


@pytest.mark.parametrize("case", BAD_JSON)
def test_broken_json_is_refused_by_row(tmp_path: Path, case: str) -> None:
    content, suffix, sentence = BAD_JSON[case]
    with pytest.raises(DataError, match=sentence):
        texts(tmp_path, content, suffix)


def test_empty_texts_stay_and_are_counted(tmp_path: Path) -> None:
    table = texts(tmp_path, 'text,label\nx,a\n"",b\n" ",b\n')
    assert len(table) == 3
    assert table.said == ("2 of 3 texts are empty, the first in row 3",)


def test_twenty_thousand_rows_keep_their_order(tmp_path: Path) -> None:
    table = texts(tmp_path, "text,label\n" + "".join(f'"text, {i}",{i % 7}\n' for i in range(20_000)))
    assert table.items[[0, 19_999]].tolist() == ["text, 0", "text, 19999"]
    assert np.array_equal(table.target, np.arange(20_000) % 7)
