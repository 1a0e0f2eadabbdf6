# ruff: noqa: RUF001  Cyrillic letters look like Latin ones
"""Spans in files beside their texts: brat, Collection5, BSNLP; what offsets count, and spans apart."""

import json
import random
import time

import pytest

from multicnn.data.mended import Mended
from multicnn.errors import DataError, UsageError
from multicnn.text.datasets.entities import SETS, open_entities
from multicnn.text.datasets.entities.apart import settled
from multicnn.text.datasets.entities.units import Claim, Claimed, fitted

TEXT = "Алексей Волин возглавил Минсвязи.\r\nОн из Москвы.\r\n"
ANN = (
    "T1\tPER 0 13\tАлексей Волин\nT2\tGEOPOLIT 41 47\tМосквы\nR1\tWorks Arg1:T1 Arg2:T2\n#1\tAnnotatorNotes T1\tnote\n"
)


def brat(write, tmp_path, text=TEXT, ann=ANN, name="001"):
    write(f"brat/{name}.txt", text)
    write(f"brat/{name}.ann", ann)
    return tmp_path / "brat"


def test_brat_keeps_line_ends_and_parts_by_folder(write, entities, tmp_path):
    for part in ("train", "dev"):
        write(f"brat/{part}/1.txt", TEXT)
        write(f"brat/{part}/1.ann", ANN)
    write("brat/train/2.txt", "Nobody looked here")
    write("brat/README.txt", "about")
    table = open_entities(tmp_path / "brat")
    assert entities(table) == [[("Алексей Волин", "PER"), ("Москвы", "GEOPOLIT")]] * 2
    assert table.items[0] == TEXT
    assert (table.ids.tolist(), table.split.tolist()) == (["dev/1", "train/1"], ["val", "train"])
    assert "1 texts without an .ann file left out" in table.said
    assert entities(open_entities(tmp_path / "brat" / "dev" / "1.ann"))[0][0] == ("Алексей Волин", "PER")


def test_collection5_puts_places_and_media_together(write, entities, tmp_path):
    root = brat(write, tmp_path, ann=ANN + "T3\tMEDIA 24 32\tМинсвязи\n")
    assert entities(SETS["collection5"](root)) == [[("Алексей Волин", "PER"), ("Минсвязи", "ORG"), ("Москвы", "LOC")]]


@pytest.mark.parametrize(
    ("text", "at", "unit"),
    [
        ("a\r\nb 🙂 Paris", (7, 12), ""),  # as they should be
        ("🙂🙂 🙂 Paris", (8, 13), "UTF-16 units"),
        ("a\nb\nParis", (6, 11), "characters, a line end as two"),
        ("a\r\nb\r\nParis", (4, 9), "characters, \\r\\n as one"),
        ("🙂\r\nb\r\nParis", (5, 10), "UTF-16 units, \\r\\n as one"),
        ("Да, это Paris", (13, 18), "bytes of UTF-8"),
    ],
)
def test_what_offsets_count_is_told_by_the_quotes(text, at, unit, write, entities, tmp_path):
    begin = text.index("Paris")
    assert (at == (begin, begin + 5)) == (unit == "")
    table = open_entities(brat(write, tmp_path, text, f"T1\tLOC {at[0]} {at[1]}\tParis\n"))
    assert json.loads(table.answer[0])["spans"] == [[begin, begin + 5, "LOC"]]
    assert [s for s in table.said if "offsets count" in s] == ([f"offsets count {unit}"] if unit else [])


def test_the_whole_set_decides_what_offsets_count(write, entities, tmp_path):
    """Texts without emoji fit both; one of them must not win against those that tell."""
    for n in range(5):
        brat(write, tmp_path, "plain Paris", "T1\tLOC 6 11\tParis\n", f"plain{n}")
    brat(write, tmp_path, "🙂🙂 Paris Rome", "T1\tLOC 5 10\tParis\nT2\tLOC 11 15\tRome\n", "smile")
    table = open_entities(tmp_path / "brat")
    assert entities(table)[-1] == [("Paris", "LOC"), ("Rome", "LOC")]
    assert "offsets count UTF-16 units" in table.said


