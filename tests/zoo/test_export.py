"""Every member as a fixed graph, which ONNX and other runtimes start from; recipes/bench/export.py has them whole."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.export import Dim, export

from multicnn.tasks.detect import Detect
from multicnn.tasks.localize import Localize
from multicnn.zoo import (
    BODIES,
    classifier,
    deeplabv3_resnet50,
    deeplabv3plus_resnet50,
    fcn_resnet50,
    fcos_resnet50,
    resnet18,
    segmenter,
    unet,
)

DEEPER = (  # made of the same parts as a smaller member, which stands for them
    *("vgg13", "vgg16", "vgg19", "vgg13_bn", "vgg16_bn", "vgg19_bn"),
    *("resnet34", "resnet101", "resnet152", "preresnet34", "preresnet101", "preresnet152"),
    *("fcn_resnet101", "deeplabv3_resnet101", "deeplabv3plus_resnet101"),
    *("cifar_resnet32", "cifar_resnet44", "cifar_resnet56", "cifar_resnet110", "cifar_plain56"),
    *("efficientnet_lite1", "efficientnet_lite2", "efficientnet_lite3", "efficientnet_lite4", "convnext_tiny"),
    "fcos_resnet50",  # whose body is resnet50; its detector is below
)


# torch.export copies the list of a recurrent layer's weights, says so, and puts it back
@pytest.mark.filterwarnings("ignore:The tensor attributes self.body.recurrent:UserWarning")
@pytest.mark.parametrize("name", [n for n in BODIES if n not in DEEPER])
def test_a_graph_for_batches_of_any_size_answers_as_the_network(name, small):
    rank = min(2, max(BODIES[name].ranks))
    body, grid = small(name, rank)
    net = classifier(body, 3).eval()
    graph = export(net, (torch.randn(2, 2, *grid),), dynamic_shapes=({0: Dim.DYNAMIC},)).module()
    for b in (2, 5):
        x = torch.randn(b, 2, *grid)
        with torch.no_grad():
            torch.testing.assert_close(graph(x), net(x), rtol=1e-5, atol=1e-5)


class Grid(nn.Identity):
    """A front-end that does nothing."""

    rank, channels = 2, 3


DETECT, LOCALIZE = Detect("abc", width=8, depth=1), Localize("abc")
TASKS: dict[str, Callable[[], nn.Module]] = {
    "classify": lambda: classifier(resnet18(2, 3, width=4), 3),
    "segment, U-Net": lambda: segmenter(2, unet(2, 3, width=4, depth=2), 3),
    "segment, FCN": lambda: segmenter(2, fcn_resnet50(2, 3, width=4), 3),
    "segment, DeepLabV3": lambda: segmenter(2, deeplabv3_resnet50(2, 3, width=4), 3),
    "segment, DeepLabV3+": lambda: segmenter(2, deeplabv3plus_resnet50(2, 3, width=4), 3),
    "segment, ResNet": lambda: segmenter(2, resnet18(2, 3, width=4), 3),
    "localize": lambda: LOCALIZE.net(Grid(), resnet18(2, 3, width=4)),
    "detect": lambda: DETECT.net(Grid(), resnet18(2, 3, width=4)),
    "detect, FCOS": lambda: Detect("abc").net(Grid(), fcos_resnet50(2, 3, width=4)),
}


@pytest.mark.parametrize("task", TASKS)
def test_a_graph_for_pictures_of_any_size_answers_as_the_network(task):
    net = TASKS[task]().eval()
    sides = {2: 32 * Dim("height", min=2, max=64), 3: 32 * Dim("width", min=2, max=64)}
    graph = export(net, (torch.randn(2, 3, 160, 192),), dynamic_shapes=({0: Dim.DYNAMIC, **sides},)).module()
    for b, height, width in ((2, 160, 192), (3, 256, 224)):
        x = torch.randn(b, 3, height, width)
        with torch.no_grad():
            torch.testing.assert_close(graph(x), net(x), rtol=1e-5, atol=1e-5)
