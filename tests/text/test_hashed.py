"""Hashed features of words: what they are, that they never change, and the sums of their vectors."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.errors import UsageError
from multicnn.text.hashed import HASHES, ROWS, Hashed, hashes, norm, prefix, shape, suffix


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Moscow", ("moscow", "M", "cow", "Xxxxx")),
        ("МГУ-2", ("мгу-2", "М", "У-2", "XXX-d")),  # noqa: RUF001
        ("12.30", ("12.30", "1", ".30", "dd.dd")),
        ("1234567", ("1234567", "1", "567", "dddd")),
        ("東京", ("東京", "東", "東京", "xx")),
        ("a", ("a", "a", "a", "x")),
        ("-------", ("-------", "-", "---", "----")),
        ("", ("", "", "", "")),
    ],
)
def test_features_are_spacys(word: str, expected: tuple[str, ...]):
    assert (norm(word), prefix(word), suffix(word), shape(word)) == expected


def test_rows_are_the_same_for_ever():
    """Weights of a saved network mean these rows; the numbers are those of the first version."""
    assert hashes(["Moscow"])[0].tolist() == FIRST_VERSION


FIRST_VERSION = [
    [1350, 4266, 2513, 4169],
    [5516, 5228, 5737, 5555],
    [7094, 8485, 7284, 8406],
    [9840, 10969, 9277, 9504],
]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(st.characters(), max_size=8), max_size=6))
def test_every_feature_has_rows_of_its_own_and_a_word_the_same_among_others(words: list[str]):
    found = hashes(words)
    assert found.shape == (len(words), len(ROWS), HASHES)
    first = 1
    for place, n in enumerate(ROWS.values()):
        for row, word in zip(found[:, place], words, strict=True):
            assert all(first <= r < first + n for r in row) if word else not row.any()
        first += n
    for row, word in zip(found, words, strict=True):
        np.testing.assert_array_equal(row, hashes([word])[0])


def test_words_that_share_a_feature_share_its_rows_and_hardly_any_others():
    a, b = hashes(["walking", "Talking"])
    assert (a[2] == b[2]).all()
    assert not (a[[0, 1, 3]] == b[[0, 1, 3]]).any()


def test_rows_are_used_evenly():
    used = np.bincount(hashes([f"w{i}" for i in range(20_000)], {"norm": 1000}).ravel(), minlength=1001)[1:]
    assert used.min() > 40  # 80 are expected, and 40 is 4.5 standard deviations below
    assert used.max() < 125


def test_vectors_are_sums_of_rows_one_feature_behind_the_other():
    net = Hashed({"norm": 50, "shape": 20}, dim=3)
    rows = torch.from_numpy(hashes(["one", "", "Two"], {"norm": 50, "shape": 20}))
    found = net(rows)
    expected = net.table.weight[rows.long()].sum(2).flatten(1)
    torch.testing.assert_close(found, expected)
    assert not found[1].any()
    assert net.channels == found.shape[1] == 6


def test_an_unknown_feature_is_refused():
    with pytest.raises(UsageError, match="feature of words"):
        hashes(["a"], {"lemma": 10})
