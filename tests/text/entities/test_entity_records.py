"""Records with texts and spans, or tokens and tags: annotation tools, tables, spaCy, Hugging Face."""

import base64
import json
from textwrap import dedent

import numpy as np
import pytest

from multicnn.errors import DataError, UsageError
from multicnn.text.datasets.entities import open_entities
from multicnn.text.datasets.entities.docbin import hashed

TEXT = "Анна 🙂 lives in Paris"
PER, LOC = (0, 4, "PER"), (16, 21, "LOC")
WHOLE = [[("Анна", "PER"), ("Paris", "LOC")]]


def named(begin, end, kind, start="start_offset", stop="end_offset", label="label", **more):
    return {start: begin, stop: end, label: kind, **more}


RECORDS = {
    "doccano labels": {"text": TEXT, "labels": [PER, LOC]},
    "doccano label": {"id": 3, "text": TEXT, "label": [PER, LOC], "Comments": []},
    "doccano annotations": {"text": TEXT, "annotations": [named(*PER, user=1), named(*LOC, user=1)], "meta": {}},
    "doccano entities": {"text": TEXT, "entities": [named(*PER, id=0), named(*LOC, id=1)], "relations": []},
    "doccano beside labels of the text": {"text": TEXT, "cats": ["travel"], "entities": [named(*PER), named(*LOC)]},
    "prodigy": {
        "text": TEXT,
        "tokens": [
            {"text": t, "start": TEXT.index(t), "end": TEXT.index(t) + len(t), "id": n}
            for n, t in enumerate(TEXT.split())
        ],
        "spans": [named(*PER, "start", "end", token_start=0), named(*LOC, "start", "end", token_start=4)],
        "answer": "accept",
    },
    "spaCy's pair": [TEXT, {"entities": [PER, LOC]}],
    "label studio's small JSON": {
        "text": TEXT, "label": [{"start": 0, "end": 4, "text": "Анна", "labels": ["PER"]},
                                {"start": 17, "end": 22, "text": "Paris", "labels": ["LOC"]}],
    },
    "offsets and lengths": {"text": TEXT, "entities": [{"offset": 0, "length": 4, "type": "PER"},
                                                       {"offset": 16.0, "length": "5", "type": "LOC"}]},
    "type first": {"text": TEXT, "entities": [["PER", 0, 4], ["LOC", 16, 21]]},
    "lists of columns": {"text": TEXT, "spans": {"start": [0, 16], "end": [4, 21], "label": ["PER", "LOC"]}},
    "tokens and tags": {"tokens": TEXT.split(), "ner_tags": ["B-PER", "O", "O", "O", "B-LOC"]},
    "tokens and tags beside a text": {"text": TEXT, "tokens": TEXT.split(), "tags": ["B-PER", "O", "O", "O", "U-LOC"]},
    "words and tags in two strings": {"text": TEXT, "labels": "B-PER O O O B-LOC"},
    "spans of tokens, last one told": {"tokenized_text": TEXT.split(), "ner": [[0, 0, "PER"], [4, 4, "LOC"]]},
    "spans of tokens, objects": {"tokens": TEXT.split(), "entities": [named(0, 1, "PER", "start", "end", "type"),
                                                                      named(4, 5, "LOC", "start", "end", "type")]},
}  # fmt: skip


@pytest.mark.parametrize("lines", [True, False], ids=["lines", "list"])
@pytest.mark.parametrize("name", RECORDS)
def test_records_of_every_shape(name, lines, write, entities):
    several = [RECORDS[name]] * 3
    content = (
        "\n".join(json.dumps(r, ensure_ascii=n > 0) for n, r in enumerate(several)) if lines else json.dumps(several)
    )
    table = open_entities(write("set.jsonl" if lines else "set.json", content))
    assert entities(table) == WHOLE * 3
    assert table.items[0] == TEXT
    assert table.ids.tolist() == [f"set.json{'l' * lines}:{n}" for n in (1, 2, 3)]


