# ruff: noqa: RUF001  Cyrillic letters look like Latin ones
"""Tokens with a tag each: in columns, CoNLL-U, two files, WikiNER, the People's Daily, tables."""

import json

import pytest

from multicnn.errors import DataError, UsageError
from multicnn.text.datasets.entities import SETS, open_entities

CONLL = """-DOCSTART- -X- O O

EU NNP I-NP I-ORG
rejects VBZ I-VP O
German JJ I-NP I-MISC
call NN I-NP O
. . O O

Peter NNP I-NP I-PER
Blackburn NNP I-NP I-PER

-DOCSTART- -X- O O

Peter NNP I-NP I-PER
Paul NNP I-NP B-PER
left VBD I-VP O
"""


def test_conll_2003_with_its_documents_and_iob1_tags(write, entities):
    table = open_entities(write("eng.train", CONLL))
    assert entities(table) == [
        [("EU", "ORG"), ("German", "MISC")],
        [("Peter Blackburn", "PER")],
        [("Peter", "PER"), ("Paul", "PER")],
    ]
    assert table.items[0] == "EU rejects German call ."
    assert table.classes == ("MISC", "ORG", "PER")
    assert "column 1, tag in the last column), IOB1 tags: 3 sentences, 5 entities of 3 types" in table.said[0]
    assert table.ids.tolist() == ["eng.train:3", "eng.train:9", "eng.train:14"]
    assert json.loads(table.answer[1])["tokens"] == [[0, 5], [6, 15]]


def test_parts_by_the_names_of_conll_and_documents_that_stay_whole(write, entities, tmp_path):
    write("conll/README", "the set")
    for name in ("eng.train", "eng.testa", "eng.testb"):
        write(f"conll/{name}", CONLL * 3)
    table = open_entities(tmp_path / "conll")
    assert sorted(set(table.split)) == ["test", "train", "val"]
    assert table.split[table.ids.tolist().index("eng.testa:3")] == "val"
    assert len(set(table.group)) == 18
    assert "18 documents, each in one part" in table.said


def test_a_part_alone_is_dealt_anew(write, tmp_path):
    write("set/train.txt", CONLL)
    table = open_entities(tmp_path / "set")
    assert table.split is None
    assert "all are of the train part; parts are dealt anew" in table.said


def test_files_of_no_part_are_left_out_where_others_have_one(write, tmp_path):
    for name in ("train.txt", "dev.txt", "extra.txt"):
        write(f"set/{name}", CONLL)
    table = open_entities(tmp_path / "set")
    assert set(table.split) == {"train", "val"}
    assert any("3 texts left out, no train, val or test, such as extra.txt:3" in said for said in table.said)


def test_wnut_with_tabs_spaces_in_tokens_and_blank_lines_that_hold_a_tab(write, entities):
    table = open_entities(write("w.conll", "@bob\tO\n😀 😀\tO\nNew York\tB-location\n\t\n#tag\tB-product\nis\tO\n"))
    assert entities(table) == [[("New York", "location")], [("#tag", "product")]]
    assert table.items[0] == "@bob 😀 😀 New York"
    assert json.loads(table.answer[0])["tokens"] == [[0, 4], [5, 8], [9, 17]]


def test_gareev_a_file_a_document(write, entities, tmp_path):
    for n in range(6):
        write(f"gareev/{n}.txt.iob", "Иван\tB-PER\nПетров\tI-PER\nиз\tO\nЯндекса\tB-ORG\n.\tO\n\nДа\tO\n")
    table = open_entities(tmp_path / "gareev")
    assert entities(table)[0] == [("Иван Петров", "PER"), ("Яндекса", "ORG")]
    assert len(set(table.group)) == 6


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251", "utf-16", "koi8-r"])
def test_encodings_are_found_out(encoding, write, entities):
    text = "Владимир B-PER\nИванов I-PER\nприехал O\nв O\nМоскву B-LOC\n\n" * 20
    table = open_entities(write("a.txt", text, encoding))
    assert entities(table)[0] == [("Владимир Иванов", "PER"), ("Москву", "LOC")]
    assert any("is not Unicode; read as" in said for said in table.said) == (encoding in ("cp1251", "koi8-r"))


