"""Words by their letters: spelling, and the convolution against one word at a time."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from multicnn.errors import UsageError
from multicnn.text.letters import Letters, alphabet, spell
from multicnn.text.reader import FIRST

WORD = st.text(st.characters(), max_size=12)


def test_the_alphabet_is_counted_over_all_words():
    assert alphabet({"abba": 2, "cb": 1}) == ("b", "a", "c")
    assert alphabet({"abba": 2, "cb": 1}, at_least=2) == ("b", "a")


@settings(deadline=None)
@given(st.lists(WORD))
def test_spelled_words_can_be_read_again(words: list[str]):
    letters = alphabet(dict.fromkeys(words, 1))
    spelled = spell(words, letters)
    assert spelled.dtype == np.int32
    assert ["".join(letters[n - FIRST] for n in row if n) for row in spelled.tolist()] == words


@settings(deadline=None)
@given(st.lists(WORD), st.sets(st.characters(), max_size=5))
def test_letters_have_the_numbers_of_a_dictionary(words: list[str], known: set[str]):
    letters = sorted(known, reverse=True)
    number = {c: FIRST + i for i, c in enumerate(letters)}
    for row, word in zip(spell(words, letters).tolist(), words, strict=True):
        assert row == [number.get(c, 1) for c in word] + [0] * (len(row) - len(word))


def test_a_long_word_keeps_both_ends():
    letters = alphabet({"abcdefgh": 1})
    (row,) = spell(["abcdefgh"], letters, longest=5).tolist()
    assert "".join(letters[n - FIRST] for n in row) == "abcgh"


def test_fewer_than_two_letters_are_refused():
    with pytest.raises(UsageError, match="at least 2 letters"):
        spell(["a"], ["a"], longest=1)


def test_each_word_is_what_it_is_alone_however_far_it_is_padded():
    net = Letters(12, dim=4, width=5).eval()
    spelled = torch.tensor([[2, 3, 4, 0, 0], [5, 0, 0, 0, 0], [0, 0, 0, 0, 0], [11, 10, 9, 8, 7]])
    weight, bias = net.conv.weight, net.conv.bias
    for row, found in zip(spelled, net(spelled), strict=True):
        word = row[row > 0]
        expected = torch.zeros(5)
        if len(word):
            wide = functional.pad(net.vectors.weight[word].T, (1, 1))
            answers = [torch.einsum("dk,odk->o", wide[:, i : i + 3], weight) + bias for i in range(len(word))]
            expected = torch.tanh(torch.stack(answers)).amax(0)
        torch.testing.assert_close(found, expected)
    torch.testing.assert_close(net(functional.pad(spelled, (0, 7))), net(spelled))


def test_its_size_is_that_of_the_paper_and_padding_learns_nothing():
    net = Letters(80)
    assert sum(p.numel() for p in net.parameters()) == 80 * 30 + 3 * 30 * 30 + 30
    net(torch.tensor([[2, 3, 0], [0, 0, 0]])).sum().backward()
    assert net.vectors.weight.grad is not None
    assert not net.vectors.weight.grad[0].any()
    assert all(p.grad.isfinite().all() for p in net.parameters())
