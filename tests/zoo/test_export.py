"""Every member as a fixed graph, which ONNX and other runtimes start from."""

import pytest
import torch
from torch.export import Dim, export

from multicnn.zoo import BODIES, classifier

DEEPER = (  # made of the same parts as a smaller member, which stands for them
    *("vgg13", "vgg16", "vgg19", "vgg13_bn", "vgg16_bn", "vgg19_bn"),
    *("resnet34", "resnet101", "resnet152", "preresnet34", "preresnet101", "preresnet152"),
    *("fcn_resnet101", "deeplabv3_resnet101", "deeplabv3plus_resnet101"),
    *("cifar_resnet32", "cifar_resnet44", "cifar_resnet56", "cifar_resnet110", "cifar_plain56"),
    *("efficientnet_lite1", "efficientnet_lite2", "efficientnet_lite3", "efficientnet_lite4", "convnext_tiny"),
)


@pytest.mark.parametrize("name", [n for n, member in BODIES.items() if 2 in member.ranks and n not in DEEPER])
def test_a_graph_for_batches_of_any_size_answers_as_the_network(name, small):
    body, grid = small(name, 2)
    net = classifier(body, 3).eval()
    graph = export(net, (torch.randn(2, 2, *grid),), dynamic_shapes=({0: Dim.DYNAMIC},)).module()
    for b in (2, 5):
        x = torch.randn(b, 2, *grid)
        with torch.no_grad():
            torch.testing.assert_close(graph(x), net(x), rtol=1e-5, atol=1e-5)
