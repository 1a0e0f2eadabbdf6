"""torchvision's EfficientNet, without squeeze-and-excitation and with ReLU6, is the independent reference.

torchvision pads evenly, TensorFlow only where the grid is odd; so they agree on 32 m + 1 cells, odd at every stride.
"""

from functools import partial

import pytest
import torch
from torch import nn

from multicnn.blocks import BranchDropout
from multicnn.zoo import classifier, efficientnet_lite0, efficientnet_lite2, efficientnet_lite4
from multicnn.zoo.weights import fit_weights

ROWS = [(1, 3, 1, 32, 16, 1), (6, 3, 2, 16, 24, 2), (6, 5, 2, 24, 40, 2), (6, 3, 2, 40, 80, 3)]
ROWS += [(6, 5, 1, 80, 112, 3), (6, 5, 2, 112, 192, 4), (6, 3, 1, 192, 320, 1)]


def reference(k: int) -> nn.Module:
    from torchvision.models.efficientnet import EfficientNet, MBConv, MBConvConfig

    block = partial(MBConv, se_layer=lambda *_, **__: nn.Identity())
    rows = [MBConvConfig(*row, block=block) for row in ROWS]
    net = EfficientNet(rows, dropout=0, norm_layer=partial(nn.BatchNorm2d, eps=1e-3), num_classes=k, last_channel=1280)
    for layer in net.modules():
        for name, child in layer.named_children():
            if isinstance(child, nn.SiLU):
                setattr(layer, name, nn.ReLU6())
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
            nn.init.normal_(layer.running_mean, std=0.1)
            nn.init.normal_(layer.bias, std=0.1)
    return net


def test_lite0_is_torchvisions_network_of_the_same_rows():
    ours, theirs = classifier(efficientnet_lite0(2, 3), 5), reference(5)
    pairs = zip(ours.state_dict(), theirs.state_dict().values(), strict=True)
    ours.load_state_dict(dict(pairs))
    x = torch.randn(2, 3, 65, 97)
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("build", [efficientnet_lite0, efficientnet_lite2, efficientnet_lite4])
def test_levels_are_what_each_halving_leaves(build):
    body = build(2, 1).eval()
    assert body.strides == [2, 4, 8, 16, 32]
    with torch.no_grad():
        levels = body(torch.zeros(1, 1, 100, 37))
    assert [tuple(v.shape) for v in levels] == [
        (1, c, -(-100 // s), -(-37 // s)) for c, s in zip(body.channels, body.strides, strict=True)
    ]


def test_channels_and_depths_grow_as_published():
    body = efficientnet_lite4(2, 3)
    assert body.channels == [24, 32, 56, 160, 1280]
    assert len(body.blocks) == 1 + 4 + 4 + 6 + 6 + 8 + 1


def test_names_with_the_ports_underscores_fit():
    net = classifier(efficientnet_lite0(2, 3), 5)
    state = {name.removeprefix("body.").replace("head.fc", "fc"): v for name, v in net.state_dict().items()}
    theirs = {}
    for name, value in state.items():
        *parts, last = name.split(".")
        theirs[".".join([p if p.isdigit() else f"_{p}" for p in parts] + [last])] = value
    assert {"_blocks.1._expand_conv.weight", "_fc.bias"} <= theirs.keys()
    loaded, left_out, missing = fit_weights(net.state_dict(), theirs)
    assert (len(loaded), left_out, missing) == (len(net.state_dict()), [], [])


def test_branches_are_dropped_more_often_the_deeper_they_are():
    rates = [m.p for m in efficientnet_lite0(2, 1, drop=0.16).modules() if isinstance(m, BranchDropout)]
    assert rates == pytest.approx([0.01 * i for i in range(16)])
