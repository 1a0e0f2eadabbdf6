# ruff: noqa: RUF001  Cyrillic letters look like Latin ones
"""Texts cut into pieces: no word is lost, none answers twice, no entity is broken; words and their looks as numbers."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError, UsageError
from multicnn.text.entities.cut import cuts, sentences
from multicnn.text.entities.features import CODES, LETTERS, WIDTH, code, looks, shape
from multicnn.text.entities.pieces import aligned, cut, tagged, unbroken
from multicnn.text.entities.plan import plan_reader
from multicnn.text.entities.reader import MARK, TokenReader, plan_tags, whole
from multicnn.text.tokens import spans


def table(*texts: tuple[str, list], tokens: list | None = None) -> Table:
    """Texts with their spans."""
    classes, target = number_several([[s[2] for s in own] for _, own in texts], ["A", "B"])
    more = {} if tokens is None else {"tokens": tokens}
    return Table(
        name="t",
        items=strings(text for text, _ in texts),
        ids=strings(f"t{n}" for n in range(len(texts))),
        classes=classes,
        target=target,
        answer=strings(json.dumps({"spans": own, **more}) for _, own in texts),
    )


def told(pieces: Table) -> list[dict]:
    """What is known of each piece."""
    assert pieces.answer is not None
    return [json.loads(line) for line in pieces.answer.tolist()]


@given(st.lists(st.integers(1, 12), max_size=12), st.integers(1, 15), st.integers(0, 6))
def test_each_word_answers_in_one_piece(lengths: list[int], size: int, context: int):
    ends = np.cumsum(lengths or [0]).tolist()
    pieces = cuts(ends, size, context)
    assert pieces[0].begin == 0
    assert pieces[-1].end == ends[-1]
    assert all(a.end == b.begin for a, b in pairwise(pieces))
    for p in pieces:
        assert p.end - p.begin <= size
        assert p.first == max(0, p.begin - context)
        assert p.last == min(ends[-1], p.end + context)
        short = p.end in ends or p.end - p.begin == size  # a border within a sentence is that of a full piece
        assert short


def test_whole_sentences_stay_together_where_they_fit():
    assert [(p.begin, p.end) for p in cuts([3, 6, 9, 30], 7, 2)] == [(0, 6), (6, 9), (9, 16), (16, 23), (23, 30)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Он ушёл. Она нет.", ["Он ушёл.", "Она нет."]),
        ("Он живёт на ул. ленина. Да", ["Он живёт на ул. ленина.", "Да"]),
        ("«Как?» Так! 3.5 кг", ["«Как?»", "Так!", "3.5 кг"]),
        ("One\ntwo\r\nthree", ["One", "two", "three"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, parts: list[str]):
    places = spans(text)
    ends = sentences(text, places)
    assert [text[places[a][0] : places[b - 1][1]] for a, b in pairwise([0, *ends]) if a < b] == parts


@given(st.data())
def test_no_entity_is_broken(data: st.DataObject):
    n, size, context = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 8)), data.draw(st.integers(0, 4))
    tags, at = [0] * n, 0
    while at < n:
        length = data.draw(st.integers(1, 12))
        if data.draw(st.booleans()):
            tags[at : at + length] = ([1] + [2] * (length - 1))[: n - at]
        at += length
    pieces = unbroken(cuts([n], size, context), tags, context)
    assert sum(p.end - p.begin for p in pieces) == n
    assert all(a.end == b.begin for a, b in pairwise(pieces))
    assert all(p.first <= p.begin <= p.end <= p.last <= n for p in pieces)
    assert all(tags[p.begin] != 2 for p in pieces if p.begin < n)


def test_as_many_words_answer_as_there_are_whatever_the_length():
    long = " ".join(f"слово{n}" for n in range(1000))  # one sentence
    texts = table((long, [[0, 6, "A"]]), ("", []), ("Да", [[0, 2, "B"]]), ("Он. Она. " * 40, []))
    reader = plan_reader(texts, np.arange(4), size=16, context=3)
    pieces, of = cut(texts, reader)
    answers = plan_tags(pieces, reader)
    tags = [answers(f"x\0{json.dumps(answer)}") for answer in told(pieces)]
    count = [sum(int((t >= 0).sum()) for t, row in zip(tags, of, strict=True) if row == n) for n in range(4)]
    assert count == [1000, 0, 1, 160]
    assert all(1 <= len(reader(item)) <= 16 + 6 for item in pieces.items)
    assert len(tags[0]) == max(len(reader(item)) for item in pieces.items)
    assert set(np.flatnonzero(of == 1)) == set(np.flatnonzero(pieces.ids == "t1"))
    assert pieces.target.any(0).tolist() == [True, True]
    assert str(pieces.ids[0]) == "t0#0"
    assert pieces.group is not None
    assert list(pieces.group[:2]) == ["t0", "t0"]
    assert any("read in" in line for line in pieces.said)


def test_tags_say_where_entities_begin_and_go_on():
    assert tagged([(0, 2, "B"), (2, 3, "A"), (4, 7, "A")], 8, ["A", "B"]) == [3, 4, 1, 0, 1, 2, 2, 0]


def test_words_of_the_corpus_count_where_it_has_some():
    own = table(("Нью-Йорк", [[0, 3, "A"]]), tokens=[[0, 3], [3, 4], [4, 8]])
    reader = plan_reader(own, np.array([0]))
    pieces, _ = cut(own, reader)
    assert str(pieces.items[0]).split(MARK) == ["Нью", "-", "Йорк"]
    assert told(pieces)[0] == {"tags": [1, 0, 0], "places": [[0, 3], [3, 4], [4, 8]]}


def test_entities_within_words_follow_the_policy_and_are_counted():
    text = "Россия-СССР и Мураками-бум"
    known = table((text, [[0, 6, "A"], [7, 11, "A"], [14, 22, "B"]]))
    for policy, tags in (("snap", [1, 0, 3]), ("drop", [0, 0, 0])):
        pieces, _ = cut(known, plan_reader(known, np.array([0]), on_misaligned=policy))
        assert told(pieces)[0]["tags"] == tags
        assert any(line.startswith("3 entities begin or end within a word") for line in pieces.said)
        assert any("[Россия]-СССР" in line for line in pieces.said)
    with pytest.raises(DataError, match=r"t0: the entity '\[Россия\]-СССР и Мур.*within a word"):
        cut(known, plan_reader(known, np.array([0]), on_misaligned="error"))


def test_an_entity_of_spaces_is_lost():
    from multicnn.text.entities.pieces import Odd

    odd = Odd()
    assert aligned([(1, 2, "A")], [(0, 1), (3, 4)], "a  b", "x", "snap", odd) == []
    assert (odd.count, odd.lost) == (1, 1)


def test_settings_out_of_range_are_refused():
    texts = table(("да", []))
    rows = np.array([0])
    with pytest.raises(UsageError, match="policy for misaligned entities"):
        plan_reader(texts, rows, on_misaligned="guess")
    with pytest.raises(UsageError, match=r"reader.size is 0"):
        plan_reader(texts, rows, size=0)
    with pytest.raises(UsageError, match="min_count is 0"):
        plan_reader(texts, rows, min_count=0)
    with pytest.raises(DataError, match="no training text holds a word"):
        plan_reader(table(("", [])), rows)


def test_a_reader_is_rebuilt_from_its_settings():
    reader = plan_reader(table(("Москва, Москва и Тверь", [])), np.array([0]), size=5, context=1)
    again = TokenReader(**json.loads(json.dumps(reader.settings())))
    assert again == reader
    assert reader.words[0] == "москва"
    item = MARK.join(["МОСКВА", "Омск"])
    assert np.array_equal(again(item), reader(item))
    assert again(item)[:, 0].tolist() == [2, 1]


def test_an_empty_piece_is_one_unknown_word():
    reader = TokenReader(words=("a",))
    assert reader("").tolist() == [[1] + [0] * WIDTH]
    assert [len(p) for p in reader.pieces("")] == [1]


def test_looks_are_hashes_and_letters_the_same_for_ever():
    assert shape("Москва") == "Xxxxx"
    assert shape("12.50-й") == "dd.dd-x"
    assert shape("МГУ") == "XXX"
    found = looks("Ёлка")
    assert found.shape == (WIDTH,)
    assert found[WIDTH - LETTERS :].tolist() == [*map(ord, "Ёлка"), *[0] * 12]
    assert found[:2].tolist() == [1328078254, 875277554]  # as when runs were first saved with them
    long = looks("abcdefghijklmnopqrstuvwxyz")[WIDTH - LETTERS :]
    assert "".join(map(chr, long)) == "abcdefghstuvwxyz"
    assert all(0 < code(chr(n)) < CODES for n in range(0x110000) if not 0xD800 <= n < 0xE000)


def test_a_file_keeps_its_line_ends_and_what_is_no_text_is_named(tmp_path):
    file = tmp_path / "a.txt"
    file.write_bytes("Да\r\nнет".encode())
    assert whole(file) == "Да\r\nнет"
    file.write_bytes(b"a\0b")
    with pytest.raises(DataError, match=r"a\.txt: not a text file"):
        whole(file)
    with pytest.raises(DataError, match=r"none\.txt: cannot be read"):
        whole(tmp_path / "none.txt")