def test_latin_1_of_conll_2002(write, entities):
    table = open_entities(write("esp.train", "El DA O\nAbogado NC B-PER\nMuñoz NP I-PER\n\n" * 5, "latin-1"))
    assert entities(table)[0] == [("Abogado Muñoz", "PER")]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems(end, write, entities):
    table = open_entities(write("a.txt", "a O\nParis B-LOC\n\nb O\n".replace("\n", end)))
    assert entities(table) == [[("Paris", "LOC")], []]


def test_germeval_numbers_its_tokens_and_has_two_layers(write, entities):
    table = open_entities(
        write(
            "g.tsv",
            "#\thttp://de.wikipedia.org [2009]\n1\tAufgrund\tO\tO\n2\tBayern\tB-ORG\tB-LOC\n3\tMünchen\tI-ORG\tO\n",
        )
    )
    assert entities(table) == [[("Bayern München", "ORG")]]
    assert "token in column 2, tag in column -2" in table.said[0]


def test_universal_ner_has_its_tag_in_the_middle(write, entities):
    table = open_entities(
        write("u.iob2", "# sent_id = 1\n# text = Paris now\n1\tParis\tB-LOC\t-\tann\n2\tnow\tO\t-\tann\n")
    )
    assert entities(table) == [[("Paris", "LOC")]]


def test_columns_by_number(write, entities):
    path = write("a.txt", "x EU B-ORG O\ny is O O\n")
    assert entities(open_entities(path, item_column="2", label_column="3")) == [[("EU", "ORG")]]
    assert open_entities(path, item_column="2", label_column="-2").items[0] == "EU is"
    with pytest.raises(UsageError, match="--label-column tag: these columns have no names; give a number"):
        open_entities(path, label_column="tag")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a O\nb B-X\nc\nd O\n" + "e O\n" * 20, r"a\.txt: line 3 has 1 of 2 cells, 'c'; give a token and its tag"),
        ("a O\nb B-X\nc XX\n" + "d O\n" * 30, r"a\.txt: line 3: 'XX' is no tag such as O, B-PER or I-PER"),
        ("a O\nb\0 B-X\n" + "d O\n" * 30, r"a\.txt: row 2 has a NUL character"),
        ("a O\nb O\n", r"none of its 1 sentences has an entity, read as columns of tokens"),
        ("", r"a\.txt: no texts with entities in a known layout"),
        ("just some prose\nin lines\n", r"a\.txt: no texts with entities in a known layout.*as in conll=a\.txt"),
    ],
)
def test_broken_columns_are_named_by_their_line(content, says, write):
    with pytest.raises(DataError, match=says):
        open_entities(write("a.txt", content))


def test_tokens_that_are_spaces_alone_are_counted(write, entities):
    table = open_entities(write("a.txt", "a\tO\n\u00a0\tO\nParis\tB-LOC\n" + "b\tO\n" * 9))
    assert entities(table) == [[("Paris", "LOC")]]
    assert any("1 tokens that are spaces alone left out" in said for said in table.said)


