"""DPCNN, the character CNN and C-LSTM: counts against closed formulas, layers against plain spellings of the papers."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from multicnn.errors import UsageError
from multicnn.zoo import BODIES, charcnn, cnngru, cnnlstm, dpcnn
from multicnn.zoo.charcnn import SHORTEST


def test_the_reference_forms_have_the_counts_that_their_layers_add_up_to():
    assert BODIES["dpcnn"].parameters() == (3 * 300 * 250 + 250) + 16 * (3 * 250 * 250 + 250) + 250 * 2 + 2
    windows = 3 * 300 * 150 + 150
    assert BODIES["cnnlstm"].parameters() == windows + 4 * 150 * (150 + 150 + 2) + 150 * 2 + 2
    assert BODIES["cnngru"].parameters() == windows + 3 * 150 * (150 + 150 + 2) + 150 * 2 + 2


@pytest.mark.parametrize(("name", "width", "units"), [("charcnn", 256, 1024), ("charcnn_large", 1024, 2048)])
def test_the_character_network_has_the_sizes_of_the_papers_tables(name: str, width: int, units: int):
    """Tables 1 and 2: kernels 7 7 3 3 3 3, pools of 3 after the first two and the last, (1014 - 96) / 27 cells left."""
    cells = (1014 - 96) // 27
    assert cells == 34
    convolutions = (7 * 70 + 7 * width + 4 * 3 * width) * width + 6 * width
    affine = (cells * width + 1) * units + (units + 1) * units + (units + 1) * 4
    assert BODIES[name].parameters() == convolutions + affine


def test_dpcnn_is_the_papers_figure():
    body = dpcnn(1, 5, width=6, depth=3).eval()
    with torch.no_grad():
        for p in body.parameters():
            p += 0.1 * torch.randn_like(p)
    x = torch.randn(2, 5, 13)

    def conv(layer, x: Tensor) -> Tensor:
        return functional.conv1d(x, layer.weight, layer.bias, padding=1)

    found = conv(body.region, x)
    for place, pair in enumerate(body.pairs):
        if place:  # every other cell, the largest of it and the next two
            n = found.shape[2]
            found = torch.stack([found[..., i : i + 3].amax(2) for i in range(0, n, 2)], dim=2)
        found = found + conv(pair.second, conv(pair.first, found.relu()).relu())
    assert found.shape[2] == 2  # 13, 7, 4, 2
    torch.testing.assert_close(body(x)[0][..., 0], found.amax(2), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("build", [cnnlstm, cnngru])
def test_the_last_state_of_each_text_is_its_own(build):
    body = build(1, 5, width=4, hidden=3).eval()
    x, ends = torch.randn(3, 5, 8), (8, 2, 5)
    for row, end in zip(x, ends, strict=True):
        row[:, end:] = 0
    cells, whole = body(x)
    for place, end in enumerate(ends):
        windows = functional.conv1d(x[place, :, :end], body.windows.conv.weight, body.windows.conv.bias, padding=1)
        states, _ = body.recurrent(windows.relu().T)
        torch.testing.assert_close(cells[place, :, :end], states.T)
        torch.testing.assert_close(whole[place, :, 0], states[-1])


def test_the_character_network_reads_so_many_letters_and_no_more():
    body, x = charcnn(1, 3, width=4, units=5, length=SHORTEST).eval(), torch.randn(2, 3, SHORTEST + 20)
    torch.testing.assert_close(body(x), body(x[..., :SHORTEST]))
    assert (body(x)[0] - body(x[..., : SHORTEST - 20])[0]).abs().max() > 1e-4


def test_too_few_letters_are_refused():
    with pytest.raises(UsageError, match="at least 123 letters"):
        charcnn(1, 3, length=SHORTEST - 1)
