"""The reader: word numbers, the vocabulary of training texts, documents in any encoding."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.data.store import pack
from multicnn.data.table import Table, strings
from multicnn.errors import DataError, UsageError
from multicnn.text.reader import FIRST, PADDING, UNKNOWN, WordReader, plan_reader

READER = WordReader(words=("good", "not", "surprising", "a"), pairs=("not good",))


def table(*texts: str) -> Table:
    return Table("texts", strings(texts), strings(range(len(texts))), ("no", "yes"), np.arange(len(texts)) % 2)


def planned(*texts: str, **settings) -> WordReader:
    return plan_reader(table(*texts), np.arange(len(texts)), **settings)


def test_a_word_is_its_place_in_the_vocabulary():
    assert READER("Not a GOOD one").tolist() == [FIRST + 1, FIRST + 3, FIRST, UNKNOWN]
    assert READER("good").dtype == READER.dtype == np.int32


def test_an_unknown_word_of_a_known_stem_has_the_number_of_the_stem():
    stem = FIRST + len(READER.words)
    assert READER("surprised surprising surge").tolist() == [stem, FIRST + 2, UNKNOWN]
    assert READER.names[stem] == "surpr…"
    assert WordReader(words=READER.words, stem=0)("surprised").tolist() == [UNKNOWN]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b"])
def test_a_text_without_words_is_one_unknown_word(text: str):
    assert READER(text).tolist() == [UNKNOWN]


@settings(deadline=None)
@given(st.text())
def test_every_text_has_numbers_within_the_vocabulary_and_no_padding(text: str):
    found = READER(text)
    assert len(found) >= 1
    assert found.min() > PADDING
    assert found.max() < READER.size == len(READER.names)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")))
def test_case_does_not_count_unless_asked(text: str):
    assert READER(text.lower()).tolist() == READER(text).tolist()


def test_case_counts_when_asked():
    reader = WordReader(words=("Apple", "apple"), lower=False)
    assert reader("Apple apple").tolist() == [FIRST, FIRST + 1]


def test_a_reader_is_rebuilt_from_its_settings_through_json():
    reader = planned("not good , 好 !", "ещё раз 👍")
    again = WordReader(**json.loads(json.dumps(reader.settings())))
    assert again == reader
    assert again("好 ещё not good раз").tolist() == reader("好 ещё not good раз").tolist()


def test_the_vocabulary_is_of_training_rows_only():
    reader = plan_reader(table("one two", "two three four"), np.array([0]))
    assert reader.words == ("one", "two")
    assert reader.pairs == ("one two",)


def test_the_vocabulary_is_most_frequent_first_then_by_alphabet():
    assert planned("b a", "c b", "b c").words == ("b", "c", "a")
    assert planned("b a", "c b", "b c", min_count=2).words == ("b", "c")
    assert planned("b a", "c b", "b c", max_vocabulary=1).words == ("b",)


@settings(deadline=None)
@given(st.permutations(["one two three", "two three", "three", "four one"]))
def test_the_order_of_the_texts_does_not_matter(texts: list[str]):
    assert planned(*texts) == planned(*sorted(texts))


def test_pairs_are_of_known_words_and_as_many_as_asked():
    assert planned("a b c", "a b", "b c", "a b").pairs == ("a b", "b c")
    assert planned("a b c", "a b", "b c", "a b", max_pairs=1).pairs == ("a b",)
    assert planned("a b", "a b", "a x", min_count=2).pairs == ("a b",)
    assert planned("a b", max_pairs=0).pairs == ()


def test_longer_texts_keep_their_first_words_and_are_counted():
    reader = planned("a b c d", "a b c", "c", max_words=3)
    assert reader("a b c d").tolist() == reader("a b c").tolist()
    assert "1 of them are longer than 3 words and read up to there" in reader.said
    assert reader.words == ("c", "a", "b")
    assert not any("longer" in line for line in planned("a b c", max_words=3).said)


def test_the_planning_says_how_large_the_vocabulary_is():
    assert planned("a b", "a c", max_vocabulary=2).said == ("vocabulary: 2 of 3 words, from 2 training texts",)


def test_texts_without_words_cannot_be_learnt_from():
    with pytest.raises(DataError, match="no training text holds a word; check which column"):
        planned("", "  ")


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="max_words is 0 and stem 5"):
        WordReader(words=(), max_words=0)
    with pytest.raises(UsageError, match="stem -1"):
        WordReader(words=(), stem=-1)


def test_a_gigantic_text_is_read_to_its_limit_only():
    assert len(READER("good " * 2_000_000)) == READER.max_words


def test_samples_pack_into_a_store():
    texts = ["good", "", "not good at all"]
    store = pack([READER(t) for t in texts], READER)
    assert [store[i].tolist() for i in range(3)] == [READER(t).tolist() for t in texts]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Ещё один хороший фильм 👍"),
        ("utf-8-sig", "Ещё один хороший фильм 👍"),
        ("utf-16", "Ещё один хороший фильм 👍"),
        ("cp1251", "Очень хороший фильм, смотреть обязательно ещё раз всем"),
        ("latin-1", "un café très agréable, garçon"),
    ],
)
def test_a_document_is_read_in_its_encoding(encoding: str, text: str, tmp_path: Path):
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode(encoding))
    reader = planned(text)
    assert reader(path).tolist() == reader(text).tolist()
    assert UNKNOWN not in reader(path)


def test_a_text_that_looks_like_a_path_is_a_text(tmp_path: Path):
    path = tmp_path / "text.txt"
    path.write_text("good")
    assert READER(str(path)).tolist() != READER(path).tolist() == [FIRST]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "the file is empty"), (b" \n", "the file is empty"), (b"PK\x03\x04\x00\x00", "holds zero bytes")],
)
def test_a_document_that_is_none_is_named(content: bytes, message: str, tmp_path: Path):
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"bad\.txt: .*{message}"):
        READER(path)


def test_a_document_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(DataError, match=r"absent\.txt: cannot be read"):
        READER(tmp_path / "absent.txt")
