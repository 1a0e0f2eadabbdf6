"""The bodies that answer for each word: their layers against torch's, their counts against closed formulas."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from multicnn.errors import UsageError
from multicnn.zoo import BODIES, bilstm, idcnn, tagcnn
from multicnn.zoo.types import Types


def lstm(c_in: int, hidden: int) -> int:
    return 4 * hidden * (c_in + hidden + 2)  # torch has two biases


def test_the_reference_forms_have_the_counts_that_their_layers_add_up_to():
    assert BODIES["bilstm"].parameters() == 2 * lstm(130, 200) + 400 * 9 + 9
    assert BODIES["idcnn"].parameters() == 3 * 130 * 96 + 96 + 3 * (3 * 96 * 96 + 96) + 96 * 9 + 9
    maxout = 96 * 3 * (3 * 96 + 1) + 2 * 96
    assert BODIES["tagcnn"].parameters() == 96 * 3 * (384 + 1) + 2 * 96 + 4 * maxout + 96 * 9 + 9


@pytest.mark.parametrize(("cell", "kind"), [("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_bilstm_is_torchs_on_packed_sequences(cell: str, kind: type[nn.LSTM | nn.GRU]):
    """Both layers, with samples of several lengths."""
    body = bilstm(1, 5, hidden=4, layers=2, cell=cell).eval()
    other = kind(5, 4, 2, batch_first=True, bidirectional=True)
    for layer, both in enumerate(body.recurrent):
        for way, suffix in ((both.forth, ""), (both.back, "_reverse")):
            for name, value in way.state_dict().items():
                other.state_dict()[f"{name[:-1]}{layer}{suffix}"].copy_(value)
    x, n = torch.randn(4, 5, 9), torch.tensor([9, 1, 4, 7])
    x = x * (torch.arange(9) < n[:, None, None])
    with torch.no_grad():
        packed, _ = other(pack_padded_sequence(x.mT, n, batch_first=True, enforce_sorted=False))
        expected, _ = pad_packed_sequence(packed, batch_first=True, total_length=9)
        torch.testing.assert_close(body(x)[0], expected.mT)


def test_an_unknown_cell_is_refused():
    with pytest.raises(UsageError, match="recurrent cell"):
        bilstm(1, 5, cell="rnn")


def test_tagcnn_is_a_window_of_words_maxout_and_layer_norm():
    """Spelled as spaCy does: each word's window in a row, one product, the largest of the pieces, added to the word."""
    body = tagcnn(1, 5, width=6, depth=2, kernel=3, pieces=2).eval()
    x = torch.randn(3, 5, 7)

    def maxout(layer: nn.Module, words: torch.Tensor, kernel: int) -> torch.Tensor:
        half = kernel // 2
        wide = functional.pad(words, (0, 0, half, half)).unfold(1, kernel, 1)  # b t c kernel
        pieces = torch.einsum("btck,ock->bto", wide, layer.conv.weight) + layer.conv.bias
        best = torch.maximum(pieces[..., :6], pieces[..., 6:])
        return functional.layer_norm(best, (6,), layer.norm.weight, layer.norm.bias, layer.norm.eps)

    words = maxout(body.mix, x.mT, 1)
    for window in body.windows:
        words = words + maxout(window, words, 3)
    cells, whole = body(x)
    torch.testing.assert_close(cells, words.mT, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(whole[..., 0], words.mean(1), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
def test_tagcnn_by_distinct_vectors_is_as_by_their_grid(kernel: int):
    body = tagcnn(1, 5, width=6, depth=2, kernel=kernel).eval()
    types = Types(torch.cat([torch.zeros(1, 5), torch.randn(4, 5)]), torch.tensor([[1, 2, 4, 1, 3], [4, 2, 2, 0, 0]]))
    for one, other in zip(body.by_types(types), body(types.dense()), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def test_idcnn_applies_one_block_again_and_again():
    body = idcnn(1, 5, width=6, dilations=(1, 2, 4), repeats=2).eval()
    x = torch.randn(3, 5, 20)
    found = functional.conv1d(x, body.first.weight, body.first.bias, padding=1).relu()
    for layer, d in 2 * [*zip(body.block, (1, 2, 4), strict=True)]:
        found = functional.conv1d(found, layer.weight, layer.bias, padding=d, dilation=d).relu()
    cells, whole = body(x)
    torch.testing.assert_close(cells, found)
    torch.testing.assert_close(whole[..., 0], found.mean(2))


@pytest.mark.parametrize("dilations", [(), (1, 0)])
def test_dilations_that_are_none_are_refused(dilations: tuple[int, ...]):
    with pytest.raises(UsageError, match="dilations of model idcnn"):
        idcnn(1, 5, dilations=dilations)
