"""The task of labelling cells: scikit-learn, torch and closed formulas are the references."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, jaccard_score, precision_score, recall_score
from torch import nn
from torch.nn import functional

from multicnn.errors import UsageError
from multicnn.tasks import Segment
from multicnn.tasks.maps import moved
from multicnn.tasks.overlap import LOSSES, cross_entropy, dice, focal, jaccard
from multicnn.zoo import CellNet, build_body, fcn_resnet50, lenet5, resnet18, unet

CLASSES = ("background", "nucleus", "border")
SHAPES = [(7,), (6, 5), (3, 4, 5)]


def maps(b=4, k=3, grid=(6, 5), unknown=0.2):
    """Logits, and truth with some unknown cells."""
    y = torch.randint(k, (b, *grid))
    return torch.randn(b, k, *grid), y.masked_fill(torch.rand(b, *grid) < unknown, 255)


def known(out, y):
    """The known cells of all samples: probabilities (n, k) and classes (n,)."""
    p = out.softmax(1).movedim(1, -1)
    return p[y != 255], y[y != 255]


@pytest.mark.parametrize("grid", SHAPES)
def test_metrics_are_scikit_learns_over_the_known_cells(grid):
    out, y = maps(grid=grid)
    task = Segment(CLASSES)
    judged = task.judge(out, y.to(torch.uint8)).numpy()
    p, true = known(out, y)
    said = p.argmax(1)
    found = task.metrics(judged, y.numpy())
    assert found["iou_mean"] == pytest.approx(jaccard_score(true, said, average="macro"))
    assert found["dice_mean"] == pytest.approx(f1_score(true, said, average="macro"))
    assert found["pixel_accuracy"] == pytest.approx(accuracy_score(true, said))
    each = [jaccard_score(*(v[y[i] != 255] for v in (y[i], out[i].argmax(0))), average="macro") for i in range(4)]
    assert found["iou_image_mean"] == pytest.approx(np.mean(each))
    rows = task.per_class(judged, y.numpy())
    for i, name in enumerate(CLASSES):
        assert rows[name]["iou"] == pytest.approx(jaccard_score(true, said, labels=[i], average="macro"))
        assert rows[name]["dice"] == pytest.approx(f1_score(true, said, labels=[i], average="macro"))
        assert rows[name]["precision"] == pytest.approx(precision_score(true, said, labels=[i], average="macro"))
        assert rows[name]["recall"] == pytest.approx(recall_score(true, said, labels=[i], average="macro"))
        assert rows[name]["cells"] == (true == i).sum()


def test_a_samples_counts_are_those_of_its_confusion_matrix():
    out, y = maps()
    judged = Segment(CLASSES).judge(out, y).numpy()
    for i in range(4):
        table = confusion_matrix(*(v[y[i] != 255] for v in (y[i], out[i].argmax(0))), labels=range(3))
        assert judged[i, :9].tolist() == [*np.diagonal(table), *table.sum(0), *table.sum(1)]


def test_losses_are_torchs_cross_entropy_of_each_sample():
    out, y = maps()
    task = Segment(CLASSES)
    wanted = [functional.cross_entropy(o[None], t[None], ignore_index=255).item() for o, t in zip(out, y, strict=True)]
    np.testing.assert_allclose(task.losses(task.judge(out, y).numpy(), y.numpy()), wanted, rtol=1e-5)
    torch.testing.assert_close(cross_entropy(out, y, None, 255), torch.tensor(wanted))


def test_class_weights_weigh_the_cells_of_their_class():
    out, y = maps()
    weights = torch.tensor([0.5, 2.0, 1.0])
    each = functional.cross_entropy(out, y, weight=weights, ignore_index=255, reduction="none")
    wanted = each.sum((1, 2)) / (y != 255).sum((1, 2))
    torch.testing.assert_close(Segment(CLASSES, loss="cross-entropy", weights=weights).loss(out, y), wanted)


@pytest.mark.parametrize(("loss", "score"), [(dice, f1_score), (jaccard, jaccard_score)])
def test_soft_overlap_of_certain_answers_is_the_hard_one(loss, score):
    said, y = torch.randint(3, (4, 6, 5)), torch.randint(3, (4, 6, 5))
    out = 200 * functional.one_hot(said, 3).movedim(-1, 1).float()
    wanted = [1 - score(t.flatten(), s.flatten(), average="macro") for t, s in zip(y, said, strict=True)]
    torch.testing.assert_close(loss(out, y, None, 255), torch.tensor(wanted, dtype=torch.float32))


def test_soft_overlap_is_its_formula_over_the_classes_that_occur():
    out, y = maps(b=1, k=4)
    y[y == 3] = 1  # class 3 does not occur
    p, true = known(out, y)
    both = [p[true == i, i].sum() for i in range(3)]
    each = [(p[:, i].sum(), (true == i).sum()) for i in range(3)]
    wanted = torch.stack([2 * b / (s + t) for b, (s, t) in zip(both, each, strict=True)]).mean()
    torch.testing.assert_close(dice(out, y, None, 255)[0], 1 - wanted)
    wanted = torch.stack([b / (s + t - b) for b, (s, t) in zip(both, each, strict=True)]).mean()
    torch.testing.assert_close(jaccard(out, y, None, 255)[0], 1 - wanted)


def test_focal_of_two_classes_is_torchvisions():
    from torchvision.ops import sigmoid_focal_loss

    out, y = maps(k=2, unknown=0)
    wanted = sigmoid_focal_loss(out[:, 1] - out[:, 0], y.float(), alpha=-1, gamma=2, reduction="none").mean((1, 2))
    torch.testing.assert_close(focal(out, y, None, 255), wanted)
    alpha = sigmoid_focal_loss(out[:, 1] - out[:, 0], y.float(), alpha=0.25, gamma=2, reduction="none").mean((1, 2))
    torch.testing.assert_close(focal(out, y, torch.tensor([0.75, 0.25]), 255), alpha)


@pytest.mark.parametrize("name", LOSSES)
def test_unknown_cells_neither_teach_nor_count(name):
    out, y = maps()
    task = Segment(CLASSES, loss=name)
    out.requires_grad_()
    task.loss(out, task.encode(y)).sum().backward()
    assert not out.grad.masked_select((y == 255)[:, None]).any()
    other = out.detach().where((y != 255)[:, None], torch.randn_like(out))
    torch.testing.assert_close(task.loss(other, y), task.loss(out, y))
    assert torch.equal(task.judge(other, y)[:, :9], task.judge(out, y)[:, :9])


@pytest.mark.parametrize("name", LOSSES)
def test_a_sample_that_nobody_knows_costs_nothing(name):
    out, y = maps()
    y[1] = 255
    out.requires_grad_()
    loss = Segment(CLASSES, loss=name, weights=torch.tensor([1.0, 2.0, 3.0])).loss(out, y)
    loss.sum().backward()
    assert loss[1] == 0
    assert loss.isfinite().all()
    assert not out.grad[1].any()


def test_a_split_that_nobody_knows_is_measured_as_zero():
    out, y = maps(unknown=2)
    task = Segment(CLASSES)
    judged = task.judge(out, y).numpy()
    assert set(task.metrics(judged, y.numpy()).values()) == {0.0}
    assert task.losses(judged, y.numpy()).tolist() == [0] * 4


@given(st.integers(0, 10_000), st.integers(2, 5), st.sampled_from(SHAPES), st.sampled_from(sorted(LOSSES)))
@settings(max_examples=60, deadline=None)
def test_a_samples_loss_and_counts_do_not_depend_on_its_batch_mates(seed, k, grid, name):
    torch.manual_seed(seed)
    task = Segment([str(i) for i in range(k)], loss=name)
    out, y = maps(b=3, k=k, grid=grid)
    mixed = torch.cat([50 * torch.randn(2, k, *grid), out[1:2]]), torch.cat([torch.randint(k, (2, *grid)), y[1:2]])
    torch.testing.assert_close(task.loss(*mixed)[2], task.loss(out, y)[1])
    torch.testing.assert_close(task.judge(*mixed)[2], task.judge(out, y)[1])


def test_losses_join_by_plus_or_as_a_list():
    out, y = maps()
    wanted = cross_entropy(out, y, None, 255) + dice(out, y, None, 255)
    for loss in ("cross-entropy+dice", "cross-entropy + dice", ["cross-entropy", "dice"]):
        torch.testing.assert_close(Segment(CLASSES, loss=loss).loss(out, y), wanted)


def test_each_loss_teaches_a_free_map():
    y = torch.randint(3, (2, 6, 5))
    for name in LOSSES:
        task, out = Segment(CLASSES, loss=name), torch.zeros(2, 3, 6, 5, requires_grad=True)
        step = torch.optim.Adam([out], lr=0.5)
        for _ in range(60):
            step.zero_grad()
            task.loss(out, y).sum().backward()
            step.step()
        assert task.metrics(task.judge(out.detach(), y).numpy(), y.numpy())["iou_mean"] == 1, name


def test_of_two_classes_the_object_stands_by_itself():
    out, y = maps(k=2)
    task = Segment(CLASSES[:2])
    p, true = known(out, y)
    found = task.metrics(task.judge(out, y).numpy(), y.numpy())
    assert found["iou_nucleus"] == pytest.approx(jaccard_score(true, p.argmax(1)))
    assert found["dice_nucleus"] == pytest.approx(f1_score(true, p.argmax(1)))
    assert task.monitor in found


def test_a_weight_counts_a_sample_as_often():
    out, y = maps()
    task = Segment(CLASSES)
    judged = task.judge(out, y).numpy()
    twice = task.metrics(judged[[0, 2, 2, 3]], y.numpy())
    assert task.metrics(judged, y.numpy(), np.array([1, 0, 2, 1])) == pytest.approx(twice)


def test_side_answers_add_their_share_to_the_loss():
    out, y = maps()
    task = Segment(CLASSES)
    task.net(Ranked(), fcn_resnet50(2, 1, width=2, aux=True))
    other = torch.randn_like(out)
    both = task.loss(torch.stack([out, other], 1), y)
    torch.testing.assert_close(both, task.loss(out, y) + 0.5 * task.loss(other, y))


class Ranked(nn.Identity):
    rank, channels = 2, 1


def test_its_net_answers_every_cell_and_its_answer_is_probabilities():
    task = Segment(CLASSES, drop=0.5)
    net = task.net(Ranked(), unet(2, 1, width=2))
    assert isinstance(net, CellNet)
    assert net.head.drop.p == 0.5
    answer = task.answer(net(torch.randn(2, 1, 9, 11)))
    assert answer.shape == (2, 3, 9, 11)
    torch.testing.assert_close(answer.sum(1), torch.ones(2, 9, 11))


@pytest.mark.parametrize(("width", "channels"), [(0, 8), (12, 12)])
def test_the_path_of_a_classifiers_levels_is_as_wide_as_asked(width, channels):
    net = Segment(CLASSES, width=width).net(Ranked(), resnet18(2, 1, width=8))
    assert net.head.conv.in_channels == channels
    assert net(torch.randn(2, 1, 33, 40)).shape == (2, 3, 33, 40)


def test_a_body_without_cells_is_refused_by_its_name():
    with pytest.raises(UsageError, match=r"lenet answers for the sample as a whole and keeps no cells; .*choose unet"):
        Segment(CLASSES).net(Ranked(), lenet5(2, 1, grid=(28, 28)))


def test_an_answer_reads_as_shares_of_its_cells():
    answer = np.zeros((1, 3, 10, 10))
    answer[:, 0], answer[:, 1, :1, :8] = 0.5, 0.9
    assert Segment(CLASSES).decode(answer) == ["background 92.0 %, nucleus 8.0 %"]


@pytest.mark.parametrize(
    ("classes", "settings", "sentence"),
    [
        (CLASSES, {"loss": "dicee"}, "no loss named 'dicee'; did you mean dice"),
        (["nucleus"], {}, r"tells at least two classes apart, background being one; got \['nucleus'\]"),
        (CLASSES, {"ignore": 1}, "task.ignore is 1, the number of class 'nucleus'; give another, as 255"),
        (CLASSES, {"width": -1}, "task.width is -1; give at least 1, or 0 for as many as the finest level has"),
    ],
)
def test_what_cannot_be_asked_is_refused(classes, settings, sentence):
    with pytest.raises(UsageError, match=sentence):
        Segment(classes, **settings)


@pytest.mark.parametrize("grid", SHAPES)
def test_a_map_moved_nowhere_stays(grid):
    y = torch.randint(9, (2, *grid))
    assert torch.equal(moved(y, torch.eye(len(grid) + 1).repeat(2, 1, 1), 255), y)


def test_a_mirrored_map_is_flipped_along_the_last_axis_which_comes_first():
    y = torch.randint(9, (2, 4, 7))
    matrix = torch.stack([torch.diag(torch.tensor([-1.0, 1.0, 1.0])), torch.diag(torch.tensor([1.0, -1.0, 1.0]))])
    assert torch.equal(moved(y, matrix, 255), torch.stack([y[0].flip(1), y[1].flip(0)]))


def test_what_comes_from_outside_is_not_known():
    y = torch.arange(1, 6)[None]
    shift = torch.tensor([[[1.0, 2 * 2 / 5], [0.0, 1.0]]])  # two of five cells
    assert Segment(CLASSES).move(y, shift).tolist() == [[3, 4, 5, 255, 255]]


@pytest.mark.parametrize("rank", [2, 3])
def test_maps_move_as_torchs_grid_sample_moves_them(rank):
    grid = (12, 9, 10)[:rank]
    y, theta = torch.randint(1, 9, (3, *grid)), 0.4 * torch.randn(3, rank, rank + 1) + torch.eye(rank, rank + 1)
    places = functional.affine_grid(theta, [3, 1, *grid], align_corners=False)
    wanted = functional.grid_sample(y[:, None].float(), places, mode="nearest", align_corners=False)[:, 0].long()
    last = torch.zeros(3, 1, rank + 1)
    last[..., -1] = 1
    assert (moved(y, torch.cat([theta, last], 1), 0) == wanted).float().mean() > 0.999


def test_perspective_divides_by_the_last_coordinate():
    y = torch.randint(9, (1, 6, 6))
    assert torch.equal(moved(y, 3 * torch.eye(3)[None], 255), y)


@pytest.mark.parametrize(
    ("name", "settings"), [("unet", {"width": 8, "depth": 2, "norm": "batch"}), ("compact", {"width": 16})]
)
def test_networks_learn_to_find_discs(name, settings):
    task = Segment(["ground", "disc"])
    net = task.net(Ranked(), build_body(name, 2, 1, (24, 24), settings))
    step = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(60):
        x, y = discs(16)
        step.zero_grad()
        task.loss(net(x), task.encode(y)).mean().backward()
        step.step()
    x, y = discs(32)
    with torch.no_grad():
        judged = task.judge(net.eval()(x), y).numpy()
    assert task.metrics(judged, y.numpy())["iou_disc"] > 0.8


def discs(b):
    """Pictures of 24 x 24 with noise and a brighter disc each, and where it is."""
    rows, columns = torch.meshgrid(torch.arange(24), torch.arange(24), indexing="ij")
    centre, radius = 6 + 12 * torch.rand(2, b, 1, 1), 3 + 4 * torch.rand(b, 1, 1)
    y = ((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < radius**2).long()
    return (y + 0.5 * torch.randn(b, 24, 24))[:, None], y
