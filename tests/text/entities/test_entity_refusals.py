"""What is no set of entities, or a broken one, is refused by a sentence that names it; more by each layout's tests."""

import json
import zlib

import msgpack
import numpy as np
import pytest

from multicnn.errors import DataError, UsageError
from multicnn.text.datasets.entities import SETS, open_entities

NER = json.dumps({"text": "in Paris", "entities": [[3, 8, "LOC"]]})


def test_what_is_not_there_or_empty(tmp_path):
    with pytest.raises(DataError, match=r"no such file or folder: .*absent"):
        open_entities(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty: the folder is empty; put the set's files there"):
        open_entities(tmp_path / "empty")


@pytest.mark.parametrize(
    ("name", "says"),
    [("a.zip", r"a\.zip: \.zip files are not read; unpack it"), ("a.xlsx", r"a\.xlsx: \.xlsx files are not read")],
)
def test_packed_files_and_sheets(name, says, write):
    with pytest.raises(DataError, match=says):
        open_entities(write(name, b"PK"))


@pytest.mark.parametrize(
    ("layout", "content", "says"),
    [
        ("conll", "", r"x\.txt: holds no token; give a token a line"),
        ("conll", "some prose in lines\n", r"x\.txt: no column of tags such as O, B-PER .*with --label-column"),
        ("conllu", "a\n", r"x\.txt: line 1 is 'a'; CoNLL-U has a number"),
        ("words-tags", "a\n", r"x\.txt: no NAME\.words\.txt and NAME\.tags\.txt"),
        ("wikiner", "a\n", r"x\.txt: line 1: 'a' is no word\|pos\|tag"),
        ("peoples-daily", "a\n", r"x\.txt: line 1: 'a' is no word/tag"),
        ("docbin", "a\n", r"x\.txt: no DocBin of spaCy, or a damaged one"),
        ("brat", "a\n", r"x\.txt: no text in it, read as brat's"),
    ],
)
def test_a_layout_that_is_named_of_another_file(layout, content, says, write):
    with pytest.raises(DataError, match=says):
        SETS[layout](write("x.txt", content))


def test_columns_are_refused_where_there_are_none(write, tmp_path):
    write("brat/1.txt", "Paris")
    write("brat/1.ann", "T1\tLOC 0 5\tParis\n")
    with pytest.raises(UsageError, match=r"--label-column names a column, but .*brat is no table"):
        open_entities(tmp_path / "brat", label_column="x")


def test_a_text_that_holds_nul_or_is_beyond_measure(write, tmp_path):
    write("brat/1.ann", "T1\tLOC 0 5\tParis\n")
    write("brat/1.txt", "Paris\0")
    with pytest.raises(DataError, match=r"1\.txt: not a text, it holds NUL characters"):
        open_entities(tmp_path / "brat")
    write("brat/1.txt", "a" * 10_000_001)
    with pytest.raises(DataError, match=r"1\.txt: longer than 10,000,000 characters; cut it"):
        open_entities(tmp_path / "brat")


def test_a_list_beyond_measure(write, monkeypatch):
    monkeypatch.setattr("multicnn.text.datasets.entities.objects.MAX_JSON", 50)
    with pytest.raises(DataError, match=r"a\.json: more than 50 characters; save it as JSON Lines"):
        open_entities(write("a.json", f"[{NER},{NER}]"))


def test_a_text_of_another_type_in_a_named_column(write):
    with pytest.raises(DataError, match=r"a\.jsonl: row 1: the text is a int, not a string; correct it"):
        open_entities(write("a.jsonl", '{"t": 5, "e": [[0, 1, "X"]]}'), item_column="t", label_column="e")


@pytest.mark.parametrize("name", ["dataset_info.json", "label_config.json"])
def test_a_broken_list_of_names_beside_the_data(name, write):
    path = write("a.jsonl", '{"tokens": ["a"], "ner_tags": [1]}')
    write(name, "{")
    with pytest.raises(DataError, match=rf"{name}: cannot be read .*; mend it or remove it"):
        open_entities(path)


@pytest.mark.parametrize(
    ("paragraphs", "says"),
    [
        ([5], r"a\.json: row 1: paragraph 1 is 5, no object"),
        ([{"sentences": 5}], r"a\.json: row 1, paragraph 1: its sentences are 5"),
        ([{"sentences": [{"tokens": "x"}]}], r"a\.json: row 1, paragraph 1: token 'x' has no orth or ner"),
        ([{"sentences": [{"tokens": [{"orth": "a", "ner": "Z"}, {"orth": "b", "ner": "B-X"}]}]}], r"'Z' is no tag"),
    ],
)
def test_broken_paragraphs_of_spacy(paragraphs, says, write):
    with pytest.raises(DataError, match=says):
        open_entities(write("a.json", json.dumps([{"paragraphs": paragraphs}])))


def test_a_record_among_spacys_documents(write):
    rows = [{"paragraphs": []}] * 3 + [{"text": "a"}]
    with pytest.raises(DataError, match=r"a\.json: row 4: no document with paragraphs, \{'text': 'a'\}"):
        open_entities(write("a.json", json.dumps(rows)))


def docbin(**changes):
    whole = {
        "attrs": [65, 77, 78], "tokens": np.array([[7, 2, 0]], "<u8").tobytes(), "spaces": b"\0",
        "lengths": np.array([1], "<i4").tobytes(), "strings": [],
    }  # fmt: skip
    return zlib.compress(msgpack.packb({**whole, **changes}))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (docbin(tokens=np.array([[999_999, 2, 0]], "<u8").tobytes()), r"document 1: number 999999 stands for none"),
        (docbin(lengths=np.array([9], "<i4").tobytes()), r"no DocBin of spaCy, or one without entities"),
        (docbin(spaces=b""), r".*lengths of documents and tokens differ"),
        (docbin(attrs=[65]), r"no DocBin of spaCy, or one without entities"),
        (docbin(strings=[5]), r"no DocBin of spaCy, or one without entities"),
        (zlib.compress(msgpack.packb([1])), r"no DocBin of spaCy but a list"),
    ],
    ids=["number", "lengths", "spaces", "attributes", "strings", "list"],
)
def test_broken_docbins(content, says, write):
    with pytest.raises(DataError, match=rf"a\.spacy: {says}"):
        open_entities(write("a.spacy", content))


def test_a_table_without_the_columns_of_tokens(write):
    with pytest.raises(DataError, match=r"a\.csv: no column 'word' among 'sentence_id', 'label'; add it"):
        SETS["token-rows"](write("a.csv", "sentence_id,label\n1,O\n"))


def test_a_name_of_bsnlp_beyond_measure(write, tmp_path):
    write("b/raw/1.txt", "Paris")
    write("b/annotated/1.out", "1\n" + "a " * 600 + "\tx\tLOC\tid\n")
    with pytest.raises(DataError, match=r"1\.out: line 2 has a name of 1,199 characters; correct it"):
        open_entities(tmp_path / "b")
