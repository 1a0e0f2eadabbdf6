"""AlexNet, VGG, GoogLeNet and Inception-v3: torchvision's weights fit and give its answers; the papers' own forms."""

import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional

from multicnn.errors import UsageError
from multicnn.zoo import BODIES, Sided, build_body, classifier, count, from_torchvision, googlenet, inception3, vgg11
from multicnn.zoo.torchvision_names import NAMES

GRIDS = {"alexnet_torchvision": (63, 95), "vgg11": (32, 64), "googlenet_torchvision": (64, 96), "inception3": (107, 75)}
SIDES = {"googlenet_torchvision": ("aux1", "aux2"), "inception3": ("AuxLogits",)}
CLASSIFIERS = [name for name in NAMES if not name.startswith(("fcn", "fcos", "deeplab"))]
WITH_SIDES = {"googlenet": 13_378_280, "googlenet_torchvision": 13_004_888, "inception3": 27_161_264}
STEPS = {"alexnet": 6, "googlenet": 8, "googlenet_torchvision": 8, "inception3": 2}
K = 7


def theirs(name: str, classes: int) -> nn.Module:
    """torchvision's network, without memory."""
    from torchvision import models

    with torch.device("meta"), warnings.catch_warnings():  # about initial weights, of networks with side classifiers
        warnings.simplefilter("ignore", FutureWarning)
        return getattr(models, NAMES[name])(num_classes=classes)


def ours(name: str, classes: int) -> nn.Module:
    with torch.device("meta"):
        return classifier(build_body(name, 2, 3, (224, 224), {}), classes)


