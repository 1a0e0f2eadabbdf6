"""Words in other spellings, compounds, files that are lost, coverage."""

from pathlib import Path

import numpy as np
import pytest
from gensim.test.utils import datapath

from multicnn.errors import DataError
from multicnn.text.vectors import look_up, open_vectors, source
from multicnn.text.vectors.coverage import coverage
from multicnn.text.vectors.index import build, digest
from multicnn.text.vectors.words import parts

LINES = "the 1 0\nParis 2 0\nUSA 3 0\nnot 0 4\nis 0 5\nwell 2 2\nmade 4 6\n-- 9 9\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "v.txt").write_text(LINES)
    return tmp_path / "v.txt"


def vector(path: Path, word: str) -> list[float] | None:
    found, there = look_up(open_vectors(path), [word])
    return found[0].tolist() if there[0] else None


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("the", [1, 0]),
        ("The", [1, 0]),
        ("paris", [2, 0]),
        ("usa", [3, 0]),
        ("Usa", [3, 0]),
        ("--", [9, 9]),
        ("isn't", [0, 4.5]),
        ("n't", [0, 4]),
        ("well-made", [3, 4]),
        ("Well-Made", [3, 4]),
        ("paris's", [2, 0]),
        ("well-known", None),
        ("o's", None),
        ("-", None),
        ("", None),
        ("unknown", None),
    ],
)
def test_a_word_is_looked_up_in_other_spellings_and_by_its_parts(path: Path, word: str, expected):
    assert vector(path, word) == expected


def test_many_words_are_as_one_by_one(path: Path):
    words = ["isn't", "x", "The", "well-made", "", "USA", "isn't", "x-y"]
    found, there = look_up(open_vectors(path), words)
    for word, ours, known in zip(words, found.tolist(), there.tolist(), strict=True):
        assert (ours if known else None) == vector(path, word)
    assert look_up(open_vectors(path), [])[0].shape == (0, 2)


def test_sub_words_are_asked_last(tmp_path: Path):
    vectors = open_vectors(datapath("crime-and-punishment.bin"))
    listed, own = look_up(vectors, ["OF", "unheard-ofness"]), vectors.find(["of", "unheard-ofness"])
    np.testing.assert_array_equal(listed[0], own[0])


def test_parts_of_compounds():
    assert parts("couldn't") == ["could", "not"]
    assert parts("rock-'n'-roll") == ["rock", "n", "roll"]
    assert parts("plain") == ["plain"]


def test_the_index_tells_words_of_one_hash_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("multicnn.text.vectors.index.digest", lambda word: len(word))
    index = build([b"ab", b"cd", b"efg", b"cd"])
    assert index.rows(["cd", "ab", "efg", "xy", "x"]).tolist() == [1, 0, 2, -1, -1]
    assert digest(b"ab") != 2


def test_a_source_knows_its_file_again(path: Path, tmp_path: Path):
    first = source(str(path))
    assert (first.dim, first.lost) == (2, "")
    assert first.known(["the", "x", "usa"]) == ["the", "usa"]
    path.touch()
    assert type(first)(**first.settings()).lost == ""
    path.write_text(LINES.replace("1 0", "1 7"))
    other = type(first)(**first.settings())
    assert "not the word vectors of the training; put those back" in other.lost
    assert other.known(["the"]) == []
    path.unlink()
    gone = type(first)(**first.settings())
    assert "the word vectors are gone; put them back" in gone.lost
    with pytest.raises(DataError, match="the word vectors are gone"):
        gone.vectors(["the"])


def test_no_file_is_no_source():
    assert source("").path == ""
    assert source("").known(["the"]) == []


def test_coverage_counts_words_and_their_occurrences(path: Path):
    said = coverage({"the": 6, "x": 3, "y": 1, "usa": 2}, source(str(path)))
    assert said == (
        "they know 2 of 4 words of the training texts (50.0%), 66.7% of these as they occur; "
        "missing most often: x 3, y 1"
    )
    assert coverage({"the": 1}, source(str(path))).endswith("100.0% of these as they occur")