def test_texts_without_entities_stay_and_rejected_ones_go(write, entities):
    rows = [
        RECORDS["prodigy"],
        {**RECORDS["prodigy"], "answer": "reject"},
        {"text": "nothing", "spans": []},
        {"text": "no key"},
    ]
    table = open_entities(write("p.jsonl", "\n".join(map(json.dumps, rows))))
    assert entities(table) == [*WHOLE, [], []]
    assert any("1 texts that were rejected or passed over left out, the first in" in s for s in table.said)


def studio(*results, **more):
    return {"id": 1, "data": {"text": TEXT}, "annotations": [{"result": list(results)}], "predictions": [], **more}


def mark(begin, end, text, kind):
    return {"type": "labels", "from_name": "label", "to_name": "text",
            "value": {"start": begin, "end": end, "text": text, "labels": [kind]}}  # fmt: skip


def test_label_studio_counts_utf_16_and_that_is_found_out(write, entities):
    good = studio(
        mark(0, 4, "Анна", "PER"), mark(17, 22, "Paris", "LOC"), {"type": "choices", "value": {"choices": ["x"]}}
    )
    nobody = {**good, "annotations": [{"was_cancelled": True, "result": []}]}
    old = {"data": good["data"], "completions": good["annotations"]}
    table = open_entities(write("ls.json", json.dumps([good, nobody, old])))
    assert entities(table) == WHOLE * 2
    assert "offsets count UTF-16 units" in table.said
    assert any("1 texts that nobody annotated left out" in s for s in table.said)


def test_offsets_without_quotes_are_told_by_the_ends_of_words(write, entities):
    rows = [{"text": "🙂🙂 see Paris today", "label": [[9, 14, "LOC"]]}, {"text": "see Rome", "label": [[4, 8, "LOC"]]}]
    table = open_entities(write("d.jsonl", "\n".join(map(json.dumps, rows))))
    assert entities(table) == [[("Paris", "LOC")], [("Rome", "LOC")]]
    assert "offsets count UTF-16 units" in table.said


def test_offsets_within_an_emoji_count_no_utf_16(write, entities):
    """Spans within words tell nothing; that one would begin within an emoji tells all."""
    row = {"text": "a 🙂🙂bcd efg", "label": [[3, 6, "X"], [8, 9, "Y"]]}
    table = open_entities(write("d.jsonl", json.dumps(row)))
    assert entities(table) == [[("🙂bc", "X"), ("e", "Y")]]


def test_spans_that_are_not_whole_tokens(write, entities):
    row = {**RECORDS["prodigy"], "spans": [named(1, 4, "PER", "start", "end"), named(*LOC, "start", "end")]}
    path = write("p.jsonl", json.dumps(row) + "\n" + json.dumps(RECORDS["prodigy"]))
    table = open_entities(path)
    assert entities(table) == WHOLE * 2
    assert any(s.startswith("1 entities widened to whole tokens, the first in") and "row 1" in s for s in table.said)
    assert entities(open_entities(path, on_misaligned="drop"))[0] == WHOLE[0][1:]
    with pytest.raises(DataError, match=r"p\.jsonl: row 1: entity 'PER' 'нна' \(1 to 4\) is not whole tokens"):
        open_entities(path, on_misaligned="error")


def test_tables_with_their_columns(write, entities):
    rows = 'sentence,spans,split,doc\n"Anna, in Paris","[[0, 4, ""PER""], [9, 14, ""LOC""]]",train,a\n'
    rows += "In Rome,\"[(3, 7, 'LOC')]\",test,b\n"
    table = open_entities(write("t.csv", rows))
    assert entities(table) == [[("Anna", "PER"), ("Paris", "LOC")], [("Rome", "LOC")]]
    assert table.split.tolist() == ["train", "test"]
    other = write("o.csv", rows.replace("sentence,spans", "s,e"))
    assert entities(open_entities(other, item_column="s", label_column="e"))[1] == [("Rome", "LOC")]
    with pytest.raises(
        UsageError, match=r"--label-column: no column named 'x'; columns found: 'doc', 'e', 's', 'split'"
    ):
        open_entities(other, item_column="s", label_column="x")


