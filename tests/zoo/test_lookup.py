"""Answers by looking up against the dense ones."""

import pytest
import torch
from torch import Tensor, nn

from multicnn.text.frontend import Embedding, OneHot
from multicnn.text.reader import WordReader
from multicnn.zoo import Net, Pooled, lookup, ngramcnn, textcnn
from multicnn.zoo.lookup import Looked, looked
from multicnn.zoo.views import Views

WORDS = tuple(f"word{n:03}x" for n in range(90))
READER = WordReader(words=WORDS)


def net(reader: WordReader = READER, k: int = 1) -> Net:
    frontend = Embedding(reader, dim=30, scale=1.0)
    body = textcnn(1, 30, width=20, k=k)
    return Net(frontend, body, Pooled(body.channels, 2)).eval()


def raw(b: int = 40, t: int = 17) -> Tensor:
    x = torch.randint(1, READER.size, (b, t), dtype=torch.int32)
    for row in range(b):
        x[row, row % (t + 1) :] = 0  # among them empty texts and such of one word
    return x


@torch.no_grad()
def test_it_answers_as_the_dense_network():
    plain, x = net(), raw()
    quick, dense = looked(plain), plain.head(plain.body(plain.frontend(x)))
    assert isinstance(quick, Looked)
    assert not quick.training
    torch.testing.assert_close(quick(x), dense, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(quick(x), dense, rtol=1e-5, atol=1e-5)  # by what it has met
    torch.testing.assert_close(quick(x[3:4, :3]), dense[3:4], rtol=1e-5, atol=1e-5)
    assert torch.equal(quick(x.flip(0)).flip(0), quick(x))


@torch.no_grad()
def test_products_are_in_single_precision_whatever_the_run_computes_in():
    plain, x = net(), raw()
    quick, other = looked(plain), looked(plain)
    quick(x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        other(x)
    torch.testing.assert_close(other.products[other.known], quick.products[quick.known], rtol=0, atol=0)


@torch.no_grad()
def test_it_computes_only_what_it_meets():
    quick = looked(net())
    assert isinstance(quick, Looked)
    quick(torch.tensor([[5, 6, 0]]))
    assert quick.known.nonzero()[:, 0].tolist() == [0, 5, 6]
    quick(torch.tensor([[6, 9]]))
    assert quick.known.nonzero()[:, 0].tolist() == [0, 5, 6, 9]


@pytest.mark.parametrize(
    "other",
    [
        net(WordReader(words=WORDS, pairs=("word001x word002x",))),
        net(k=2),
        Views(net(), []),
        Net(OneHot(READER), textcnn(1, READER.size - 1), nn.Identity()),
        Net(Embedding(READER, dim=8), ngramcnn(1, 8), nn.Identity()),
    ],
)
def test_where_it_cannot_the_net_stays(other: Net):
    assert looked(other) is other


def test_a_table_that_needs_too_much_memory_is_not_made(monkeypatch):
    monkeypatch.setattr(lookup, "ROOM", READER.size * 20 * 12 * 4 - 1)
    it = net()
    assert looked(it) is it


def test_in_training_it_is_the_net_itself():
    plain, x = net(), raw()
    quick = looked(plain).train()
    quick(x).sum().backward()
    assert plain.frontend.word.weight.grad is not None
