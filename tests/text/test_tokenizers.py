# ruff: noqa: RUF001  letters that look alike are the matter here
"""The table of tokenisers: what each promises of its spans, and the reader that takes it by name."""

import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import razdel
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn import text
from multicnn.errors import UsageError
from multicnn.names import check
from multicnn.text import reviews
from multicnn.text.baseline import baseline
from multicnn.text.defaults import READINGS
from multicnn.text.reader import WordReader, plan_reader
from multicnn.text.tokenizers import TOKENIZERS, characters, razdel_tokens
from multicnn.text.tokens import SAME

ANY = st.text(st.characters(codec="utf-8")) | st.text("aeЙ \n\u0301\u00ad\u200b’-.1我👍\u1112\u1161", max_size=12)


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(deadline=None)
@given(text=ANY)
def test_every_token_has_its_span_and_only_white_space_is_between(name: str, text: str):
    cut = TOKENIZERS[name]
    found = cut.spans(text)
    assert len(found) == len(cut.tokens(text))
    assert all(end <= begin for (_, end), (begin, _) in pairwise(found))
    fences = [0, *(place for span in found for place in span), len(text)]
    between = "".join(text[a:b] for a, b in zip(fences[::2], fences[1::2], strict=True))
    assert not between.translate(SAME).strip()


def test_characters_keep_one_space_between_words():
    assert characters("  Cafe\u0301 \n 2 ") == [*"Café", " ", "2"]
    assert TOKENIZERS["characters"].spans(" e\u0301 \n 2") == [(1, 3), (3, 6), (6, 7)]


def test_razdel_is_razdel_with_our_spelling():
    sentence = "Кружка-термос на 0.5л (50/64 см³, 516;...) по-моему"
    assert razdel_tokens(sentence) == [t.text for t in razdel.tokenize(sentence)]
    assert razdel_tokens("д’Артаньян") == [t.text.replace("’", "'") for t in razdel.tokenize("д’Артаньян")]


def test_an_absent_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "razdel", None)
    with pytest.raises(UsageError, match=r"pip install 'multicnn\[russian\]'"):
        razdel_tokens("да")


def test_the_reader_takes_a_tokenizer_by_name_and_keeps_it():
    reader = WordReader(words=tuple("abc "), tokenizer="characters")
    assert reader("A b?").tolist() == [2, 5, 3, 1]
    assert type(reader)(**reader.settings()) == reader
    assert reader.quantum == 20
    with pytest.raises(UsageError, match="tokenizer"):
        replace(reader, tokenizer="word")


def test_letters_are_planned_from_the_training_part_alone():
    table = reviews()
    rows = np.arange(50)
    reader = plan_reader(table, rows, **READINGS["charcnn"])
    assert set(reader.words) == set("".join(" ".join(t.lower().split()) for t in table.items[rows].tolist()))
    assert reader.max_words == max(len(reader.tokens(t)) for t in table.items[rows].tolist())


def test_the_learner_to_beat_still_reads_words():
    table, rows, test = reviews(), np.arange(0, 3000, 3), np.arange(1, 3000, 6)
    by_words, by_letters = (
        baseline(plan_reader(table, rows, **own), table, rows, test, lambda row: np.zeros(0))[1]
        for own in ({}, {"tokenizer": "characters"})
    )
    np.testing.assert_allclose(by_letters, by_words)


def test_a_network_of_letters_brings_its_reader_unless_told_otherwise(tmp_path, texts_of_letters):
    quick = {"epochs": 1, "device": "cpu", "precision": "fp32"}
    run = text.train(texts_of_letters, model="charcnn", out=tmp_path / "run", **quick)
    reader = run.trained.reader
    assert isinstance(reader, WordReader)
    assert reader.tokenizer == "characters"
    assert run.trained.net.body.length == 123
    assert [p.error for p in run.predict(["", "a", "long " * 500])] == [None] * 3
    again = text.train(config=run.path / "config.toml", out=tmp_path / "again")
    assert again.trained.reader == reader
    own = {"reader": {"tokenizer": "words"}, "model": {"length": 130}}
    other = text.train(texts_of_letters, model="charcnn", settings=own, out=tmp_path / "other", **quick)
    assert isinstance(other.trained.reader, WordReader)
    assert other.trained.reader.tokenizer == "words"


def test_what_the_networks_bring_is_what_the_reader_takes():
    for reading in READINGS.values():
        check("reader", plan_reader, reading)


@pytest.fixture
def texts_of_letters(tmp_path):
    lines = [f'"{word} {n}",{label}' for n in range(12) for word, label in (("fine", "good"), ("dull", "bad"))]
    path = tmp_path / "letters.csv"
    path.write_text("text,label\n" + "\n".join(lines), encoding="utf-8")
    return path
