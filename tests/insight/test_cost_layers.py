"""The layer table against torch's own counter, published counts, and receptive fields that gradients measure."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from multicnn.insight.cost import layers, totals
from multicnn.zoo import BODIES, Body, Net, build_body, classifier, count
from multicnn.zoo.pyramid import BoxNet

PUBLISHED_FLOPS = {  # twice the multiply-adds that the papers or torchvision's tables give
    "resnet18": 3.628e9,  # torchvision: 1.814 G multiply-adds
    "resnet34": 7.328e9,  # 3.664
    "resnet50": 8.178e9,  # 4.089
    "vgg11": 15.22e9,  # 7.609
    "vgg16": 30.94e9,  # 15.47
    "vgg19": 39.26e9,  # 19.63
    "alexnet_torchvision": 1.428e9,  # 0.714
    "googlenet_torchvision": 2.997e9,  # 1.498
    "inception3": 11.43e9,  # 5.713
    "convnext_tiny": 8.911e9,  # 4.456
    "squeezenet": 0.698e9,  # 0.349
    "efficientnet_lite0": 0.770e9,  # the authors: 407 M, with the additions that count_flops of TensorFlow counts
}
PUBLISHED_FIELDS = {  # before the grid is pooled; Araujo et al. 2019, doi.org/10.23915/distill.00021
    "vgg16": 212,
    "resnet18": 435,
    "resnet34": 899,
    "resnet50": 427,  # 483 where the stride is in the first 1x1 convolution
    "resnet101": 971,  # 1027 likewise
    "alexnet_torchvision": 195,
    "cifar_resnet20": 81,
}
COUNTED = [
    *PUBLISHED_FLOPS, "compact", "compact_sound", "fcnn3", "lenet5", "cnn1", "cnn2", "alexnet", "vgg16_1x1",
    "googlenet", "preresnet18", "unet", "deeplabv3_resnet50", "deeplabv3plus_resnet50", "fcos_resnet50",
    "cifar_resnet20", "convnext_atto", "inceptiontime", "bcresnet1", "cnn10", "yamnet",
    "convtasnet", "textcnn", "speechcnn", "ngramcnn",
    "dpcnn", "charcnn", "idcnn", "tagcnn",
]  # fmt: skip


def reference(name: str) -> tuple[Net, Tensor]:
    body, head = BODIES[name].reference("meta")
    kind = BoxNet if name == "fcos_resnet50" else Net
    return kind(nn.Identity(), body, head), torch.zeros(1, *BODIES[name].input, device="meta")


@pytest.mark.parametrize("name", COUNTED)
def test_parameters_by_formula_and_operations_are_those_that_torch_counts(name):
    net, x = reference(name)
    net.train()
    found = totals(layers(net, x))
    assert all(module.training for module in net.modules())
    assert found.parameters == count(net)
    net.eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net.answer(net.frontend(x))
    assert found.flops == counter.get_total_flops()
    if name in PUBLISHED_FLOPS:
        assert found.flops == pytest.approx(PUBLISHED_FLOPS[name], rel=5e-4)


@pytest.mark.parametrize("name", PUBLISHED_FIELDS)
def test_published_receptive_fields(name):
    windows = [layer for layer in layers(*reference(name)) if layer.kernel]
    assert max(layer.field for layer in windows) == (PUBLISHED_FIELDS[name],) * 2


def test_resnet18_layer_by_layer():
    found = {layer.name: layer for layer in layers(*reference("resnet18"))}
    stem = next(iter(found.values()))
    assert (stem.input, stem.output, stem.kernel, stem.field, stem.stride) == (
        (3, 224, 224), (64, 112, 112), (7, 7), (7, 7), (2, 2),
    )  # fmt: skip
    assert stem.flops == 2 * 3 * 49 * 64 * 112 * 112
    last = list(found.values())[-1]
    assert (last.input, last.output, last.parameters, last.flops) == ((512,), (1000,), 513_000, 1_024_000)


class Shown(nn.Module):
    """A head whose parts are the levels themselves."""

    def __init__(self, levels: int):
        super().__init__()
        self.level = nn.ModuleList(nn.Softplus() for _ in range(levels))

    def forward(self, levels: list[Tensor]) -> list[Tensor]:
        return [show(level) for show, level in zip(self.level, levels, strict=True)]


def measured(body: Body, grid: tuple[int, ...], c_in: int, level: int, at: int | None = None) -> tuple[int, ...]:
    """Extent of the gradient of the cell `at`, else the middle; positive weights, lest ways through the net cancel."""
    body = copy.deepcopy(body).double().eval()
    for module in list(body.modules()):
        for name, part in module.named_children():
            if type(part).__name__.startswith("MaxPool"):  # whose gradient goes to one cell of a window alone
                kind = getattr(nn, type(part).__name__.replace("Max", "Avg"))
                setattr(module, name, kind(part.kernel_size, part.stride, part.padding, ceil_mode=part.ceil_mode))
    with torch.no_grad():
        for p in body.parameters():
            p.copy_(p.abs() / p.abs().mean().clamp(min=1e-9) / max(1, p[0].numel()) + 1e-3 if p.ndim > 1 else p * 0 + 1)
    x = torch.rand(1, c_in, *grid, dtype=torch.float64).add(0.1).requires_grad_()
    out = body(x)[level]
    out[(0, slice(None), *(n // 2 if at is None else at for n in out.shape[2:]))].sum().backward()
    assert x.grad is not None
    seen = x.grad[0].abs().sum(0) > 0
    return tuple(extent(seen, axis) for axis in range(seen.ndim))


def extent(seen: Tensor, axis: int) -> int:
    places = seen.movedim(axis, 0)[..., None].flatten(1).any(1).nonzero().flatten()
    return int(places.max() - places.min() + 1)


CASES: list[tuple[str, int, tuple[int, ...], dict[str, Any], int]] = [
    ("compact", 1, (301,), {}, -1),
    ("cnn2", 2, (40, 50), {}, -1),
    ("cnn2", 3, (28, 30, 32), {"width": 4}, 1),
    ("cifar_resnet20", 2, (140, 140), {}, -1),
    ("preresnet18", 1, (900,), {"width": 4}, -1),
    ("resnet18", 1, (900,), {"width": 4}, -1),
    ("resnet50", 1, (900,), {"width": 4}, -1),
    ("vgg16_bn", 1, (448,), {"width": 4, "units": 8}, 3),
    ("convnext_atto", 1, (2500,), {}, 2),
    ("squeezenet", 1, (500,), {}, -1),
    ("yamnet", 2, (500, 96), {}, -1),
    ("inceptiontime", 1, (500,), {}, 0),
    ("idcnn", 1, (90,), {"width": 8}, 0),
    ("speechcnn", 1, (500,), {}, -1),
    ("tagcnn", 1, (40,), {}, 0),
    ("googlenet", 1, (1200,), {"width": 8}, -1),
]


@pytest.mark.parametrize(("name", "rank", "grid", "settings", "level"), CASES)
def test_receptive_fields_are_those_that_gradients_show(name, rank, grid, settings, level):
    torch.manual_seed(0)
    c_in = 2
    body = build_body(name, rank, c_in, grid, settings)
    net = Net(nn.Identity(), body, Shown(len(body.channels)))
    found = [layer for layer in layers(net, torch.rand(1, c_in, *grid)) if layer.name.startswith("head")][level]
    seen = measured(body, grid, c_in, level)
    for arithmetic, gradient, cells in zip(found.field, seen, grid, strict=True):
        assert gradient == arithmetic or (gradient >= 0.99 * min(cells, arithmetic) and arithmetic > cells / 2)
    if body.strides[level]:
        assert found.stride == (body.strides[level],) * rank


@pytest.mark.filterwarnings("ignore:TF32")
def test_recurrent_layers_are_counted_as_the_products_they_are():
    """As torch counts them where it has no kernel of its own, of one step after the other."""
    body = build_body("crnn", 2, 1, (16, 40), {})
    net = Net(nn.Identity(), body, Shown(len(body.channels))).eval()
    x = torch.rand(2, 1, 16, 40)
    found = layers(net, x)
    assert totals(found).parameters == count(net)
    with (
        torch.backends.mkldnn.flags(enabled=False),
        FlopCounterMode(display=False) as counter,
        torch.no_grad(),
    ):
        net(x)
    assert 2 * totals(found).flops == counter.get_total_flops()
    assert found[-1].field[1] >= 40  # every step sees all


def test_layers_that_only_training_calls_come_last_with_their_parameters():
    body = build_body("googlenet", 2, 3, (64, 64), {"aux": True, "width": 8})
    net = classifier(body, 10)
    found = layers(net, torch.rand(1, 3, 64, 64))
    assert totals(found).parameters == count(net)
    idle = [layer for layer in found if not layer.calls]
    assert idle == found[-len(idle) :]
    assert {layer.name.split(".")[1] for layer in idle} == {"sides"}


def test_behind_finer_cells_the_field_is_the_mean_over_places():
    """How many coarse cells some fine ones lie in depends on where they begin."""
    torch.manual_seed(0)
    body = build_body("unet", 1, 2, (512,), {"width": 4})
    net = Net(nn.Identity(), body, Shown(len(body.channels)))
    found = next(layer for layer in layers(net, torch.rand(1, 2, 512)) if layer.name == "head.level.0")
    assert found.stride == (1,)
    seen = [measured(body, (512,), 2, 0, at=256 + place)[0] for place in range(16)]
    assert found.field == (sum(seen) / len(seen),)
