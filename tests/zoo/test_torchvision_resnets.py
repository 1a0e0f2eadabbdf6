"""torchvision's ResNets are the independent reference: its weights fit, and give its answers and gradients."""

import pytest
import torch
from torch import nn

from multicnn.zoo import classifier, from_torchvision, resnet18, resnet34, resnet50

BUILDERS = {"resnet18": resnet18, "resnet34": resnet34, "resnet50": resnet50}


def pair(name: str) -> tuple[nn.Module, nn.Module]:
    from torchvision import models

    theirs = getattr(models, name)(num_classes=7)
    for layer in theirs.modules():  # statistics and scales as after some training
        if isinstance(layer, nn.BatchNorm2d):
            for values, low, high in ((layer.running_var, 0.5, 2.0), (layer.weight, 0.5, 1.5)):
                nn.init.uniform_(values, low, high)
            for values in (layer.running_mean, layer.bias):
                nn.init.normal_(values, std=0.1)
    ours = classifier(BUILDERS[name](2, 3), 7)
    ours.load_state_dict(from_torchvision(name, theirs.state_dict()))
    return ours, theirs


@pytest.mark.parametrize("name", BUILDERS)
def test_weights_of_torchvision_give_its_answers_and_gradients(name):
    ours, theirs = pair(name)
    x = torch.randn(2, 3, 64, 48)
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-6, atol=1e-6)
    for net in (ours, theirs):
        nn.functional.cross_entropy(net(x), torch.tensor([3, 5])).backward()
    wanted = from_torchvision(name, {n: p.grad for n, p in theirs.named_parameters()})
    for n, p in ours.named_parameters():
        torch.testing.assert_close(p.grad, wanted[n], rtol=1e-4, atol=1e-6, msg=lambda m, n=n: f"{n}: {m}")


def test_levels_are_the_outputs_of_torchvisions_four_layers():
    ours, theirs = pair("resnet18")
    seen = []
    for layer in (theirs.layer1, theirs.layer2, theirs.layer3, theirs.layer4):
        layer.register_forward_hook(lambda _m, _x, out: seen.append(out))
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        theirs.eval()(x)
        levels = ours.eval().body(x)
    for level, wanted in zip(levels, seen, strict=True):
        torch.testing.assert_close(level, wanted, rtol=1e-6, atol=1e-6)
