"""Boxes: overlaps as torchvision has them, moves as an independent mask has them."""

import math

import pytest
import torch
from torch import Tensor

from multicnn.image.moves import Flip, FlipVertical, Shift
from multicnn.image.warps import Affine
from multicnn.tasks.boxes import NONE, giou, iou, moved


def some(n: int, seed: int) -> Tensor:
    """Boxes of at least a twentieth of the grid a side."""
    corner, size = torch.rand(2, n, 2, generator=torch.Generator().manual_seed(seed))
    return torch.cat([corner * 0.5, corner * 0.5 + 0.05 + size * 0.45], -1)


def test_overlaps_are_torchvisions() -> None:
    from torchvision import ops

    a, b = some(200, 0), some(200, 1)
    torch.testing.assert_close(iou(a, b), ops.box_iou(a, b).diagonal())
    torch.testing.assert_close(giou(a, b), ops.generalized_box_iou(a, b).diagonal())
    torch.testing.assert_close(1 - giou(a, b), ops.generalized_box_iou_loss(a, b))


def test_boxes_that_do_not_touch_have_a_gradient_towards_each_other() -> None:
    a = torch.tensor([0.1, 0.1, 0.2, 0.2], requires_grad=True)
    (gradient,) = torch.autograd.grad(giou(a, torch.tensor([0.7, 0.1, 0.8, 0.2])), a)
    assert gradient[2] > 0


def test_empty_boxes_give_numbers() -> None:
    nothing = torch.full((1, 4), 0.5)
    assert iou(nothing, nothing).item() == 0
    assert math.isfinite(giou(nothing, nothing).item())


@pytest.mark.parametrize(
    "augment", [Flip(p=0.5), FlipVertical(p=0.5), Shift(fraction=0.2)], ids=lambda a: type(a).__name__
)
def test_boxes_follow_their_pixels_exactly(augment: Flip | FlipVertical | Shift) -> None:
    """The picture is the box, filled: where its pixels go, the moved box must be."""
    key = torch.arange(40) * 7919
    y = pixel_boxes(40, 32, 24)
    x, _ = augment(filled(y, 32, 24), y, key)
    after = moved(y, augment.matrix(key, (32, 24)))
    checked = 0
    for picture, line in zip(x[:, 0], after[:, 0], strict=True):
        if line[0] == NONE:
            continue
        torch.testing.assert_close(line[1:], extent(picture > 0.5), atol=1e-5, rtol=0)
        checked += 1
    assert checked > 20


def test_boxes_follow_a_turn_and_a_scale() -> None:
    augment = Affine(degrees=20, low=0.8, high=1.2, shift=0.1)
    key = torch.arange(40) * 104729
    y = pixel_boxes(40, 96, 64)
    x, _ = augment(filled(y, 96, 64), y, key)
    after = moved(y, augment.matrix(key, (96, 64)))
    checked = 0
    for picture, line in zip(x[:, 0], after[:, 0], strict=True):
        if (
            line[0] != NONE and line[1:].min() > 0 and line[1:].max() < 1
        ):  # a corner outside leaves less of the turned box
            torch.testing.assert_close(line[1:], extent(picture > 0.02), atol=2 / 64, rtol=0)
            checked += 1
    assert checked > 10


def test_what_has_left_the_grid_is_dropped() -> None:
    y = torch.tensor([[[3.0, 0.0, 0.4, 0.1, 0.6], [1.0, 0.4, 0.4, 0.6, 0.6], [NONE, 0, 0, 0, 0]]])
    left = torch.eye(3)[None].clone()
    left[:, 0, 2] = 2 * 0.09  # cells come from 9 % further right
    after = moved(y, left)
    assert after[0, :, 0].tolist() == [NONE, 1.0, NONE]
    torch.testing.assert_close(after[0, 1, 1:], torch.tensor([0.31, 0.4, 0.51, 0.6]))


def pixel_boxes(b: int, height: int, width: int) -> Tensor:
    """One box of whole pixels a sample.  -> b 1 5"""
    random = torch.Generator().manual_seed(3)
    size = torch.tensor([width, height])
    corner = (torch.rand(b, 2, generator=random) * size * 0.5).floor()
    end = corner + 3 + (torch.rand(b, 2, generator=random) * size * 0.4).floor()
    return torch.cat([torch.zeros(b, 1), torch.cat([corner, end], -1) / torch.cat([size, size])], -1)[:, None]


def filled(y: Tensor, height: int, width: int) -> Tensor:
    """1 within the boxes.  b 1 5 -> b 1 height width"""
    x = torch.zeros(len(y), 1, height, width)
    for picture, box in zip(x[:, 0], y[:, 0, 1:], strict=True):
        x1, y1, x2, y2 = (box * torch.tensor([width, height, width, height])).round().int().tolist()
        picture[y1:y2, x1:x2] = 1
    return x


def extent(mask: Tensor) -> Tensor:
    """The box round the pixels that are set, as shares of the grid."""
    rows, columns = (mask.any(axis).nonzero()[:, 0] for axis in (1, 0))
    edges = torch.stack([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    return edges / torch.tensor([mask.shape[1], mask.shape[0]] * 2)
