"""The front-ends against their definitions."""

import numpy as np
import pytest
import torch
from torch import Tensor

from multicnn.errors import UsageError
from multicnn.text.frontend import Embedding, OneHot
from multicnn.text.reader import FIRST, UNKNOWN, WordReader

WORDS = ("not", "good", "surprising", "surprise", "a")
READER = WordReader(words=WORDS, pairs=("not good", "good good", "a surprise"))
TEXTS = ("not good", "a surprised surprise", "good good not x", "")


def batch(*texts: str) -> Tensor:
    found = [READER(t) for t in texts]
    out = np.zeros((len(found), max(map(len, found)) + 1), dtype=np.int32)
    for line, numbers in zip(out, found, strict=True):
        line[: len(numbers)] = numbers
    return torch.from_numpy(out)


def explicit(net: Embedding, text: str) -> Tensor:
    """The sum that the docstring promises, word by word."""
    words, stems, rows = READER.tokens(text), list(READER.stems), []
    for place, word in enumerate(words):
        known = word in WORDS
        row = net.word.weight[FIRST + WORDS.index(word)] if known else torch.zeros(net.channels)
        if not known and word[:5] not in stems:
            row = net.word.weight[UNKNOWN]
        if word[:5] in stems:
            row = row + net.stem.weight[1 + stems.index(word[:5])]
        pair = " ".join(words[place : place + 2])
        if pair in READER.pairs:
            row = row + net.pair.weight[1 + place_of(pair)]
        rows.append(row)
    return torch.stack(rows, dim=1)


def place_of(pair: str) -> int:
    key = {p: READER.numbers[p.split()[0]] * READER.size + READER.numbers[p.split()[1]] for p in READER.pairs}
    return sorted(key.values()).index(key[pair])


def filled() -> Embedding:
    net = Embedding(READER, dim=7, scale=1.0)
    torch.nn.init.normal_(net.pair.weight[1:])
    return net


@pytest.mark.parametrize("text", [t for t in TEXTS if t])
def test_a_words_vector_is_the_sum_of_its_own_its_stems_and_its_pairs(text: str):
    net = filled()
    torch.testing.assert_close(net(batch(text))[0, :, :-1], explicit(net, text))


@pytest.mark.parametrize("build", [filled, lambda: OneHot(READER)])
def test_padding_is_zero(build):
    raw = batch(*TEXTS)
    grid = build()(raw)
    assert grid.shape == (4, build().channels, 5)
    assert grid.dtype == torch.float32
    assert not grid.transpose(1, 2)[raw == 0].any()
    assert grid.transpose(1, 2)[raw != 0].any(dim=1).all()


def test_padding_stays_zero_and_free_of_gradients():
    net = filled()
    before = [table.weight.clone() for table in (net.word, net.stem, net.pair)]
    for _ in range(3):
        net.zero_grad()
        net(batch(*TEXTS)).square().sum().backward()
        assert not any(p.grad is None or p.grad[0].any() for p in net.parameters())
        with torch.no_grad():
            for p in net.parameters():
                p -= 0.1 * (p.grad + p)
    for table, old in zip((net.word, net.stem, net.pair), before, strict=True):
        assert not torch.equal(table.weight, old)
        assert not table.weight[0].any()


@pytest.mark.parametrize("build", [filled, lambda: OneHot(READER)])
def test_more_padding_or_other_texts_in_the_batch_change_nothing(build):
    net = build()
    together = net(batch(*TEXTS))
    for row, text in enumerate(TEXTS):
        alone = net(batch(text))
        torch.testing.assert_close(together[row : row + 1, :, : alone.shape[2]], alone, rtol=0, atol=0)


def test_a_new_embedding_has_no_opinion_on_pairs():
    assert not Embedding(READER).pair.weight.any()


def test_an_embedding_without_stems_and_pairs_is_torchs():
    reader = WordReader(words=WORDS, stem=0)
    net = Embedding(reader, dim=3)
    raw = torch.from_numpy(reader("not a good thing"))[None]
    expected = torch.nn.functional.embedding(raw, net.word.weight).transpose(1, 2)
    torch.testing.assert_close(net(raw), expected)


def test_one_hot_lights_the_word_and_its_stem():
    net = OneHot(READER)
    lit = net(batch("surprised surprising good x"))[0, :, :4]
    on = [sorted(READER.names[c + 1] for c in torch.nonzero(column)[:, 0]) for column in lit.T]
    assert on == [["surpr…"], ["surprising", "surpr…"], ["good"], ["?"]]


def test_one_hot_refuses_a_large_vocabulary():
    reader = WordReader(words=[f"w{i}" for i in range(6000)], stem=0)
    with pytest.raises(UsageError, match="6,001 channels for 6,000 words are too many; set max_vocabulary below 5,000"):
        OneHot(reader)


@pytest.mark.parametrize("build", [filled, lambda: OneHot(READER)])
def test_weights_travel_to_a_rebuilt_front_end(build):
    net = build()
    reader = WordReader(**READER.settings())
    again = Embedding(reader, dim=7) if isinstance(net, Embedding) else OneHot(reader)
    again.load_state_dict(net.state_dict())
    torch.testing.assert_close(again(batch(*TEXTS)), net(batch(*TEXTS)), rtol=0, atol=0)


def test_the_answer_is_float32_under_autocast():
    with torch.autocast("cpu", torch.bfloat16):
        assert filled()(batch(*TEXTS)).dtype == torch.float32
        assert OneHot(READER)(batch(*TEXTS)).dtype == torch.float32
