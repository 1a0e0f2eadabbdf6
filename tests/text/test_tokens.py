# ruff: noqa: RUF001  letters that look alike are the matter here
"""The tokeniser: what is one token, and that nothing is lost, whatever the text."""

import re
import sys
import time
from itertools import pairwise
from unicodedata import combining, decomposition, normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.text.tokens import SAME, joins, spans, tokens

ANY = st.text(st.characters(codec="utf-8"))
WORDS = st.text("abcxyzàéßøабвяёЁ0123456789", min_size=1, max_size=8)


@settings(deadline=None)
@given(ANY)
def test_nothing_but_white_space_is_lost(text: str):
    kept = normalize("NFC", text.translate(SAME))
    assert "".join(tokens(text)) == "".join(kept.split())


@settings(deadline=None)
@given(ANY)
def test_tokens_cut_again_stay_as_they_are(text: str):
    once = tokens(text)
    assert tokens(" ".join(once)) == once


@settings(deadline=None)
@given(st.text(st.characters()))
def test_a_token_is_never_empty_and_holds_no_white_space(text: str):
    assert all(token and not re.search(r"\s", token) for token in tokens(text))


@settings(deadline=None)
@given(st.lists(WORDS))
def test_words_between_spaces_come_back(words: list[str]):
    assert tokens(" ".join(words)) == [normalize("NFC", w) for w in words]


@settings(deadline=None)
@given(ANY)
def test_composed_and_decomposed_letters_are_the_same(text: str):
    assert tokens(normalize("NFD", text)) == tokens(normalize("NFC", text))


@pytest.mark.parametrize(
    "token",
    [
        *("don't", "e-mail", "rock'n'roll", "k-19", "3d", "snake_case"),
        *("из-за", "что-то", "ещё", "Ёлка"),
        *("3.5", "1,000", "10/10", "12:30"),
        *(":)", ":-(", ";-)", ":D", "=)))", ")))", "!!!", "?!", "..."),
        *("👍", "👍🏽", "❤️", "👨‍👩‍👧", "🇷🇺", "1️⃣"),
        *("naïve", "straße", "ελληνικά", "עברית", "שָׁלוֹם", "مَرْحَبًا", "می‌خواهم", "नमस्ते", "한국어", "ქართული"),
    ],
)
def test_one_token_stays_in_one_piece(token: str):
    assert tokens(f"so {token} it") == ["so", normalize("NFC", token), "it"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don’t go—now!", ["Don't", "go", "—", "now", "!"]),
        ("'quoted'", ["'", "quoted", "'"]),
        ("end. Next", ["end", ".", "Next"]),
        ("note:do it", ["note", ":", "do", "it"]),
        ("co\u00adop\u200b", ["coop"]),
        ("\ufeffstart", ["start"]),
        ("我喜欢iPhone手机", ["我", "喜", "欢", "iPhone", "手", "机"]),
        ("ガンダム", ["ガ", "ン", "ダ", "ム"]),
        ("สวัสดี", ["ส", "วั", "ส", "ดี"]),
        ("👍👎", ["👍", "👎"]),
        ("🇷🇺🇩🇪", ["🇷🇺", "🇩🇪"]),
        ("", []),
        (" \t\n\u00a0\u3000", []),
    ],
)
def test_text_is_cut_where_a_reader_would(text: str, expected: list[str]):
    assert tokens(text) == expected


def test_long_texts_without_a_space_take_no_time():
    n, start = 200_000, time.process_time()
    for text in ("a" * n, "a-" * n, "1." * n, "👍" * n, ":-" * n, "я" * n):
        assert tokens(text)
    assert time.process_time() - start < 5


def test_lone_surrogates_are_no_reason_to_stop():
    assert tokens("a \ud800 b") == ["a", "\ud800", "b"]


MIXED = st.text(
    st.sampled_from(
        "aeЁй \u0301\u0308\u0327\u00ad\u200b\ufeff’‐-'.1我ガ\u3099สว\u0e31👍🏽\u200d\u1112\u1161\u11ab\u2adc\u0958"
    )
)


@settings(deadline=None)
@given(ANY | MIXED)
def test_every_token_has_its_span_in_the_text_as_it_was_given(text: str):
    found = spans(text)
    assert len(found) == len(tokens(text))
    assert all(0 <= a <= b <= len(text) for a, b in found)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(found))


@settings(deadline=None)
@given(ANY | MIXED)
def test_nothing_but_white_space_and_unseen_characters_stands_between_spans(text: str):
    fences = [0, *(place for span in spans(text) for place in span), len(text)]
    between = "".join(text[a:b] for a, b in zip(fences[::2], fences[1::2], strict=True))
    assert not between.translate(SAME).strip()


@settings(deadline=None)
@given(ANY | MIXED)
def test_the_slices_hold_the_letters_of_their_tokens(text: str):
    """Marks that normalisation puts in another order may stand with a neighbour, so all are compared at once."""
    slices = "".join(text[a:b] for a, b in spans(text))
    assert normalize("NFC", slices.translate(SAME)) == normalize("NFC", "".join(tokens(text)))


@settings(deadline=None)
@given(st.lists(WORDS | st.sampled_from(["don’t", "из‐за", "co\u00adop", "cafe\u0301", "и\u0306ог", "我", "한국"])))
def test_a_slice_is_its_token_but_for_the_form_of_letters(words: list[str]):
    text = " ".join(words)
    assert [normalize("NFC", text[a:b].translate(SAME)) for a, b in spans(text)] == tokens(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don’t go—now!", ["Don’t", "go", "—", "now", "!"]),
        ("co\u00adop\u200b cafe\u0301.", ["co\u00adop", "cafe\u0301", "."]),
        ("\ufeffstart", ["start"]),
        ("我喜欢iPhone手机", ["我", "喜", "欢", "iPhone", "手", "机"]),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8 ok", ["\u1112\u1161\u11ab\u1100\u116e\u11a8", "ok"]),
        ("a \u2adc b", ["a", "\u2adc", "", "b"]),
        ("", []),
    ],
)
def test_slices_are_of_the_original(text: str, expected: list[str]):
    assert [text[a:b] for a, b in spans(text)] == expected


def test_only_marks_and_parts_of_korean_syllables_join_what_is_before_them():
    """Over all of Unicode: what is not the first of a canonical decomposition, and what moves in its order."""
    every = [chr(i) for i in range(sys.maxunicode + 1)]
    parts = [decomposition(c).split() for c in every]
    seconds = {chr(int(p[1], 16)) for p in parts if len(p) == 2 and not p[0].startswith("<")}
    assert all(joins(c) for c in {*seconds, *(c for c in every if combining(c))})


def test_spans_of_long_texts_take_no_time():
    n, start = 50_000, time.process_time()
    for text in ("я" * n, "cafe\u0301 " * (n // 6), "我" * n, "a\u0301" * n, "a" + "\u00ad" * n, "к\u0306о" * n):
        assert len(spans(text)) == len(tokens(text))
    assert time.process_time() - start < 5