@pytest.mark.parametrize(
    ("tags", "scheme", "spans"),
    [
        ("O I-A I-A O I-B", "IO", [("b c", "A"), ("e", "B")]),
        ("B-A E-A S-B O B-A I-A E-A", "BIOES", [("a b", "A"), ("c", "B"), ("e f g", "A")]),
        ("B-A L-A U-B O B-A I-A L-A", "BILOU", [("a b", "A"), ("c", "B"), ("e f g", "A")]),
        ("B-A M-A E-A S-B O", "BMES", [("a b c", "A"), ("d", "B")]),
        ("B I O B", "IOB2", [("a b", "entity"), ("d", "entity")]),
        ("B_geo-loc I_geo-loc O", "IOB2", [("a b", "geo-loc")]),
        ("PER-B PER-I O", "IOB2 (TYPE-B)", [("a b", "PER")]),
        ("O PER PER O O LOC O O", "IO (TYPE)", [("b c", "PER"), ("f", "LOC")]),
        ("_ B-A _ _", "IOB2", [("b", "A")]),
    ],
)
def test_the_scheme_is_told_by_the_tags_of_a_file(tags, scheme, spans, write, entities):
    lines = [f"{token} {tag}\n" for token, tag in zip("abcdefgh", tags.split(), strict=False)]
    table = open_entities(write("a.txt", "".join(lines)))
    assert entities(table) == [spans]
    assert f"the last column), {scheme} tags: 1 sentences" in table.said[0]


def test_repairs_are_counted_with_the_first(write):
    table = open_entities(write("a.txt", "a B-X\nb I-Y\n\nc B-X\n\nd I-X\n"))
    assert any(said == "2 tags repaired that IOB2 does not allow there, the first in a.txt:1" for said in table.said)


NERUS = """# newdoc id = 0
# sent_id = 0_0
# text = Вице-премьер Татьяна Голикова, «Мир».
1\tВице-премьер\t_\tNOUN\t_\t_\t0\troot\t_\tTag=O
2\tТатьяна\t_\tPROPN\t_\t_\t1\tappos\t_\tTag=B-PER
3\tГоликова\t_\tPROPN\t_\t_\t2\tflat\t_\tSpaceAfter=No|Tag=I-PER
4\t,\t_\tPUNCT\t_\t_\t5\tpunct\t_\tTag=O
5-6\tдела\t_\t_\t_\t_\t_\t_\t_\t_
5\tде\t_\tADP\t_\t_\t1\tx\t_\t_
6\tла\t_\tDET\t_\t_\t1\tx\t_\tTag=B-LOC
6.1\tнет\t_\tDET\t_\t_\t1\tx\t_\tTag=B-LOC
"""


def test_nerus_keeps_its_text_ranges_and_no_empty_nodes(write, entities):
    table = open_entities(write("n.conllu", NERUS.replace(", «Мир».", ", дела") + "\n" + NERUS))
    assert entities(table)[0] == [("Татьяна Голикова", "PER"), ("дела", "LOC")]
    assert table.items[0] == "Вице-премьер Татьяна Голикова, дела"  # as written
    assert table.items[1] == "Вице-премьер Татьяна Голикова , дела"  # its own text has other words
    assert "CoNLL-U with entities in its last column, IOB2 tags" in table.said[0]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("4\t,\t_", r"line 8 is '4\\t,\\t_'; CoNLL-U has a number, a word and 8 cells more"),
        ("5-3\tx" + "\t_" * 8, r"line 8: words 5-3 run backwards"),
        ("4\t,\t_\t_\t_\t_\t_\t_\t_\tTag=PERSON", r"line 8: 'PERSON' is no tag"),
    ],
)
def test_broken_conllu_is_named_by_its_line(line, says, write):
    head = "".join(NERUS.splitlines(keepends=True)[:6])
    more = "\n" + "\n".join(NERUS.splitlines()[:5] * 1) + "\n"
    with pytest.raises(DataError, match=says):
        SETS["conllu"](write("n.conllu", head + "\n" + line + "\n" + more))


def test_words_and_tags_in_two_files(write, entities, tmp_path):
    for part in ("train", "testa"):
        write(f"two/{part}.words.txt", "John lives in Paris\n\nHello\n")
        write(f"two/{part}.tags.txt", "B-PER O O B-LOC\n\nO\n")
    table = open_entities(tmp_path / "two")
    assert entities(table) == [[("John", "PER"), ("Paris", "LOC")], []] * 2
    assert sorted(set(table.split)) == ["train", "val"]
    one = open_entities(tmp_path / "two" / "train.words.txt")
    assert len(one) == 2
    write("atis/train/seq.in", "fly to boston\n")
    write("atis/train/seq.out", "O O B-toloc\n")
    assert entities(open_entities(tmp_path / "atis")) == [[("boston", "toloc")]]


