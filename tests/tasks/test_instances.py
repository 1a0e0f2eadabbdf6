"""Instances: nets over all kinds of bodies, the losses of masks, answers, and neighbours that do not matter."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.tasks import masked, pieces
from multicnn.tasks.assign import assign
from multicnn.tasks.boxes import NONE
from multicnn.tasks.detect import MOST
from multicnn.tasks.instances import Instances, unlike
from multicnn.zoo import build_body, resnet18, unet
from multicnn.zoo.body import Body
from multicnn.zoo.prototypes import laid, lifted
from multicnn.zoo.pyramid import places

CLASSES = ("a", "b", "c")
P = 4


class Grid(nn.Identity):
    """A front-end that does nothing."""

    rank, channels = 2, 3


BODIES = {
    "resnet18": lambda: resnet18(2, 3, width=8),
    "unet": lambda: unet(2, 3, width=4, depth=2),
    "compact": lambda: build_body("compact", 2, 3, (61, 90), {}),
}


def truth(grid: tuple[int, int] = (61, 90)) -> Tensor:
    """Two instances in the first sample, none in the second."""
    owner = np.zeros(grid, dtype=np.int64)
    owner[6:26, 8:30] = 1
    owner[30:54, 40:80] = 2
    none = np.array([NONE, NONE, NONE])
    return torch.from_numpy(np.stack([pieces.pack(owner, np.array([0, 2, NONE])), pieces.pack(owner * 0, none)]))


@pytest.mark.parametrize("build", BODIES.values(), ids=BODIES.keys())
def test_any_body_with_cells_finds_instances(build: Callable[[], Body]) -> None:
    task = Instances(CLASSES, prototypes=P, width=16, depth=1)
    net = task.net(Grid(), build())
    out = net(torch.randn(2, 3, 61, 90))
    assert out.shape[2] == len(CLASSES) + 9 + 5 * P
    task.loss(out, truth()).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.head.parameters())
    assert all(
        p.grad.abs().sum() > 0 for n, p in net.head.named_parameters() if n.startswith(("mix", "fine", "coarse"))
    )
    answer = task.answer(out).detach().numpy()
    found = task.outlines(answer[0])
    assert found.lines.shape[1:] == (6,)
    assert found.mix.shape[1:] == (P,)
    height, width = found.prototypes.shape[1:]
    assert height >= 61 / 2
    assert width >= 90 / 2
    np.testing.assert_allclose(found.cell, [2 / 90, 2 / 61], rtol=1e-6)
    assert task.judge(out, truth()).shape == (2, masked.ANSWER * MOST + 5 * 3 + 1)


def test_prototypes_come_back_from_the_rows() -> None:
    maps = torch.randn(2, P, 12, 20)
    at, cell = places((6, 10), 4, (22, 38), torch.device("cpu"))
    coarser, wide = places((3, 5), 8, (22, 38), torch.device("cpu"))
    place = torch.cat([torch.cat([at, cell.expand_as(at)], -1), torch.cat([coarser, wide.expand_as(coarser)], -1)])
    rows = laid(maps, len(place))
    assert rows.shape == (2, 75, 4 * P)
    assert not rows[:, 60:].any()
    assert torch.equal(lifted(rows, place), maps)


def knowing(confidence: float, y: Tensor) -> Tensor:
    """What a net of one level, stride 4, answers that knows the truth: a prototype an instance, mixed by its cells."""
    _, owner = pieces.unpack(y)
    height, width = owner.shape[1:]
    cells = (-(-height // 4), -(-width // 4))
    at, cell = places(cells, 4, (height, width), y.device)
    place = torch.cat([at, cell.expand_as(at)], -1)
    wide = torch.nn.functional.pad(owner, (0, cells[1] * 4 - width, 0, cells[0] * 4 - height))[:, None]
    maps = [torch.nn.functional.max_pool2d((wide == n).float(), 2) * 2 - 1 for n in (1, 2, 3, 4)]
    out = torch.zeros(len(y), len(at), len(CLASSES) + 9 + 5 * P)
    out[..., : len(CLASSES) + 1] = -confidence
    out[..., 8:12] = place
    out[..., -4 * P :] = laid(torch.cat(maps, 1) * confidence, len(at))
    true = pieces.lines(y)
    which = assign(place, true)
    out[..., len(CLASSES)] += torch.linspace(0, 0.1, len(at))  # so that no two scores tie
    out[..., : len(CLASSES)] += torch.tensor([0, 0.013, 0.031])
    for i, row in (which >= 0).nonzero().tolist():
        c, *box = true[i, which[i, row]].tolist()
        out[i, row, int(c)] = confidence
        out[i, row, len(CLASSES)] = confidence + row / len(at)
        out[i, row, 4:8] = torch.tensor(box)
        out[i, row, 12 + which[i, row]] = 1
    return out


def test_a_net_that_knows_the_masks_is_perfect() -> None:
    task = Instances(CLASSES, prototypes=P)
    y = truth((64, 96))
    judged = task.judge(knowing(9.0, y), y).numpy()
    found = task.metrics(judged, judged)
    assert found["map50"] == found["mask_map50"] == found["mask_map75"] == 1
    assert task.loss(knowing(9.0, y), y).max() < 0.3 < task.loss(knowing(0.5, y), y).min()
    this = task.unpack(judged)
    kept = this.found[0, :, 0] >= 0
    np.testing.assert_allclose(this.share[0, kept].max(), 1, atol=0.1)
    np.testing.assert_allclose(sorted(this.area[0, kept])[-1], 24 * 40 / 64 / 96, rtol=0.1)
    assert task.per_class(judged, judged)["a"]["mask_ap50"] == 1
    assert task.decode(task.answer(knowing(9.0, y)).numpy()) == ["1 a, 1 c", "nothing"]


def test_only_the_masks_differ_between_their_losses() -> None:
    y, out = truth((64, 96)), knowing(3.0, truth((64, 96)))
    without = Instances(CLASSES, prototypes=P, mask=0.0)
    _, line = pieces.unpack(y), pieces.lines(y)
    torch.testing.assert_close(without.loss(out, y), without.boxes.loss(out[..., :12], line))
    assert Instances(CLASSES, prototypes=P).loss(out, y)[0] > without.loss(out, y)[0]
    assert Instances(CLASSES, prototypes=P).loss(out, y)[1] == without.loss(out, y)[1]


def test_the_loss_of_a_mask_is_cross_entropy_and_dice_where_it_counts() -> None:
    said, wanted = torch.randn(1, 1, 6, 8), (torch.rand(1, 1, 6, 8) < 0.5).float()
    inside = torch.zeros(1, 1, 6, 8)
    inside[..., 1:4, 2:7] = 1
    a, b = said[0, 0, 1:4, 2:7], wanted[0, 0, 1:4, 2:7]
    p = a.sigmoid()
    dice = 1 - (2 * (p * b).sum() + 1) / (p.sum() + b.sum() + 1)
    expected = nn.functional.binary_cross_entropy_with_logits(a, b) + dice
    torch.testing.assert_close(unlike(said, wanted, inside)[0, 0], expected)


def test_overlaps_of_masks_are_counted_cells() -> None:
    random = np.random.default_rng(0)
    owner = random.integers(0, 4, (20, 30))
    masks = random.random((5, 20, 30)) < 0.4
    found = masked.overlaps(torch.from_numpy(masks), torch.from_numpy(owner), 3).numpy()
    expected = [[(m & (owner == n)).sum() / (m | (owner == n)).sum() for n in (1, 2, 3)] for m in masks]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_neighbours_do_not_matter() -> None:
    task = Instances(CLASSES, prototypes=P)
    y = truth((64, 96))
    out = knowing(2.0, y)
    assert torch.equal(task.answer(out)[:1], task.answer(out[:1]))
    assert torch.equal(task.answer(out)[1:], task.answer(out[1:]))
    torch.testing.assert_close(task.judge(out, y)[:1], task.judge(out[:1], y[:1]))
    torch.testing.assert_close(task.loss(out, y)[:1], task.loss(out[:1], y[:1]))


@pytest.mark.parametrize("settings", [{"finest": 1}, {"prototypes": 0}, {"mask": -1.0}, {"overlap": 1.5}])
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="task"):
        Instances(CLASSES, **settings)  # pyright: ignore[reportArgumentType]
