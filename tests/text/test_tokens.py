# ruff: noqa: RUF001  letters that look alike are the matter here
"""The tokeniser: what is one token, and that nothing is lost, whatever the text."""

import re
import time
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.text.tokens import SAME, tokens

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