@pytest.mark.parametrize(
    ("words", "tags", "says"),
    [
        ("a b\nc\n", "O O\nO O\n", r"x\.tags\.txt: line 2 has 2 tags, but x\.words\.txt 1 words there"),
        ("a b\nc\n", "O B-X\n", r"x\.tags\.txt has 1 lines, but x\.words\.txt has 2; make them as many"),
        ("a b\n", None, r"x\.words\.txt: its tags x\.tags\.txt are missing"),
        (None, "O O\n", r"x\.tags\.txt: its words x\.words\.txt are missing"),
    ],
)
def test_two_files_that_do_not_match_are_named(words, tags, says, write, tmp_path):
    write("two/y.words.txt", "a\n")
    write("two/y.tags.txt", "B-X\n")
    for name, content in (("x.words.txt", words), ("x.tags.txt", tags)):
        if content is not None:
            write(f"two/{name}", content)
    with pytest.raises(DataError, match=says):
        open_entities(tmp_path / "two")


def test_wikiner(write, entities):
    line = "Rome|NNP|I-LOC ||SYM|O and|CC|O Milan|NNP|I-LOC Turin|NNP|B-LOC\n"
    table = open_entities(write("aij-wikiner-en-wp3", f"\n{line}\n{line}"))
    assert table.items[0] == "Rome | and Milan Turin"
    assert entities(table)[0] == [("Rome", "LOC"), ("Milan", "LOC"), ("Turin", "LOC")]
    assert "WikiNER, word|tag, IOB1 tags: 2 sentences" in table.said[0]
    with pytest.raises(DataError, match=r"b: line 3: 'oops' is no word\|pos\|tag"):
        open_entities(write("b", f"{line}\n{line.rstrip()} oops\n{line * 9}"))


def test_the_peoples_daily(write, entities):
    line = "[中国/ns  政府/n]nt  主席/n  江/nr  泽民/nr  在/p  北京/ns  说/v  1/2/m\n"
    table = open_entities(write("199801.txt", line))
    assert entities(table) == [[("中国 政府", "ORG"), ("江 泽民", "PER"), ("北京", "LOC")]]
    assert table.items[0].endswith("1/2")
    with pytest.raises(DataError, match=r"b\.txt: line 2: '主席' is no word/tag"):
        open_entities(write("b.txt", line * 1 + "江/nr 主席\n" + line * 5))


def test_a_table_with_a_token_a_row(write, entities):
    rows = 'Sentence #,Word,POS,Tag\nSentence: 1,Thousands,NNS,O\n,"London, UK",NNP,B-geo\nSentence: 2,Iraq,NNP,B-geo\n'
    table = open_entities(write("ner_dataset.csv", rows, "latin-1"))
    assert entities(table) == [[("London, UK", "geo")], [("Iraq", "geo")]]
    with pytest.raises(DataError, match=r"b\.csv: row 3 has no tag; fill it in"):
        open_entities(write("b.csv", "sentence_id,token,label\n1,a,O\n1,b,\n"))


def test_a_layout_may_be_named(write, entities):
    path = write("a.txt", "Paris/LOC is/O\n")
    with pytest.raises(DataError, match="no texts with entities in a known layout"):
        open_entities(path)
    assert entities(SETS["conll"](write("b.txt", "Paris B-LOC\n"))) == [[("Paris", "LOC")]]
    with pytest.raises(DataError, match=r"conll: lies nowhere by itself; name its file or folder, as in conll=PATH"):
        SETS["conll"](None)
    with pytest.raises(DataError, match="no such file or folder"):
        SETS["conll"](path.with_name("absent"))
