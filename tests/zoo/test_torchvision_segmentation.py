"""torchvision's FCN and DeepLabV3 are the independent reference: their weights fit, and give their answers."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from multicnn.zoo import deeplabv3_resnet50, fcn_resnet50, from_torchvision, segmenter
from multicnn.zoo.weights import fit_weights

BUILDERS = {"fcn_resnet50": fcn_resnet50, "deeplabv3_resnet50": deeplabv3_resnet50}


def pair(name: str, *, aux: bool) -> tuple[nn.Module, nn.Module]:
    from torchvision.models import segmentation

    theirs = getattr(segmentation, name)(weights=None, weights_backbone=None, num_classes=5, aux_loss=aux)
    for layer in theirs.modules():  # statistics and scales as after some training
        if isinstance(layer, nn.BatchNorm2d):
            for values, low, high in ((layer.running_var, 0.5, 2.0), (layer.weight, 0.5, 1.5)):
                nn.init.uniform_(values, low, high)
            for values in (layer.running_mean, layer.bias):
                nn.init.normal_(values, std=0.1)
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0  # theirs and ours would drop different elements
    ours = segmenter(2, BUILDERS[name](2, 3, aux=aux, drop=0.0), 5)
    for side in ours.head.sides:
        side[3].p = 0.0
    ours.load_state_dict(from_torchvision(name, theirs.state_dict()))
    return ours, theirs


@pytest.mark.parametrize("name", BUILDERS)
def test_weights_of_torchvision_give_its_maps(name):
    ours, theirs = pair(name, aux=False)
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(x), theirs.eval()(x)["out"], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", BUILDERS)
def test_training_with_side_heads_has_torchvisions_answers_and_gradients(name):
    ours, theirs = pair(name, aux=True)
    x, y = torch.randn(2, 3, 64, 64), torch.randint(5, (2, 64, 64))
    mine, wanted = ours.train()(x), theirs.train()(x)
    torch.testing.assert_close(mine, torch.stack([wanted["out"], wanted["aux"]], 1), rtol=1e-4, atol=1e-4)
    for out, aux in ((mine[:, 0], mine[:, 1]), (wanted["out"], wanted["aux"])):
        (functional.cross_entropy(out, y) + 0.5 * functional.cross_entropy(aux, y)).backward()
    gradients = from_torchvision(name, {n: p.grad for n, p in theirs.named_parameters()})
    for n, p in ours.named_parameters():
        worst = gradients[n].abs().max().clamp(min=1e-6)
        torch.testing.assert_close(
            p.grad / worst, gradients[n] / worst, rtol=0, atol=1e-3, msg=lambda m, n=n: f"{n}: {m}"
        )


def test_a_segmenter_starts_from_a_classifiers_weights():
    from torchvision.models import resnet50

    theirs = resnet50().state_dict()
    net = segmenter(2, deeplabv3_resnet50(2, 3), 5)
    loaded, left_out, _ = fit_weights(net.state_dict(), theirs)
    assert left_out == ["fc.weight", "fc.bias"]
    assert {name.removeprefix("body.backbone.") for name in loaded} == theirs.keys() - {*left_out}
