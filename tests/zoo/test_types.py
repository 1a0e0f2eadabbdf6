"""Grids by their distinct vectors, and what nets make of them."""

import pytest
import torch
from torch import Tensor, nn

from multicnn.text.frontend import Embedding
from multicnn.text.reader import WordReader
from multicnn.train.step import Learner
from multicnn.zoo import Net, Pooled, textcnn
from multicnn.zoo.types import Types, distinct
from multicnn.zoo.views import Views

READER = WordReader(words=("not", "good", "surprising", "surprise", "a"), pairs=("not good", "good good"))
RAW = torch.tensor([[2, 3, 3, 7, 1, 0, 0], [6, 5, 4, 2, 3, 3, 3], [0, 0, 0, 0, 0, 0, 0]], dtype=torch.int32)


def net(reader: WordReader = READER, drop: float = 0.0) -> Net:
    """A small TextCNN over random vectors, none of them zero but padding."""
    frontend = Embedding(reader, dim=6, scale=1.0, drop=drop)
    nn.init.normal_(frontend.pair.weight[1:])
    body = textcnn(1, 6, width=5)
    return Net(frontend, body, Pooled(body.channels, 2))


@pytest.mark.parametrize("pairs", [READER.pairs, ()])
def test_the_types_of_a_batch_stand_for_its_grid(pairs: tuple[str, ...]):
    frontend = net(WordReader(words=READER.words, pairs=pairs)).frontend
    types = frontend.types(RAW)
    torch.testing.assert_close(types.dense(), frontend(RAW), rtol=0, atol=0)
    assert not types.vectors[0].any()
    assert torch.equal(types.places > 0, RAW > 0)
    assert len(types.vectors) == len(torch.unique(types.places))


def test_distinct_numbers_begin_with_padding():
    values, places = distinct(torch.tensor([[9, 4], [4, 9]]))
    assert values.tolist() == [0, 4, 9]
    assert places.tolist() == [[2, 1], [1, 2]]


def test_a_net_goes_by_types_where_both_sides_can():
    it = net().eval()
    assert isinstance(it.grid(RAW), Types)
    torch.testing.assert_close(it(RAW), it.answer(it.frontend(RAW)))
    assert isinstance(net(drop=0.5).train().grid(RAW), Tensor)
    assert isinstance(net(drop=0.5).eval().grid(RAW), Types)
    assert isinstance(Views(it, []).grid(RAW), Tensor)
    assert isinstance(Net(it.frontend, nn.Identity(), nn.Identity()).grid(RAW), Tensor)


def test_what_torch_writes_down_has_no_types():
    it = net().eval()
    traced = torch.export.export(it, (RAW,)).module()
    torch.testing.assert_close(traced(RAW.flip(0)), it(RAW.flip(0)))


def test_augments_of_the_grid_get_a_grid():
    class Loud:
        stage = "grid"

        def __call__(self, x: Tensor, y: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
            return 2 * x, y

    class Task:
        def move(self, y: Tensor, matrix: Tensor) -> Tensor:
            return y

    it, y, key = net().eval(), torch.zeros(3), torch.zeros(3, dtype=torch.int64)
    torch.testing.assert_close(Learner(it, Task(), [])(RAW, y, key)[0], it(RAW))
    torch.testing.assert_close(Learner(it, Task(), [Loud()])(RAW, y, key)[0], it.answer(2 * it.frontend(RAW)))
