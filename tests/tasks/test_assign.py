"""Cells and boxes: assigned as plain loops over them have it."""

import torch
from torch import Tensor

from multicnn.tasks.assign import RADIUS, SUITED, assign
from multicnn.zoo.pyramid import places

HEIGHT, WIDTH = 128, 192
STRIDES = (4, 8, 16, 32)


def cells() -> Tensor:
    """Of four levels over a grid that is no square."""
    found = []
    for stride in STRIDES:
        at, size = places((HEIGHT // stride, WIDTH // stride), stride, (HEIGHT, WIDTH), torch.device("cpu"))
        found.append(torch.cat([at, size.expand_as(at)], -1))
    return torch.cat(found)


def by_hand(place: Tensor, y: Tensor) -> list[list[int]]:
    """In pixels, one cell and one box at a time."""
    found = []
    for sample in y.double().tolist():
        boxes = [(c, x1 * WIDTH, y1 * HEIGHT, x2 * WIDTH, y2 * HEIGHT) for c, x1, y1, x2, y2 in sample]
        row = []
        for px, py, sx, _ in place.double().tolist():
            cx, cy, stride = px * WIDTH, py * HEIGHT, round(sx * WIDTH)
            best, least = -1, float("inf")
            for j, (c, x1, y1, x2, y2) in enumerate(boxes):
                longer, area = max(x2 - x1, y2 - y1), (x2 - x1) * (y2 - y1)
                suited = min(STRIDES, key=lambda s: abs(torch.tensor(longer / s / SUITED).log2().item()))
                dx, dy = abs(cx - (x1 + x2) / 2) / stride, abs(cy - (y1 + y2) / 2) / stride
                inside = x1 < cx < x2 and y1 < cy < y2
                near = (max(dx, dy) < RADIUS and inside) or max(dx, dy) <= 0.5
                if c >= 0 and stride == suited and near and area < least:
                    best, least = j, area
            row.append(best)
        found.append(row)
    return found


def test_every_cell_gets_the_box_that_loops_give_it() -> None:
    random = torch.Generator().manual_seed(1)
    corner, size = torch.rand(2, 5, 9, 2, generator=random)
    box = torch.cat([corner * 0.7, corner * 0.7 + 0.01 + size**3 * 0.6], -1)
    number = torch.randint(-1, 3, (5, 9, 1), generator=random).float()
    y = torch.cat([number, box], -1)
    which = assign(cells(), y)
    assert which.tolist() == by_hand(cells(), y)
    assert (which >= 0).sum() > 50


def test_no_box_is_too_small_for_a_cell() -> None:
    random = torch.Generator().manual_seed(2)
    corner = torch.rand(1, 30, 2, generator=random) * 0.9
    tiny = torch.cat([torch.zeros(1, 30, 1), corner, corner + 0.002], -1)
    alone = [assign(cells(), tiny[:, i : i + 1]) for i in range(30)]
    assert all((which >= 0).any() for which in alone)


def test_samples_without_boxes_have_no_cells() -> None:
    assert (assign(cells(), torch.full((2, 3, 5), -1.0)) == -1).all()
