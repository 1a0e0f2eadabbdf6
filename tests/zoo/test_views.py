"""Test-time augmentation: the mean over views, and nothing where the views make no difference."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.zoo.net import Net
from multicnn.zoo.views import Views, shifted

NAMES = [["flip"], ["shift"], ["flip", "shift"]]


class Mean(nn.Module):
    """One answer a sample, blind to where things lie."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).mean(2)


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0)).double()


def net(body: nn.Module, head: nn.Module | None = None) -> Net:
    return Net(nn.Identity(), body, head or nn.Identity()).double().eval()


def framed(x: Tensor) -> Tensor:
    """Nothing near the border, so that no shift loses anything."""
    return nn.functional.pad(x, [3] * 4)


@pytest.mark.parametrize("views", NAMES)
@settings(max_examples=10, deadline=None)
@given(height=st.integers(1, 8), width=st.integers(1, 8), depth=st.integers(0, 3))
def test_a_net_that_is_blind_to_the_views_answers_as_before(
    views: list[str], height: int, width: int, depth: int
) -> None:
    x = framed(noise(2, 3, *[depth] * bool(depth), height, width))
    blind = net(nn.Conv2d(3, 4, 1, bias=False) if not depth else nn.Conv3d(3, 4, 1, bias=False), Mean())
    torch.testing.assert_close(Views(blind, views)(x), blind(x))


@pytest.mark.parametrize("views", NAMES)
def test_maps_that_move_with_the_sample_are_moved_back(views: list[str]) -> None:
    """A symmetric convolution shows each view what it shows the sample, moved."""
    layer = nn.Conv2d(1, 2, 3, padding=1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(layer.weight + layer.weight.flip(3))
    even = net(layer)
    x = framed(noise(2, 1, 6, 9))
    torch.testing.assert_close(Views(even, views)(x), even(x))


def test_the_answer_is_the_mean_over_all_combinations() -> None:
    """Six views: mirrored or not, and of these half as they are and a quarter each way shifted."""
    uneven = net(nn.Flatten(), nn.Linear(2 * 30 * 60, 5))
    x = noise(3, 2, 30, 60)
    wanted = sum(
        share * (uneven(shifted(x, n)) + uneven(shifted(x, n).flip(3))) / 2
        for n, share in ((0, 0.5), (1, 0.25), (-1, 0.25))
    )
    assert isinstance(wanted, Tensor)
    torch.testing.assert_close(Views(uneven, ["flip", "shift"])(x), wanted)
    assert not torch.allclose(uneven(x), wanted)


def test_rolled_views_begin_at_each_quarter() -> None:
    uneven = net(nn.Flatten(), nn.Linear(2 * 3 * 10, 5))
    x = noise(3, 2, 3, 10)
    wanted = torch.stack([uneven(x.roll(-n, -1)) for n in (0, 2, 5, 7)]).mean(0)
    torch.testing.assert_close(Views(uneven, ["roll"])(x), wanted)


def test_larger_pictures_are_shifted_further() -> None:
    picture = noise(1, 1, 112, 130)
    corner = net(nn.Identity(), nn.Flatten())
    out = Views(corner, ["shift"])(picture).view(112, 130)
    own, plus, minus = picture[0, 0, 50, 50], picture[0, 0, 54, 54], picture[0, 0, 46, 46]
    torch.testing.assert_close(out[50, 50], own / 2 + plus / 4 + minus / 4)


def test_an_unknown_view_is_named() -> None:
    with pytest.raises(UsageError, match="no view named 'flop'"):
        Views(net(nn.Identity()), ["flop"])