def test_parts_by_files(write, entities, tmp_path):
    for part in ("train", "valid"):
        write(f"set/{part}.jsonl", json.dumps(RECORDS["doccano label"]))
    table = open_entities(tmp_path / "set")
    assert table.split.tolist() == ["train", "val"]


def test_numbers_of_types_and_of_tags_by_the_lists_beside(write, entities, tmp_path):
    write("d/label_config.json", '[{"id": 7, "text": "PER"}, {"id": 8, "text": "LOC"}]')
    write("d/set.jsonl", json.dumps({"text": TEXT, "annotations": [named(0, 4, 7), named(16, 21, 8)]}))
    assert entities(open_entities(tmp_path / "d")) == WHOLE
    row = json.dumps({"tokens": TEXT.split(), "ner_tags": [1, 0, 0, 0, 3]})
    path = write("h/set.jsonl", row)
    with pytest.raises(DataError, match=r"row 1: tag 1 is a number without a name; put dataset_info.json"):
        open_entities(path)
    names = {"names": ["O", "B-PER", "I-PER", "B-LOC"], "_type": "ClassLabel"}
    write("h/dataset_info.json", json.dumps({"features": {"ner_tags": {"feature": names, "_type": "Sequence"}}}))
    assert entities(open_entities(tmp_path / "h")) == WHOLE


BROKEN = {
    "no JSON": ('{"text": "a", ', r"row 2 is not valid JSON"),
    "a number": ("5", r'row 2 is 5; write \{"text"'),
    "no text": ('{"spans": []}', r"row 2: no text among 'spans'; name it text"),
    "a text that is none": ('{"text": 5, "spans": []}', r"row 2: no text among"),
    "a label of the text": ('{"text": "a b", "label": "good"}', r"'label' is 'good', no list of entities.*classify"),
    "several labels": ('{"text": "a b c", "labels": ["x", "y"]}', r"row 2: 'x' is no entity; .*classify"),
    "beyond the text": ('{"text": "ab", "spans": [[0, 9, "X"]]}', r"'X' from 0 to 9 is not within its text of 2"),
    "before the text": ('{"text": "ab", "spans": [[-2, 1, "X"]]}', r"row 2: entity 'X' from -2 to 1 is not within"),
    "backwards": ('{"text": "ab", "spans": [[2, 1, "X"]]}', r"row 2: entity 'X' from 2 to 1 is not within"),
    "an offset that is none": ('{"text": "ab", "spans": [["0", null, "X"]]}', r"row 2: None in .* is no offset"),
    "a half": ('{"text": "ab", "spans": [{"start": 0.5, "end": 1, "label": "X"}]}', r"row 2: 0.5 in .* no offset"),
    "a true offset": ('{"text": "ab", "spans": [[true, 1, "X"]]}', r"row 2: True in .* is no offset"),
    "a huge offset": ('{"text": "ab", "spans": [[0, 1e999, "X"]]}', r"row 2: inf in .* is no offset"),
    "no type": ('{"text": "ab", "spans": [[0, 1, ""]]}', r"row 2: '' in .* is no type of entity"),
    "no label": ('{"text": "ab", "spans": [{"start": 0, "end": 1}]}', r"row 2: an entity has 'start', 'end'; give"),
    "spans of text": ('{"text": "ab", "entities": [[0, 1]]}', r"row 2: \[0, 1\] is no entity"),
    "lists of other lengths": ('{"text": "a", "spans": {"start": [0], "end": [], "label": []}}', r"row 2: the lists"),
    "too few tags": ('{"tokens": ["a", "b"], "tags": ["O"]}', r"row 2: 'tags' has 1 tags for 2 tokens"),
    "no tag": ('{"tokens": ["a", "b"], "tags": ["O", "PER!"]}', r"row 2: 'PER!' is no tag such as"),
    "no token": ('{"tokens": ["a", ""], "tags": ["O", "O"]}', r"row 2: '' is no token"),
    "beyond the tokens": ('{"tokens": ["a"], "ner": [[0, 4, "X"]]}', r"row 2: entity 'X' from token 0 to 5 of 1"),
    "half a character": ('{"text": "a\\ud800", "spans": [[0, 1, "X"]]}', r"row 2: it holds U\+D800, half a character"),
    "NUL in a text": ('{"text": "a\\u0000", "spans": [[0, 1, "X"]]}', r"row 2: not a text, it holds NUL"),
    "another part": ('{"text": "ab", "spans": [[0, 1, "X"]], "split": "trian"}', r"row 2: 'trian' is none of train"),
    "an annotation that is none": ('{"data": {"text": "a"}, "annotations": [5]}', r"row 2: its annotations are \[5\]"),
    "no text in the data": ('{"data": {"n": 5}, "annotations": [{"result": []}]}', r"row 2: no text in its data"),
}  # fmt: skip