def drawn(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights and statistics as after some training."""
    found = {}
    for name, like in state.items():
        values = torch.empty(like.shape)
        if like.ndim == 0:
            found[name] = torch.tensor(100)
        elif like.ndim > 1:
            found[name] = values.normal_(std=(2 / values[0].numel()) ** 0.5)
        elif name.endswith(("running_var", "weight")):
            found[name] = values.uniform_(0.5, 1.5)
        else:
            found[name] = values.normal_(std=0.1)
    return found


def pair(name: str) -> tuple[nn.Module, nn.Module]:
    """torchvision's network and ours with the same weights."""
    net, reference = ours(name, K), theirs(name, K)
    state = drawn(reference.state_dict())
    reference.load_state_dict(state, assign=True)
    net.load_state_dict(from_torchvision(name, {n: t.clone() for n, t in state.items()}), assign=True)
    return net, reference


def steady(net: nn.Module) -> nn.Module:
    """In training mode, but dropping nothing."""
    for layer in net.train().modules():
        if type(layer).__name__ in ("Dropout", "ChannelDropout"):
            layer.p = 0.0
    return net


def together(out: object) -> torch.Tensor:
    """What torchvision's networks answer in training, in our order: last level, then the sides, finest first."""
    if isinstance(out, torch.Tensor):
        return out
    return torch.stack([out[0], *reversed(out[1:])], dim=1)


@pytest.mark.parametrize("name", GRIDS)
def test_weights_of_torchvision_give_its_answers_and_gradients(name):
    net, reference = pair(name)
    x = torch.randn(2, 3, *GRIDS[name])
    with torch.no_grad():
        assert torch.equal(net.eval()(x), reference.eval()(x))
    if name == "inception3":
        x = torch.randn(2, 3, 299, 299)  # torchvision's side classifier wants the cells of this size
    got, wanted = steady(net)(x), together(steady(reference)(x))
    assert torch.equal(got, wanted)
    for out in (got, wanted):
        out.square().mean().backward()
    gradients = from_torchvision(name, {n: p.grad for n, p in reference.named_parameters()})
    for n, p in net.named_parameters():
        assert torch.equal(p.grad, gradients[n]) or error(p.grad, gradients[n]) < 1e-4, n  # sums in another order


def error(got: torch.Tensor, wanted: torch.Tensor) -> float:
    """The largest difference as a share of the largest number."""
    return ((got - wanted).abs().max() / wanted.abs().max()).item()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_tensor_of_torchvisions_network_has_its_place_in_ours(name):
    renamed = from_torchvision(name, theirs(name, 1000).state_dict())
    wanted = ours(name, 1000).state_dict()
    assert {n: t.shape for n, t in renamed.items()} == {n: t.shape for n, t in wanted.items()}


def test_a_network_that_torchvision_lacks_is_refused_with_near_names():
    with pytest.raises(UsageError, match=r"torchvision has no weights for 'vgg16_1x1'; did you mean .*vgg16"):
        from_torchvision("vgg16_1x1", {})


@pytest.mark.parametrize(
    ("name", "published"),
    [("googlenet", 13_378_280), ("googlenet_torchvision", 13_004_888), ("inception3", 27_161_264)],
)
def test_side_classifiers_have_the_published_counts(name, published):
    assert count(ours(name, 1000)) == published


def test_sides_answer_in_training_only_and_weigh_what_the_papers_say():
    for build, sides, weight in ((googlenet, 2, 0.3), (inception3, 1, 0.4)):
        body = build(2, 1, width=8)
        net = classifier(body, 5)
        x = torch.randn(2, 1, 80, 75)
        assert isinstance(net.head, Sided)
        assert net.head.side_weight == weight
        assert net.train()(x).shape == (2, 1 + sides, 5)
        assert net.eval()(x).shape == (2, 5)


def test_without_side_classifiers_the_weights_of_the_rest_fit():
    with_sides, without = (classifier(googlenet(2, 1, width=8, aux=aux), 5).eval() for aux in (True, False))
    rest = {n: t for n, t in with_sides.state_dict().items() if not n.startswith("head.sides.")}
    without.load_state_dict(rest)
    x = torch.randn(2, 1, 40, 33)
    with torch.no_grad():
        assert torch.equal(with_sides(x), without(x))
        assert without.train()(x).shape == (2, 5)


def test_the_papers_alexnet_is_its_layers_in_a_row():
    body = build_body("alexnet", 2, 3, (227, 227), {"width": 12, "units": 20}).eval()
    w = dict(body.named_parameters())

    def layer(x: torch.Tensor, i: int, **settings: int) -> torch.Tensor:
        return functional.conv2d(x, w[f"features.{i}.weight"], w[f"features.{i}.bias"], **settings).relu()

    def respond(x: torch.Tensor) -> torch.Tensor:
        """The paper's section 3.3."""
        c = x.shape[1]
        near = [x[:, max(0, i - 2) : min(c - 1, i + 2) + 1].square().sum(1) for i in range(c)]
        return x / (2 + 1e-4 * torch.stack(near, 1)) ** 0.75

    x = torch.randn(1, 3, 227, 227)
    y = functional.max_pool2d(respond(layer(x, 0, stride=4)), 3, 2)
    y = functional.max_pool2d(respond(layer(y, 4, padding=2, groups=2)), 3, 2)
    y = layer(layer(layer(y, 8, padding=1), 10, padding=1, groups=2), 12, padding=1, groups=2)
    y = functional.max_pool2d(y, 3, 2)
    assert y.shape[2:] == (6, 6)
    for i in (1, 4):
        y = functional.linear(y.flatten(1), w[f"classifier.{i}.weight"], w[f"classifier.{i}.bias"]).relu()
    with torch.no_grad():
        torch.testing.assert_close(body(x)[0].flatten(1), y, rtol=1e-5, atol=1e-6)


def test_a_lrn_differs_from_a_by_its_norm_alone():
    plain, normed = (build_body(n, 2, 1, (32, 32), {"width": 8, "units": 8}).eval() for n in ("vgg11", "vgg11_lrn"))
    for ours, source in zip(normed.parameters(), plain.parameters(), strict=True):
        ours.data = source.data
    normed.features[2].alpha = 0.0
    normed.features[2].k = 1.0
    x = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        for a, b in zip(plain(x), normed(x), strict=True):
            assert torch.equal(a, b)


def test_configuration_c_ends_its_later_stages_with_1x1_convolutions():
    kernels = [m.kernel_size[0] for m in vgg_layers("vgg16_1x1")]
    assert kernels == [3] * 4 + [3, 3, 1] * 3
    assert [m.kernel_size[0] for m in vgg_layers("vgg16")] == [3] * 13


def vgg_layers(name: str) -> list[nn.Conv2d]:
    body = build_body(name, 2, 1, (32, 32), {"width": 2, "units": 2})
    return [m for m in body.modules() if isinstance(m, nn.Conv2d)]


def test_the_papers_googlenet_has_5x5_convolutions_and_no_batch_norm():
    body = googlenet(2, 3, width=8)
    wide = [m.branch3[1].conv.kernel_size for m in body.inception.values()]
    assert wide == [(5, 5)] * 9
    assert not [m for m in body.modules() if isinstance(m, nn.BatchNorm2d)]
    assert len([m for m in body.modules() if isinstance(m, nn.LocalResponseNorm)]) == 2


def test_larger_grids_than_224_cells_do_not_grow_the_affine_layers():
    with torch.device("meta"):
        assert count(vgg11(2, 3, grid=(448, 320))) == count(vgg11(2, 3, grid=(224, 224)))
        assert count(vgg11(2, 3, grid=(32, 32))) < count(vgg11(2, 3, grid=(224, 224))) - 100_000_000


@pytest.mark.parametrize("drop", [0.0, 0.5])
def test_vgg_drops_features_behind_its_affine_layers(drop):
    body = vgg11(2, 1, grid=(32, 32), width=4, units=1000, drop=drop).train()
    body.classifier[4] = nn.Identity()  # behind it, ReLU would make zeros of its own
    nn.init.ones_(body.classifier[3].weight)
    zeros = (body(torch.randn(1, 1, 32, 32))[-1] == 0).float().mean().item()
    assert zeros == pytest.approx(drop, abs=0.07)


def test_dropping_channels_is_dropping_means():
    """What GoogLeNet's head reads has the zeros and the scale of dropout behind the pooling."""
    body = googlenet(2, 1, width=64, drop=0.4)
    x = torch.randn(1, 1, 64, 64)
    kept = body.eval()(x)[-1].mean((2, 3))
    seen = body.train()(x)[-1].mean((2, 3))
    gone = (seen == 0) & (kept != 0)
    assert gone.float().sum() / (kept != 0).sum() == pytest.approx(0.4, abs=0.08)
    torch.testing.assert_close(seen[~gone], kept[~gone] / 0.6)


@pytest.mark.parametrize(
    ("name", "grid", "smallest"),
    [("alexnet", (66, 80), "67 x 67"), ("alexnet_torchvision", (80, 62), "63 x 63")],
)
def test_a_grid_that_pooling_would_use_up_is_refused(name, grid, smallest):
    with pytest.raises(UsageError, match=f"{name} needs a grid of at least {smallest} cells, got .*--image-size 224"):
        build_body(name, 2, 1, grid, {})
    larger = build_body(name, 2, 1, (80, 80), {"width": 6, "units": 4})
    with pytest.raises(UsageError, match=f"{name} needs a grid of at least {smallest} cells"):
        larger(torch.randn(1, 1, *grid))


def test_inception3_refuses_a_grid_that_its_halvings_would_use_up():
    body = inception3(2, 1, width=2)
    with pytest.raises(UsageError, match="inception3 needs a grid of at least 75 x 75 cells, got 74 x 80"):
        body(torch.randn(1, 1, 74, 80))


@pytest.mark.parametrize(("name", "step"), STEPS.items())
def test_a_width_that_gives_parts_of_channels_is_refused(name, step):
    with pytest.raises(UsageError, match=f"width of model {name} is {step + 1}; give a multiple of {step}"):
        build_body(name, 2, 1, (224, 224), {"width": step + 1})


def test_classic_members_say_which_levels_are_for_the_side():
    assert [BODIES[n].reference("meta")[0].side for n in ("googlenet", "inception3")] == [(3, 4), (1,)]
