"""Detection: losses, decoding, and nets over all kinds of bodies."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torchvision import ops

from multicnn.errors import UsageError
from multicnn.tasks.boxes import NONE, iou
from multicnn.tasks.detect import MOST, Detect
from multicnn.tasks.localize import Localize
from multicnn.zoo import build_body, convnext_atto, resnet18, unet, vgg11_bn
from multicnn.zoo.body import Body

CLASSES = ("a", "b", "c")


class Grid(nn.Identity):
    """A front-end that does nothing."""

    rank, channels = 2, 3


BODIES = {
    "resnet18": lambda: resnet18(2, 3, width=8),
    "resnet18 for small grids": lambda: resnet18(2, 3, width=8, stem="small"),
    "unet": lambda: unet(2, 3, width=4, depth=2),
    "convnext": lambda: convnext_atto(2, 3),
    "compact": lambda: build_body("compact", 2, 3, (64, 96), {}),
}


@pytest.mark.parametrize("build", BODIES.values(), ids=BODIES.keys())
def test_any_body_with_cells_detects(build: Callable[[], Body]) -> None:
    task = Detect(CLASSES, width=16, depth=1)
    net = task.net(Grid(), build())
    out = net(torch.randn(2, 3, 61, 90))
    assert out.shape[0] == 2
    assert out.shape[2] == len(CLASSES) + 9
    answer = task.answer(out)
    assert answer.shape == (2, MOST, 6)
    task.loss(out, truth()).sum().backward()
    assert all(p.grad is not None for p in net.head.parameters())


def test_cells_tell_where_they_are() -> None:
    task = Detect(CLASSES, width=8)
    out = task.net(Grid(), resnet18(2, 3, width=4)).eval()(torch.randn(1, 3, 64, 96))
    place = out[0, :, -4:]
    strides = (place[:, 2] * 96).round()
    assert {int(s): int((strides == s).sum()) for s in strides.unique()} == {4: 384, 8: 96, 16: 24, 32: 6}
    torch.testing.assert_close(place[0], torch.tensor([2 / 96, 2 / 64, 4 / 96, 4 / 64]))


def test_bodies_without_cells_are_refused() -> None:
    with pytest.raises(UsageError, match="choose resnet18"):
        Detect(CLASSES).net(Grid(), vgg11_bn(2, 3, grid=(64, 64)))


@pytest.mark.parametrize("settings", [{"overlap": 1.5}, {"threshold": -0.1}, {"finest": 0}])
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="task"):
        Detect(CLASSES, **settings)  # pyright: ignore[reportArgumentType]


def truth() -> Tensor:
    """Two boxes in the first sample, none in the second."""
    none = [NONE, 0, 0, 0, 0]
    return torch.tensor([[[0, 0.1, 0.1, 0.4, 0.5], [2, 0.5, 0.5, 0.9, 0.8]], [none, none]])


def perfect(confidence: float) -> Tensor:
    """What a net answers that knows `truth`: 8 x 8 cells, those within a box give it."""
    at = (torch.arange(8) + 0.5) / 8
    place = torch.stack([at.repeat(8), at.repeat_interleave(8), torch.full((64,), 1 / 8), torch.full((64,), 1 / 8)], -1)
    out = torch.zeros(2, 64, len(CLASSES) + 9)
    out[..., : len(CLASSES) + 1] = -confidence
    out[..., -4:] = place
    for c, x1, y1, x2, y2 in truth()[0].tolist():
        inside = (place[:, 0] > x1) & (place[:, 0] < x2) & (place[:, 1] > y1) & (place[:, 1] < y2)
        out[0, inside, int(c)] = confidence
        out[0, inside, len(CLASSES)] = confidence
        out[0, inside, -8:-4] = torch.tensor([x1, y1, x2, y2])
    return out


def test_a_net_that_knows_the_boxes_is_perfect() -> None:
    task = Detect(CLASSES)
    judged = task.judge(perfect(9.0), truth()).numpy()
    found = task.metrics(judged, judged)
    assert found == {"map": 1.0, "map50": 1.0, "map75": 1.0}
    assert task.loss(perfect(9.0), truth()).max() < 0.1 < task.loss(perfect(0.5), truth()).min()
    assert task.per_class(judged, judged)["b"]["boxes"] == 0
    assert task.decode(task.answer(perfect(9.0)).numpy()) == ["1 a, 1 c", "nothing"]


def test_the_focal_loss_is_torchvisions() -> None:
    logits, wanted = torch.randn(2, 50, 3), (torch.rand(2, 50, 3) < 0.1).float()
    own = Detect(CLASSES)._focal(logits, wanted)
    torch.testing.assert_close(own, ops.sigmoid_focal_loss(logits, wanted))
    weighed = Detect(CLASSES, weights=torch.tensor([1.0, 2.0, 3.0]))._focal(logits, wanted)
    torch.testing.assert_close(weighed, own * torch.tensor([1.0, 2.0, 3.0]))


def test_answers_are_what_nms_leaves_of_each_class() -> None:
    task = Detect(CLASSES, overlap=0.5)
    out = perfect(3.0)[:1]
    out[0, :, :3] = torch.randn(64, 3, generator=torch.Generator().manual_seed(0))
    corner, size = torch.rand(2, 64, 2, generator=torch.Generator().manual_seed(1)) * 0.5
    out[0, :, -8:-4] = torch.cat([corner, corner + size], -1)
    answer = task.answer(out)[0]
    answer = answer[answer[:, 0] >= 0]
    assert (answer[:-1, 1] >= answer[1:, 1]).all()
    expected = []
    for c in range(3):
        score = (out[0, :, c].sigmoid() * out[0, :, 3].sigmoid()).sqrt()
        kept = ops.nms(out[0, :, -8:-4], score, 0.5)
        expected += [(c, score[i].item(), *out[0, i, -8:-4].tolist()) for i in kept]
    expected.sort(key=lambda line: -line[1])
    torch.testing.assert_close(answer, torch.tensor(expected[:MOST]))


def test_neighbours_do_not_matter() -> None:
    task = Detect(CLASSES)
    both, alone = task.answer(perfect(2.0)), task.answer(perfect(2.0)[:1])
    assert torch.equal(both[:1], alone)


def test_localize_puts_its_box_within_the_grid() -> None:
    task = Localize(CLASSES)
    net = task.net(Grid(), resnet18(2, 3, width=8))
    y = truth()[:1, :1].expand(4, -1, -1)
    out = net(torch.randn(4, 3, 64, 64))
    box = out[:, 3:]
    assert box.min() >= 0
    assert box.max() <= 1
    assert (box[:, 2:] >= box[:, :2]).all()
    judged = task.judge(out, y).detach().numpy()
    found = task.metrics(judged, judged)
    assert found["iou_mean"] == pytest.approx(iou(box, y[:, 0, 1:]).mean().item())
    assert found["accuracy"] == pytest.approx((out[:, :3].argmax(1) == 0).float().mean().item())


def test_a_box_that_has_left_the_grid_teaches_nothing() -> None:
    task = Localize(CLASSES)
    gone = torch.tensor([[[NONE, 0.0, 0.0, 0.1, 0.1]]])
    assert task.loss(torch.randn(1, 7), gone).item() == 0