@pytest.mark.parametrize(("row", "says"), BROKEN.values(), ids=BROKEN)
def test_broken_records_are_named_by_their_row(row, says, write):
    first = {"tokens": ["a", "b"], "tags": ["O", "B-X"]}
    with pytest.raises(DataError, match=says):
        open_entities(write("set.jsonl", json.dumps(first) + "\n" + row + "\n"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[", r"set\.json: not valid JSON"),
        ("[" * 100_000, r"set\.json: (not valid JSON|lists within lists)"),
        ("5", r"set\.json: neither a list nor an object"),
        ("[]", r"no text in it, read as records"),
        ('[{"text": "a", "spans": []}]', r"none of its 1 texts has an entity"),
    ],
)
def test_broken_lists_are_named(content, says, write):
    with pytest.raises(DataError, match=says):
        open_entities(write("set.json", content))


def spacy_json(**more):
    tokens = [("Anna", "U-PER", ""), (",", "O", " "), ("New", "B-LOC", " "), ("York", "L-LOC", "")]
    held = [{"id": n, "orth": w, "ner": t, "space": s} for n, (w, t, s) in enumerate(tokens)]
    return [{"id": 0, "paragraphs": [{"sentences": [{"tokens": held, "brackets": []}], **more}]}]


def test_spacys_training_json_of_both_versions(write, entities):
    whole = [[("Anna", "PER"), ("New York", "LOC")]]
    table = open_entities(write("a.json", json.dumps(spacy_json())))
    assert (table.items[0], entities(table)) == ("Anna, New York", whole)
    table = open_entities(write("b.json", json.dumps(spacy_json(raw="Anna,  New York"))))
    assert (table.items[0], entities(table)) == ("Anna,  New York", [[("Anna", "PER"), ("New York", "LOC")]])
    spans = [[0, 4, "PER"], [6, 14, "LOC"]]
    assert (
        entities(open_entities(write("c.json", json.dumps(spacy_json(raw="Anna, New York", entities=spans))))) == whole
    )
    bad = spacy_json()
    bad[0]["paragraphs"][0]["sentences"][0]["tokens"][2] = {"id": 2}
    with pytest.raises(DataError, match=r"d\.json: row 1, paragraph 1: token \{'id': 2\} has no orth or ner"):
        open_entities(write("d.json", json.dumps(bad)))


# spaCy 3.8.18: nlp = spacy.blank("en"); "Angela Merkel met  Apple Inc. in Берлин 🙂 today." with PER, ORG and LOC by
# char_span; "Nothing here"; Doc(words=["New", "York", "Paris"], ents=["B-LOC", "I-LOC", "B-LOC"]);
# DocBin(attrs=["ENT_IOB", "ENT_TYPE"]).to_disk(...)
DOCBIN = base64.b64decode(
    dedent("""
    eJzrXF6WWlScmZ+32EDPcGliSUlR8WRHX79lJfnZqXnFRxkbci7vMxY2YJJjZoAAO89DNT9bX1rPiJb3XZmaGsWIJn7HySI5wPbZMSYGVCD4w+
    3QZ6vMMnTx698Dmy8fE4qEmV8PNbBmXWXBx3375zKiiSdvuj1Zd98aTXRz/E9c9Vuwii0RZk4jVP1RixmdU75xa6Orr97xTFb3uN1MdPFFh9b4
    vLlZvx5dPG1qsVX819iD6OLZRVujZvRuZUUX37hnyrT+z0oZ6O7ZwuFz/VXt7FxGNHGDvCP9bNu3TEBXv6y4IDE5tfiIACMjIwMjCDAwgBnLc1
    Lz0ksyio/wcAOVgawHaV1eXFKUmZdefIdBdsFChYV6yxzz0lNzEpc6FhTkpC7xzEvWW+zj77zMN7UoOzVnsV9q+XK//JIMoI7F/kHuiwNcg5YG
    JBZlFi+JzC/KXpYI0ZsI1puRWpS6KDNvSSbQjGW5EP25qSWL84Bm5EHMWFoA0ru0JD8lsXJJJdCENRcmXth6seHC7gs7Luxdc2EjgrPkw/yZTU
    uSE0uKJzc0NCxNy0lML57cuCkjsTi+NC87L788Lx7i8UNECx5eDaTz4tOL8ksLiicfYZwAQQDTH+cc
    """)
)


def test_spacys_docbin_without_spacy(write, entities):
    table = open_entities(write("train.spacy", DOCBIN))
    assert table.items.tolist() == [
        "Angela Merkel met  Apple Inc. in Берлин 🙂 today.",
        "Nothing here",
        "New York Paris",
    ]
    assert entities(table) == [
        [("Angela Merkel", "PER"), ("Apple Inc.", "ORG"), ("Берлин", "LOC")],
        [],
        [("New York", "LOC"), ("Paris", "LOC")],
    ]
    assert json.loads(table.answer[1])["tokens"] == [[0, 7], [8, 12]]


@pytest.mark.parametrize(
    ("text", "number"),
    [("a", 11901859001352538922), ("abcdefgh", 17751780907874141760), ("Берлин", 6991463077033396303),
     ("abcdefghij", 17029599333975756408)],
)  # fmt: skip
def test_strings_have_spacys_numbers(text, number):
    """Of spacy.strings.hash_string in 3.8.18."""
    assert hashed(text.encode()) == number


@pytest.mark.parametrize(
    "content",
    [b"", b"x", DOCBIN[:100], DOCBIN[:-1], base64.b64decode("eJwDAAAAAAE=")],
    ids=["empty", "a letter", "the start", "all but the end", "nothing packed"],
)
def test_damaged_docbins_are_named(content, write):
    with pytest.raises(DataError, match=r"train\.spacy: (no DocBin|no texts with)"):
        open_entities(write("train.spacy", content))


def test_sets_of_hugging_face_in_parquet_and_on_disk(write, entities, tmp_path):
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow")
    from pyarrow import ipc, parquet

    names = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    features = {"ner_tags": {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "Sequence"}}
    cells = pa.table({"tokens": [TEXT.split()] * 2, "ner_tags": [np.array([1, 0, 0, 0, 3])] * 2})
    told = cells.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    for part in ("train", "test"):
        (tmp_path / "hub/data").mkdir(parents=True, exist_ok=True)
        parquet.write_table(told, tmp_path / f"hub/data/{part}-00000-of-00001.parquet")
    table = open_entities(tmp_path / "hub")
    assert entities(table) == WHOLE * 4
    assert sorted(set(table.split)) == ["test", "train"]
    assert "IOB2 tags" in table.said
    assert entities(open_entities(tmp_path / "hub/data/train-00000-of-00001.parquet")) == WHOLE * 2
    folder = tmp_path / "disk"
    for part in ("train", "validation"):
        (folder / part).mkdir(parents=True)
        with ipc.new_stream(str(folder / part / "data-00000-of-00001.arrow"), cells.schema) as file:
            file.write_table(cells)
        write(f"disk/{part}/state.json", json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}))
        write(f"disk/{part}/dataset_info.json", json.dumps({"features": features}))
    write("disk/dataset_dict.json", '{"splits": ["train", "validation"]}')
    table = open_entities(folder)
    assert entities(table) == WHOLE * 4
    assert sorted(set(table.split)) == ["train", "val"]
