"""Every method against an independent one: captum, closed formulas, sums that must hold."""

import pytest
import torch
from captum.attr import IntegratedGradients, LayerGradCam, Occlusion
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.insight.explain import METHODS, Question
from multicnn.insight.explain.cams import gradcam, higher_orders, layercam
from multicnn.insight.explain.gradients import integrated_gradients
from multicnn.insight.explain.ngrams import ngrams
from multicnn.insight.explain.occlusion import occlusion
from multicnn.insight.explain.sample import Blended, blur, blurred, padded, silent
from multicnn.tasks.aim import Aim
from multicnn.tasks.classify import Classify
from multicnn.zoo.net import Net, build_body

GRIDS = {1: (24,), 2: (12, 16), 3: (6, 8, 8)}
K = 3


def net_of(name: str, rank: int, channels: int, **settings: object) -> Net:
    """A classifier of K classes whose norms have seen data, as trained ones have."""
    torch.manual_seed(1)
    body = build_body(name, rank, channels, GRIDS[rank], settings)
    net = Classify([*"abc"]).net(nn.Identity(), body)
    net.train()
    with torch.no_grad():
        for _ in range(5):
            net(torch.randn(8, channels, *GRIDS[rank]))
    return net.eval()


def asked(
    net: Net, x: Tensor, base: Tensor | None = None, level: int | None = None, classes: tuple[int, ...] = ()
) -> Question:
    """Why each sample is of its class."""
    wanted = classes or tuple(i % K for i in range(len(x)))
    inside = torch.ones(x.shape[2:], dtype=torch.bool)
    sample = Blended(x, torch.zeros_like(x) if base is None else base, inside)
    aims = [Aim(str(k), lambda out, k=k: out[:, k], lambda out, k=k: out.softmax(1)[:, k]) for k in wanted]
    return Question(net, sample, aims, level)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_mean_of_a_class_activation_map_and_the_bias_are_the_logit(rank):
    net = net_of("resnet18", rank, 2, width=4)
    x = torch.randn(2, 2, *GRIDS[rank])
    this = asked(net, x)
    level = net.body(x)[-1]
    logits = net(x)
    weights = net.head.fc.weight  # the textbook's map: the class's weights times the level's maps
    for row in range(2):
        plain = torch.tensordot(weights[row], level[row], 1)
        assert (plain.mean() + net.head.fc.bias[row]).item() == pytest.approx(logits[row, row].item(), abs=1e-5)
    found = METHODS["cam"].explain(this)
    if level[0, 0].numel() > 1:
        wide = nn.functional.interpolate(
            torch.stack([torch.tensordot(weights[r], level[r], 1) for r in range(2)])[:, None], x.shape[2:],
            mode=("linear", "bilinear", "trilinear")[rank - 1],
        )  # fmt: skip
        assert torch.allclose(found.cells, wide[:, 0], atol=1e-5)


@pytest.mark.parametrize("level", [0, 1, -1])
def test_gradcam_is_captums(level):
    net = net_of("resnet18", 2, 2, width=4)
    x = torch.randn(2, 2, *GRIDS[2])
    layer = (net.body.layer1, net.body.layer2, net.body.layer3, net.body.layer4)[level]
    theirs = LayerGradCam(net, layer).attribute(x, target=torch.tensor([0, 1]), relu_attributions=True)
    wide = nn.functional.interpolate(theirs, x.shape[2:], mode="bilinear")[:, 0]
    assert torch.allclose(gradcam(asked(net, x, level=level)).cells, wide, atol=1e-5)


