"""torchvision's ConvNeXt is the independent reference."""

import pytest
import torch
from torch import nn

from multicnn.blocks import BranchDropout
from multicnn.zoo import BODIES, Net, convnext_atto, reader
from multicnn.zoo.weights import fit_weights

ATTO = [(40, 80, 2), (80, 160, 2), (160, 320, 6), (320, None, 2)]


def pair() -> tuple[Net, nn.Module]:
    from torchvision.models.convnext import CNBlockConfig, ConvNeXt

    theirs = ConvNeXt([CNBlockConfig(*row) for row in ATTO], num_classes=7)
    for name, values in theirs.named_parameters():
        if name.endswith(("bias", "layer_scale")):
            nn.init.normal_(values, std=0.5)
    body = convnext_atto(2, 3)
    ours = Net(nn.Identity(), body, reader(body, 7))
    loaded, left_out, missing = fit_weights(ours.state_dict(), theirs.state_dict())
    ours.load_state_dict(loaded)
    assert (left_out, missing) == ([], [])
    return ours, theirs


def test_weights_of_torchvision_give_its_answers_and_gradients():
    ours, theirs = pair()
    x = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-6, atol=1e-6)
    for net in (ours, theirs):
        nn.functional.cross_entropy(net(x), torch.tensor([3, 5])).backward()
    wanted, _, _ = fit_weights(dict(ours.named_parameters()), {n: p.grad for n, p in theirs.named_parameters()})
    for name, p in ours.named_parameters():
        torch.testing.assert_close(p.grad, wanted[name], rtol=1e-4, atol=1e-5, msg=lambda m, n=name: f"{n}: {m}")


def test_the_tiny_form_has_torchvisions_number_of_parameters():
    from torchvision.models import ConvNeXt_Tiny_Weights

    assert BODIES["convnext_tiny"].parameters() == ConvNeXt_Tiny_Weights.IMAGENET1K_V1.meta["num_params"]


@pytest.mark.parametrize("patch", [1, 2, 4])
def test_the_patch_decides_how_many_cells_are_left(patch):
    body = convnext_atto(2, 1, patch=patch)
    with torch.no_grad():
        levels = body(torch.zeros(1, 1, 28, 19))
    assert [tuple(v.shape[2:]) for v in levels] == [(-(-28 // s), -(-19 // s)) for s in body.strides]
    assert body.strides == [patch * 2**i for i in range(4)]


def test_blocks_start_nearly_as_their_shortcuts_and_branches_are_dropped_more_often_the_deeper():
    body = convnext_atto(2, 1, drop=0.11)
    block = body.features[1][0]
    x = torch.randn(1, 40, 9, 9)
    torch.testing.assert_close(block.eval()(x), x, rtol=0, atol=1e-5)
    assert [m.p for m in body.modules() if isinstance(m, BranchDropout)] == pytest.approx([0.01 * i for i in range(12)])