def test_pieces_are_joined_at_line_ends_and_else_taken_one_by_one(write, entities, tmp_path):
    text = "United\nNations, North and South Korea"
    ann = "T1\tORG 0 6;7 14\tUnited Nations\nT2\tLOC 16 21;32 37\tNorth Korea\nT3\tLOC 26 37\tSouth Korea\n"
    table = open_entities(brat(write, tmp_path, text, ann))
    assert entities(table) == [[("United\nNations", "ORG"), ("North", "LOC"), ("South Korea", "LOC")]]
    said = "\n".join(table.said)
    assert "1 entities over line ends, of several pieces, joined, the first in" in said
    assert "1 entities of several pieces, each piece taken for one, the first in" in said
    assert "1 entities left out that overlap a longer one, or lie within it" in said


def test_an_end_that_is_a_typing_error_is_mended_by_the_quote(write, entities, tmp_path):
    table = open_entities(brat(write, tmp_path, ann="T1\tPER 0 12\tАлексей Волин\nT2\tLOC 39 45\tМосквы\n"))
    assert entities(table) == [[("Алексей Волин", "PER"), ("Москвы", "LOC")]]
    assert any(s.startswith("2 entities moved to where the text that they quote stands") for s in table.said)


def test_a_quote_that_is_not_there_is_left_out_and_counted(write, entities, tmp_path):
    root = brat(write, tmp_path, ann=ANN + "T3\tORG 24 32\tМинздрав\n")
    table = open_entities(root)
    assert len(entities(table)[0]) == 2
    assert any(s.startswith("1 entities left out whose quoted text is not there") and "line 5" in s for s in table.said)
    with pytest.raises(
        DataError, match=r"001\.ann: line 5: entity 'ORG' from 24 to 32 quotes 'Минздрав', but its text"
    ):
        open_entities(root, on_misaligned="error")
    with pytest.raises(UsageError, match="on_misaligned is 'snip'; did you mean snap"):
        open_entities(root, on_misaligned="snip")


def test_annotations_of_another_text_are_refused(write, tmp_path):
    ann = "".join(f"T{n}\tPER {n} {n + 5}\tqwert\n" for n in range(5))
    with pytest.raises(DataError, match=r"001\.ann: line 1: .* so are 4 of 5 more in this text; is it of another text"):
        open_entities(brat(write, tmp_path, ann=ann))


@pytest.mark.parametrize(
    ("ann", "says"),
    [
        ("T1\tPER\n", r"001\.ann: line 1 is 'T1\\tPER'; brat writes T1, type, begin and end"),
        ("T1\tPER 5 2\tx\n", r"001\.ann: line 1: 5 2 runs backwards"),
        (
            "T1\tPER 900 905\n",
            r"001\.ann: line 1: entity 'PER' from 900 to 905 is not within its text of 50 characters",
        ),
        ("T1\tPER 0 99999999999999999999999999\n", r"line 1: entity 'PER' from 0 to .* is not within its text"),
        ("T1\tPER 0 5\0\n", r"001\.ann: row 1 has a NUL character"),
    ],
)
def test_broken_annotations_are_named_by_their_line(ann, says, write, tmp_path):
    with pytest.raises(DataError, match=says):
        open_entities(brat(write, tmp_path, ann=ann))


def test_a_missing_text_is_named(write, tmp_path):
    write("brat/7.ann", ANN)
    with pytest.raises(DataError, match=r"7\.ann: its text 7\.txt is missing"):
        open_entities(tmp_path / "brat")


RAW = "ru-10\nru\n2018-09-20\nhttps://e.ru/x\nПремьер Тереза Мэй в ЕС\n\nТереза  Мэй и Мэй, ЕСли\n"
OUT = "ru-10\nТереза Мэй\tТереза Мэй\tPER\tPER-1\nМэй\tМэй\tPER\tPER-1\nЕС\tЕС\tORG\tORG-1\nБрексит\tx\tEVT\tE\n"