def test_gradcam_plus_plus_has_the_derivatives_of_the_papers_exponential():
    maps = torch.rand(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(2, 3, 3, dtype=torch.float64)

    def score(a: Tensor) -> Tensor:
        return (a * weights).sum().exp()

    first, second, third = torch.zeros_like(maps), torch.zeros_like(maps), torch.zeros_like(maps)
    for place in [(0, c, i, j) for c in range(2) for i in range(3) for j in range(3)]:  # one cell at a time
        one = maps.detach()[place].clone().requires_grad_()
        value = score(maps.detach().index_put(tuple(torch.tensor([n]) for n in place), one[None]))
        (d1,) = torch.autograd.grad(value, one, create_graph=True)
        (d2,) = torch.autograd.grad(d1, one, create_graph=True)
        (d3,) = torch.autograd.grad(d2, one)
        with torch.no_grad():
            first[place], second[place], third[place] = d1, d2, d3
    total = maps.detach().sum((2, 3), keepdim=True)
    alpha = second / (2 * second + total * third)
    wanted = ((alpha * first.relu()).sum((2, 3), keepdim=True) * maps.detach()).sum(1).relu()
    found = higher_orders(maps.detach(), weights[None])
    assert torch.allclose(found / found.max(), wanted / wanted.max())  # equal but for the score's own exponential


def test_layercam_weighs_each_cell_by_its_own_gradient():
    net = net_of("resnet18", 2, 2, width=4)
    x = torch.randn(1, 2, *GRIDS[2])
    found = layercam(asked(net, x, level=0)).cells
    maps = net.body(x)[0].detach()
    grid = x.clone().requires_grad_()
    levels = net.body(grid)
    slopes = torch.autograd.grad(net.head(levels)[0, 0], levels[0])[0]
    wanted = (slopes.relu() * maps).sum(1, keepdim=True).relu()
    assert torch.allclose(found, nn.functional.interpolate(wanted, x.shape[2:], mode="bilinear")[:, 0], atol=1e-6)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_integrated_gradients_are_captums_and_complete(rank):
    net = net_of("compact", rank, 2)
    x, base = torch.randn(2, 2, *GRIDS[rank]), torch.randn(2, 2, *GRIDS[rank])
    theirs = IntegratedGradients(net).attribute(x, base, target=torch.tensor([0, 1]), n_steps=10)
    found = integrated_gradients(asked(net, x, base), steps=10)
    assert torch.allclose(found.channels, theirs.float(), atol=1e-5)
    exact = integrated_gradients(asked(net, x, base), steps=128 if rank < 3 else 40)
    true = (net(x) - net(base)).diagonal()
    for fact, wanted in zip(exact.facts, true.tolist(), strict=True):
        assert fact["difference"] == pytest.approx(wanted, abs=1e-5)
        assert fact["sum"] == pytest.approx(wanted, abs=0.03 * max(1.0, abs(wanted)))


@pytest.mark.parametrize(
    ("rank", "window", "stride"), [(1, (5,), (3,)), (2, (4, 5), (3, 4)), (2, (3, 3), (3, 3)), (3, (2, 3, 4), (2, 2, 3))]
)
def test_occlusion_is_captums(rank, window, stride):
    net = net_of("compact", rank, 2)
    x, base = torch.randn(2, 2, *GRIDS[rank]), torch.randn(2, 2, *GRIDS[rank])
    theirs = Occlusion(net).attribute(
        x, (2, *window), (2, *stride), base, target=torch.tensor([0, 1]), perturbations_per_eval=7
    )
    found = occlusion(asked(net, x, base), window=window, stride=stride)
    assert torch.allclose(found.cells, theirs[:, 0].float(), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("textcnn", {"width": 7, "kernels": (2, 3, 5)}),
        ("textcnn", {"width": 5, "kernels": (3,), "k": 3}),
        ("textcnn", {"width": 5, "kernels": (3, 4), "act": "tanh"}),
        ("ngramcnn", {"width": 6, "kernels": (2, 3), "kernel_width": 5}),
    ],
    ids=["textcnn", "three answers", "tanh", "ngramcnn"],
)
def test_ngrams_and_words_sum_to_the_logit(name, settings):
    torch.manual_seed(3)
    net = Classify([*"abc"]).net(nn.Identity(), build_body(name, 1, 8, None, settings)).eval()
    x = torch.randn(4, 8, 11)
    x[2, :, 6:] = 0  # a shorter text, padded
    found = ngrams(asked(net, x))
    logits = net(x)
    parts = net.body.ngrams(x)
    assert torch.allclose(torch.cat([p.value.sum(2) for p in parts], 1), net.body(x)[-1].flatten(1), atol=1e-5)
    for row, facts in enumerate(found.facts):
        logit = logits[row, row % K].item()
        assert facts["bias"] + sum(v for *_, v in facts["ngrams"]) == pytest.approx(logit, abs=1e-5)
        assert facts["rest"] + float(found.cells[row].sum()) == pytest.approx(logit, abs=1e-5)
        assert all(0 <= a < b <= 11 for a, b, _ in facts["ngrams"])


