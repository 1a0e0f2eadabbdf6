"""Bodies by name, heads, and the network they make."""

import pytest
import torch
from torch import nn

from multicnn.errors import UsageError
from multicnn.names import schema
from multicnn.zoo import BODIES, Codes, Net, Pooled, build_body, classifier, count, resnet18


class Halved(nn.Module):
    def forward(self, x):
        return x.float() / 2


def test_a_net_is_head_of_body_of_frontend():
    body = resnet18(2, 1, width=2).eval()
    head = Pooled(body.channels, 4)
    x = torch.randint(0, 255, (2, 1, 40, 40), dtype=torch.uint8)
    assert torch.equal(Net(Halved(), body, head).eval()(x), head(body(x.float() / 2)))


@pytest.mark.parametrize("name", [n for n, member in BODIES.items() if "width" in schema(member.build)])
def test_settings_reach_the_member_by_name(name):
    usual, rank = schema(BODIES[name].build)["width"], min(2, max(BODIES[name].ranks))
    with torch.device("meta"):
        half, whole = (count(build_body(name, rank, 3, (227,) * rank, {"width": w})) for w in (usual // 2, usual))
    assert half < whole


def test_whole_numbers_and_lists_serve_as_fractions_and_tuples():
    body = build_body("textcnn", 1, 5, None, {"drop": 0, "kernels": [2, 7]})
    assert body.channels == [200]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("resnet19", 2, 1, (8, 8), {}), "no model named 'resnet19'; did you mean .*resnet18"),
        (("resnet18", 4, 1, (8, 8), {}), "resnet18 reads grids of 1 or 2 or 3 axes, not 4; choose another model"),
        (("resnet18", 2, 1, (8, 8), {"witdh": 8}), "no setting of model resnet18 named 'witdh'; did you mean width"),
        (("lenet5", 2, 1, (28, 28), {"grid": (9, 9)}), "the grid of lenet5 follows from the samples; leave out"),
        (("resnet18", 2, 1, (8, 8), {"width": "wide"}), "width of model resnet18 is 'wide'; it must be of type int"),
        (("compact", 2, 1, (8, 8), {"depth": 0}), "depth of model compact is 0; give at least 1"),
        (("lenet5", 1, 1, None, {}), "lenet5 needs samples of one size; bring them to one, or choose"),
        (("resnet18", 2, 1, (8, 8), {"grid": (8, 8)}), "no setting of model resnet18 named 'grid'"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_next_step(arguments, sentence):
    with pytest.raises(UsageError, match=sentence):
        build_body(*arguments)


def test_pooled_answers_from_the_mean_of_the_last_level():
    head = Pooled([5, 3], 2)
    fine, coarse = torch.randn(4, 5, 8, 8), torch.randn(4, 3, 4, 2)
    wanted = coarse.flatten(2).mean(2) @ head.fc.weight.T + head.fc.bias
    torch.testing.assert_close(head([fine, coarse]), wanted)


def test_pooled_drops_features_in_training_only():
    head, levels = Pooled([1000], 1, drop=0.5), [torch.ones(1, 1000, 2)]
    nn.init.ones_(head.fc.weight)
    nn.init.zeros_(head.fc.bias)
    assert head.eval()(levels).item() == 1000
    assert head.train()(levels).item() == pytest.approx(1000, abs=200)
    assert head.train()(levels).item() != 1000


def test_codes_answer_with_the_squared_distance_and_have_no_parameters():
    head, x = Codes([84], 10), torch.randn(6, 84, 1, 1)
    assert count(head) == 0
    assert set(head.code.unique().tolist()) == {-1.0, 1.0}
    torch.testing.assert_close(head([x]), -(torch.cdist(x.flatten(1), head.code) ** 2), rtol=1e-4, atol=1e-4)


def test_codes_are_the_same_in_every_process_and_the_best_answer_is_the_nearest_code():
    head = Codes([84], 10)
    torch.manual_seed(5)
    assert torch.equal(head.code, Codes([84], 10).code)
    assert head([head.code[:, :, None, None]]).argmax(1).tolist() == list(range(10))


def test_a_classifier_learns():
    net = classifier(resnet18(1, 1, width=4, stem="small"), 2)
    x = torch.randn(32, 1, 16)
    y = (x.mean(2).squeeze(1) > 0).long()
    for _ in range(30):
        nn.functional.cross_entropy(net(x), y).backward()
        for p in net.parameters():  # plain gradient descent
            p.data -= 0.1 * p.grad
            p.grad = None
    assert (net(x).argmax(1) == y).float().mean() > 0.9
