"""Networks of separable convolutions: published sizes, shapes, and what a step sees."""

import pytest
import torch

from multicnn.blocks import norm
from multicnn.errors import UsageError
from multicnn.zoo import BODIES, build_body, count, speechcnn
from multicnn.zoo.separable import SeparableBlock


@pytest.mark.parametrize(("name", "parameters"), [("quartznet15x5", 18_924_381), ("quartznet5x5", 6_713_181)])
def test_quartznets_have_the_published_sizes(name: str, parameters: int) -> None:
    assert BODIES[name].parameters() == parameters


def test_the_small_network_is_small() -> None:
    assert 100_000 < BODIES["speechcnn"].parameters() < 300_000


def test_quartznet_has_its_layers() -> None:
    """Kriman et al. 2019, table 1: kernels and widths of the blocks, in order."""
    body = BODIES["quartznet15x5"].reference("meta")[0]
    blocks = [m for m in body.modules() if isinstance(m, SeparableBlock)]
    kernels = [block.path[0][0].kernel_size[0] for block in blocks]
    assert kernels == [33] * 3 + [39] * 3 + [51] * 3 + [63] * 3 + [75] * 3
    assert [block.path[-1][1].out_channels for block in blocks] == [256] * 6 + [512] * 9
    assert all(len(block.path) == 5 for block in blocks)


@pytest.mark.parametrize("name", ["speechcnn", "quartznet5x5"])
@pytest.mark.parametrize("cells", [1, 2, 17, 40])
def test_levels_are_as_long_as_the_strides_say(name: str, cells: int) -> None:
    body = build_body(name, 1, 8, None, {}).eval()
    (level,) = body(torch.randn(2, 8, cells))
    assert level.shape == (2, body.channels[0], -(-cells // body.strides[0]))


@pytest.mark.parametrize(("settings", "channels"), [({}, 16), ({"recurrent": 12}, 24)])
def test_settings_of_the_small_network(settings: dict[str, int], channels: int) -> None:
    body = speechcnn(1, 4, width=16, kernels=(3, 5), stride=3, **settings)
    (level,) = body(torch.randn(2, 4, 31))
    assert level.shape == (2, channels, 11)
    level.square().mean().backward()
    assert all(p.grad is not None for p in body.parameters())


def test_a_gru_hears_all_of_the_sound() -> None:
    torch.manual_seed(0)
    plain, recurrent = (speechcnn(1, 4, width=8, kernels=(3,), recurrent=r).eval() for r in (None, 8))
    x = torch.randn(1, 4, 200)
    other = x.clone()
    other[:, :, 190:] = 0
    for body, same in ((plain, True), (recurrent, False)):
        assert torch.equal(body(x)[0][:, :, :85], body(other)[0][:, :, :85]) == same


def test_a_block_is_its_formula() -> None:
    block = SeparableBlock(1, 4, 6, 5, repeat=3).eval()
    x = torch.randn(2, 4, 20)
    torch.testing.assert_close(block(x), (block.path(x) + block.around(x)).relu())
    (c1, c2), around = (4 * 5 + 4 * 6, 6 * 5 + 6 * 6), 4 * 6
    assert count(block) == c1 + 2 * c2 + around + 4 * count(norm("batch", 1, 6))


def test_pictures_are_refused() -> None:
    with pytest.raises(UsageError, match="speechcnn reads grids of 1 axes, not 2"):
        build_body("speechcnn", 2, 1, None, {})