def test_a_filters_ngram_is_where_its_answer_is_strongest():
    net = Classify([*"abc"]).net(nn.Identity(), build_body("textcnn", 1, 4, None, {"width": 1, "kernels": (2,)})).eval()
    with torch.no_grad():
        net.body.convs[0].weight[:] = torch.tensor([[[1.0, 0], [0, 1], [0, 0], [0, 0]]])  # word 0, then word 1
        net.body.convs[0].bias.zero_()
        net.head.fc.weight[:] = torch.tensor([[2.0], [0], [0]])
        net.head.fc.bias[:] = 0.5
    x = nn.functional.one_hot(torch.tensor([[2, 3, 0, 1, 3]]), 4).float().mT
    found = ngrams(asked(net, x, classes=(0,)))
    assert found.facts[0]["ngrams"][0] == [2, 4, 4.0]
    assert found.facts[0]["bias"] == 0.5
    assert found.cells.tolist() == [[0, 0, 2, 2, 0]]


@pytest.mark.parametrize("method", ["gradcam", "gradcam++", "layercam", "cam", "integrated-gradients", "occlusion"])
def test_a_map_does_not_depend_on_its_neighbours_in_the_batch(method):
    net = net_of("compact", 2, 2)
    x = torch.randn(4, 2, *GRIDS[2])
    classes, order = (0, 1, 2, 1), [2, 0, 3, 1]
    straight = METHODS[method].explain(asked(net, x, classes=classes)).cells
    mixed = METHODS[method].explain(asked(net, x[order], classes=tuple(classes[i] for i in order))).cells
    assert torch.allclose(straight[order], mixed, atol=1e-5)
    assert straight.shape == (4, *GRIDS[2])


def test_what_a_net_cannot_be_asked_is_refused():
    text = Classify([*"abc"]).net(nn.Identity(), build_body("textcnn", 1, 8, None, {})).eval()
    x = torch.randn(1, 8, 11)
    with pytest.raises(UsageError, match=r"every level of textcnn sees the sample as a whole.*occlusion"):
        gradcam(asked(text, x))
    with pytest.raises(UsageError, match=r"level 0 of textcnn sees the sample as a whole"):
        gradcam(asked(text, x, level=0))
    net = net_of("compact", 2, 2)
    with pytest.raises(UsageError, match=r"--level 9: compact has the levels 0 to \d"):
        gradcam(asked(net, torch.randn(1, 2, *GRIDS[2]), level=9))
    with pytest.raises(UsageError, match="global average pooling"):
        METHODS["cam"].explain(asked(net, torch.randn(1, 2, *GRIDS[2]), level=0))
    with pytest.raises(UsageError, match=r"--method ngrams is for texts"):
        ngrams(asked(net, torch.randn(1, 2, *GRIDS[2])))


class Table(nn.Module):
    """Word numbers to vectors, 0 to zeros.  b t -> b 3 t"""

    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding(9, 3, padding_idx=0)

    def forward(self, raw: Tensor) -> Tensor:
        return self.vectors(raw).mT


def test_taking_cells_away():
    raw = torch.tensor([[4, 7, 2, 0, 0]])
    sample = padded(Table(), raw, 1.0)
    keep = torch.tensor([[[1, 0, 1, 1, 1], [0, 0, 0, 0, 0]]])
    with torch.no_grad():
        found = sample.without(keep)
        assert torch.equal(found[0, 0], sample.frontend(torch.tensor([[4, 0, 2, 0, 0]]))[0])
        assert torch.equal(found[:, 1], sample.base)
    assert sample.inside.tolist() == [True, True, True, False, False]
    sounds = silent(lambda raw: raw[:, None] + 5.0, torch.randn(1, 8), 0.5)
    assert sounds.base.unique().tolist() == [5.0]
    assert sounds.inside.tolist() == [True] * 4 + [False] * 4
    picture = torch.rand(1, 1, 9, 12)
    soft = blurred(nn.Identity(), picture, 1.0)
    assert torch.allclose(soft.without(torch.zeros(1, 1, 9, 12))[:, 0], soft.base)
    assert torch.allclose(soft.without(torch.ones(1, 1, 9, 12))[:, 0], picture)
    assert soft.base.std() < picture.std() / 2
    assert torch.allclose(blur(torch.full((1, 2, 9, 12), 3.0)), torch.tensor(3.0))  # its rim is not darker
