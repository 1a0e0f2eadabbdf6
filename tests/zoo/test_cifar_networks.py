"""The residual and plain networks for 32 x 32 cells against torch's own functions."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import BranchDropout
from multicnn.zoo import cifar_plain20, cifar_plain56, cifar_resnet20, cifar_resnet56, classifier, count


def lived(net: nn.Module) -> nn.Module:
    """In double precision, with statistics and scales of batch norms as after some training."""
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for values, low, high in ((layer.running_var, 0.5, 2.0), (layer.weight, 0.5, 1.5)):
                nn.init.uniform_(values, low, high)
            for values in (layer.running_mean, layer.bias):
                nn.init.normal_(values, std=0.1)
    return net.double().eval()


def convolved(x: Tensor, layers: list[nn.Module], stride: int) -> Tensor:
    """Convolution 3x3 and batch norm by their definition; the cells out of the grid are zeros."""
    line, norm = layers
    x = functional.conv2d(x, line.weight, stride=stride, padding=1)
    scale = norm.weight / (norm.running_var + 1e-5).sqrt()
    return (x - norm.running_mean[:, None, None]) * scale[:, None, None] + norm.bias[:, None, None]


def layers(body: nn.Module) -> list[list[nn.Module]]:
    """Pairs of a convolution and its norm, in order."""
    flat = [m for m in body.modules() if isinstance(m, nn.Conv2d | nn.BatchNorm2d)]
    return [flat[i : i + 2] for i in range(0, len(flat), 2)]


def shortcut(x: Tensor, stride: int) -> Tensor:
    """Option A of the paper: every second cell, and as many channels of zeros."""
    return x if stride == 1 else torch.cat([x[:, :, ::2, ::2], torch.zeros_like(x[:, :, ::2, ::2])], 1)


def test_resnet20_is_the_papers_table():
    body = lived(cifar_resnet20(2, 3))
    first, *rest = layers(body)
    assert len(rest) == 18
    x = torch.randn(2, 3, 32, 30, dtype=torch.float64)
    wanted, last = [], convolved(x, first, 1).relu()
    for i in range(9):
        stride = 2 if i in (3, 6) else 1
        branch = convolved(convolved(last, rest[2 * i], stride).relu(), rest[2 * i + 1], 1)
        last = (branch + shortcut(last, stride)).relu()
        wanted += [last] if i % 3 == 2 else []
    with torch.no_grad():
        for level, reference in zip(body(x), wanted, strict=True):
            torch.testing.assert_close(level, reference, rtol=1e-9, atol=1e-9)


def test_plain20_is_resnet20_without_shortcuts():
    body = lived(cifar_plain20(2, 3))
    last = x = torch.randn(2, 3, 32, 30, dtype=torch.float64)
    for i, pair in enumerate(layers(body)):
        last = convolved(last, pair, 2 if i in (7, 13) else 1).relu()
    with torch.no_grad():
        torch.testing.assert_close(body(x)[-1], last, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("plain", "residual"), [(cifar_plain20, cifar_resnet20), (cifar_plain56, cifar_resnet56)])
def test_shortcuts_have_no_parameters(plain, residual):
    assert count(classifier(plain(2, 3), 10)) == count(classifier(residual(2, 3), 10))


def test_branches_are_dropped_more_often_the_deeper_they_are():
    rates = [m.p for m in cifar_resnet20(2, 1, drop=0.8).modules() if isinstance(m, BranchDropout)]
    assert rates == pytest.approx([0.1 * i for i in range(9)])
