"""Networks that answer with signals."""

import pytest
import torch

from multicnn.audio.frontend import LogMel, Waveform
from multicnn.audio.invertible import Invertible
from multicnn.audio.reader import SoundReader
from multicnn.errors import UsageError
from multicnn.zoo import build_body
from multicnn.zoo.stems import CellStems, FrameStems, MaskStems, stem_net

READER = SoundReader(rate=8000, seconds=1.0)
UNET = {"width": 4, "depth": 2, "norm": "batch"}
TASNET = {"filters": 8, "kernel": 8, "width": 4, "hidden": 6, "depth": 2, "repeats": 1, "norm": "batch"}
NETS = {
    "masks": (Invertible, "unet", UNET, MaskStems),
    "other masks": (Invertible, "resnet18", {"width": 4}, MaskStems),
    "cells": (Waveform, "unet", UNET, CellStems),
    "frames": (Waveform, "convtasnet", TASNET, FrameStems),
}


def net_of(name: str, **settings):
    front, body, given, kind = NETS[name]
    frontend = front(READER)
    frontend.fit([torch.randn(2, 8000) * 0.1])
    net = stem_net(frontend, build_body(body, frontend.rank, 1, None, given), 3, **settings)
    assert isinstance(net, kind)
    return net


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("t", [1, 100, 4096, 5001])
def test_answers_are_as_long_as_any_sound(name, t):
    torch.manual_seed(0)
    out = net_of(name).eval()(torch.randn(2, t) * 0.1)
    assert out.shape == (2, 3, t)
    assert out.isfinite().all()


@pytest.mark.parametrize("name", NETS)
def test_the_halves_of_forward_are_the_whole(name):
    net = net_of(name).eval()
    x = torch.randn(2, 3001) * 0.1
    torch.testing.assert_close(net.answer(net.frontend(x))[..., :3001], net(x))


@pytest.mark.parametrize("name", NETS)
def test_the_loss_reaches_every_parameter(name):
    net = net_of(name)
    net(torch.randn(4, 4000) * 0.1).square().sum().backward()
    assert [n for n, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_masks_that_sum_to_one_give_stems_that_sum_to_the_sound():
    x = torch.randn(2, 5001) * 0.1
    torch.testing.assert_close(net_of("masks", share="softmax").eval()(x).sum(1), x, rtol=0, atol=1e-6)
    assert (net_of("masks", share="sigmoid").eval()(x).sum(1) - x).abs().max() > 1e-3


@pytest.mark.parametrize("name", ["masks", "frames", "cells"])
def test_a_sound_half_as_loud_has_stems_in_its_own_units(name):
    """What the net hears is divided by a constant, what it says is not: 16-bit numbers and floating ones agree."""
    net = net_of(name).eval()
    whole = (torch.randn(1, 4000) * 3000).short()
    torch.testing.assert_close(net(whole), net(whole.float() / 32768))


@pytest.mark.parametrize("name", ["masks", "cells"])
def test_a_piece_with_what_lies_around_it_says_the_same(name):
    torch.manual_seed(1)
    net = net_of(name)
    x = torch.randn(2, 16384) * 0.1
    net(x)
    whole = net.eval()(x)
    torch.testing.assert_close(net(x[:, 2048:14336])[..., 4096:6144], whole[..., 6144:8192], rtol=0, atol=1e-5)


def test_a_front_end_without_a_way_back_makes_no_net():
    assert stem_net(LogMel(READER), build_body("unet", 2, 1, None, UNET), 2) is None


def test_a_body_without_cells_is_refused():
    with pytest.raises(UsageError, match="answers for the sample as a whole"):
        stem_net(Invertible(READER), build_body("lenet5", 2, 1, (32, 32), {}), 2)
