"""torchvision's SqueezeNet 1.1 is the independent reference."""

import pytest
import torch
from torch import nn

from multicnn.zoo import Net, reader, squeezenet
from multicnn.zoo.squeezenet import from_paper
from multicnn.zoo.weights import fit_weights


def pair(k: int = 7) -> tuple[Net, nn.Module]:
    from torchvision.models import squeezenet1_1

    theirs = squeezenet1_1(num_classes=k)
    for name, values in theirs.named_parameters():
        if name.endswith("bias"):
            nn.init.normal_(values, std=0.1)
    body = squeezenet(2, 3)
    ours = Net(nn.Identity(), body, reader(body, k))
    loaded, left_out, missing = fit_weights(ours.state_dict(), theirs.state_dict())
    ours.load_state_dict(loaded)
    assert (left_out, missing) == ([], [])
    return ours, theirs.eval()  # its dropout alone differs between training and evaluation


@pytest.mark.parametrize("grid", [(224, 224), (64, 97), (17, 33)])
def test_weights_of_torchvision_give_its_answers(grid):
    ours, theirs = pair()
    x = torch.randn(2, 3, *grid)
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(x), theirs(x), rtol=1e-6, atol=1e-6)


def test_and_its_gradients():
    ours, theirs = pair()
    x = torch.randn(2, 3, 64, 64)
    for net in (ours, theirs):
        nn.functional.cross_entropy(net(x), torch.tensor([3, 5])).backward()
    grads = {name: p.grad for name, p in theirs.named_parameters()}
    wanted, _, _ = fit_weights(dict(ours.named_parameters()), grads)
    for name, p in ours.named_parameters():
        torch.testing.assert_close(p.grad, wanted[name], rtol=1e-4, atol=1e-6, msg=lambda m, n=name: f"{n}: {m}")


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_short_grids_are_extended_by_zeros_behind(rank):
    body = squeezenet(rank, 2).eval()
    x = torch.randn(1, 2, *[5] * rank)
    wide = torch.zeros(1, 2, *[17] * rank)
    wide[(slice(None), slice(None), *[slice(5)] * rank)] = x
    assert torch.equal(body(x)[-1], body(wide)[-1])


def test_levels_are_at_most_one_cell_short_of_their_strides():
    body = squeezenet(2, 3).eval()
    for n in (32, 33, 47, 64, 224):
        for level, stride in zip(body(torch.zeros(1, 3, n, 17)), body.strides, strict=True):
            assert -(-n // stride) - 1 <= level.shape[2] <= -(-n // stride)


def test_the_papers_names_become_torchvisions_and_the_colours_are_turned():
    conv1, bias = torch.randn(64, 3, 3, 3), torch.randn(64)
    found = {"conv1.weight": conv1, "fire9/squeeze1x1.bias": bias, "fire2/expand3x3.bias": bias, "conv10.bias": bias}
    named = from_paper(found)
    assert [*named] == [
        *("features.0.weight", "features.12.squeeze.bias", "features.3.expand3x3.bias", "classifier.1.bias"),
    ]
    assert torch.equal(named["features.0.weight"], conv1[:, [2, 1, 0]])