def test_bsnlp_finds_its_names_as_words(write, entities, tmp_path):
    write("bsnlp/raw/ru/ru-10.txt", RAW)
    write("bsnlp/annotated/ru/ru-10.out", OUT)
    table = open_entities(tmp_path / "bsnlp")
    assert table.items[0].startswith("Премьер")
    assert entities(table) == [[("Тереза Мэй", "PER"), ("ЕС", "ORG"), ("Тереза  Мэй", "PER"), ("Мэй", "PER")]]
    assert any(s.startswith("1 names that do not stand in their text left out") and "line 5" in s for s in table.said)
    write("bsnlp/annotated/ru/ru-10.out", OUT + "broken\n")
    with pytest.raises(DataError, match=r"ru-10\.out: line 6 is 'broken'; write mention"):
        open_entities(tmp_path / "bsnlp")
    write("bsnlp/annotated/ru/ru-11.out", OUT)
    (tmp_path / "bsnlp/annotated/ru/ru-10.out").unlink()
    with pytest.raises(DataError, match=r"ru-11\.out: its text ru-11\.txt is missing"):
        open_entities(tmp_path / "bsnlp")


@pytest.mark.parametrize("seed", range(30))
def test_spans_are_apart_and_the_longest_stay(seed):
    """Against the definition: take the longest that overlaps none taken so far, of equals the first."""
    chance = random.Random(seed)
    text = "x" * 60
    spans = [(b := chance.randrange(50), b + chance.randrange(1, 10), chance.choice("AB")) for _ in range(12)]
    mended = Mended()
    found = settled(text, spans, None, "here", mended, "snap")
    taken = []
    for one in sorted(dict.fromkeys(spans), key=lambda s: (s[0] - s[1], s[0])):
        if all(one[1] <= b or e <= one[0] for b, e, _ in taken):
            taken.append(one)
    assert [s[:2] for s in found] == [s[:2] for s in sorted(taken)]
    assert sum(mended.counts.values()) == len(spans) - len(found)


def test_policies_of_spans_that_are_not_whole_tokens():
    text, tokens = "New York is big", [(0, 3), (4, 8), (9, 11), (12, 15)]
    for policy, kept in (("snap", [(0, 8, "LOC")]), ("drop", [])):
        mended = Mended()
        assert settled(text, [(1, 6, "LOC")], tokens, "f:1", mended, policy) == kept
        assert mended.example == {
            "entities widened to whole tokens" if kept else "entities left out that are not whole tokens": "f:1"
        }
    with pytest.raises(DataError, match=r"f:1: entity 'LOC' 'ew Yo' \(1 to 6\) is not whole tokens, 'New York' is"):
        settled(text, [(1, 6, "LOC")], tokens, "f:1", Mended(), "error")
    mended = Mended()
    assert settled(text, [(3, 4, "A"), (8, 12, "B"), (2, 2, "C")], tokens, "f", mended, "snap") == [(9, 11, "B")]
    assert sum(mended.counts.values()) == 3


def test_spaces_at_the_ends_of_spans_are_cut_off():
    mended = Mended()
    assert settled("to  Paris\n!", [(2, 10, "LOC"), (2, 4, "X")], None, "f:1", mended, "snap") == [(4, 9, "LOC")]
    assert mended.counts == {
        "entities had spaces at their ends, cut off": 1,
        "entities without a character left out": 1,
    }


def test_documents_of_megabytes_take_time_in_proportion():
    """A text eight times as long, with eight times the spans, overlaps and emoji, takes about eight times as long."""
    piece = "Анна Каренина 🙂 и Paris, United\r\nNations "

    def cost(n: int) -> float:
        text = piece * n
        width = len(piece) + 1  # an emoji counts twice
        claims = [
            c for k in range(n) for c in (
                Claim(k * width, k * width + 13, "PER", "Анна Каренина", "a"),
                Claim(k * width, k * width + 4, "PER", "Анна", "a"),
                Claim(k * width + 19, k * width + 24, "LOC", "Paris", "a"),
            )
        ]  # fmt: skip
        start = time.process_time()
        (spans,), unit = fitted([Claimed(text, claims)], Mended())
        found = settled(text, spans, None, "a", Mended(), "snap")
        assert (unit, len(found), found[-1][2]) == ("UTF-16 units", 2 * n, "LOC")
        nested = [(k, len(text) - k, "X") for k in range(n)]
        assert settled(text, nested, None, "a", Mended(), "snap") == [(0, len(text) - 1, "X")]
        return time.process_time() - start

    cost(1000)
    small, large = cost(4_000), cost(32_000)  # 160 thousand and 1.3 million characters
    assert large < 3 * 8 * max(small, 0.02)
