"""Maps of instances: packed, moved with their samples, and the boxes that follow."""

import numpy as np
import pytest
import torch
from torch import Tensor

from multicnn.image.moves import Flip, Shift
from multicnn.image.warps import Affine, Perspective
from multicnn.tasks.boxes import NONE
from multicnn.tasks.pieces import lines, moved, pack, unpack


def truth() -> Tensor:
    """24 x 32 cells: a square, an L whose box it shares with it in part, and a line without a class of no cells."""
    owner = np.zeros((24, 32), dtype=np.int64)
    owner[4:12, 2:12] = 1
    owner[10:20, 8:10] = 2
    owner[18:20, 8:20] = 2
    return torch.from_numpy(pack(owner, np.array([3, 0, NONE])))[None]


def test_what_is_packed_comes_back() -> None:
    classes, owner = unpack(truth())
    assert classes.tolist() == [[3, 0, -1]]
    assert owner.shape == (1, 24, 32)
    assert owner.unique().tolist() == [0, 1, 2]


def test_boxes_are_those_of_the_cells() -> None:
    found = lines(truth())[0]
    assert found[:, 0].tolist() == [3, 0, NONE]
    torch.testing.assert_close(found[0, 1:], torch.tensor([2 / 32, 4 / 24, 12 / 32, 12 / 24]))
    torch.testing.assert_close(found[1, 1:], torch.tensor([8 / 32, 10 / 24, 20 / 32, 20 / 24]))
    assert found[2, 1:].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "augment", [Flip(p=0.5), Shift(fraction=0.3), Affine(degrees=20, low=0.7, high=1.3, shift=0.1)]
)
def test_maps_follow_their_pixels(augment: Flip | Shift | Affine) -> None:
    """The picture shows the first instance: moved, it must lie where the moved map says."""
    y, key = truth().expand(30, -1), torch.arange(30) * 7919
    picture = (unpack(y)[1] == 1).float()[:, None]
    x, _ = augment(picture, y, key)
    classes, owner = unpack(moved(y, augment.matrix(key, (24, 32))))
    there = classes[:, 0] == 3
    assert int(there.sum()) > 10
    both = ((x[:, 0] > 0.5) & (owner == 1)).sum((1, 2))[there]
    either = ((x[:, 0] > 0.5) | (owner == 1)).sum((1, 2))[there]
    covered = (owner == 2).sum((1, 2))[there]  # the second lies over cells that the picture shows as the first
    assert ((both + covered) / either).min() > 0.8


def test_boxes_follow_the_moved_map() -> None:
    mirror = torch.diag(torch.tensor([-1.0, 1, 1]))[None]
    found = lines(moved(truth(), mirror))[0]
    torch.testing.assert_close(found[0, 1:], torch.tensor([20 / 32, 4 / 24, 30 / 32, 12 / 24]))


@pytest.mark.parametrize(("cells", "left"), [(8, 3), (9, -1)])
def test_an_instance_of_which_less_than_a_fifth_is_left_is_gone(cells: int, left: int) -> None:
    """The square is 10 cells wide and begins at column 2: moved left by 2 + cells."""
    away = torch.eye(3)[None].clone()
    away[0, 0, 2] = 2 * (2 + cells) / 32
    after = moved(truth(), away)
    classes, owner = unpack(after)
    assert classes[0, 0] == left
    assert bool((owner == 1).any()) == (left >= 0)
    assert lines(after)[0, 0, 0] == left
    assert classes[0, 1] == 0


def test_shares_are_counted_where_the_scale_changes() -> None:
    """Twice as large, all of the square still lies within: none of it is lost, though a fifth of the grid is."""
    near = torch.tensor([[[0.5, 0, -0.5], [0, 0.5, -0.4], [0, 0, 1]]])
    assert unpack(moved(truth(), near))[0][0, 0] == 3
    key = torch.arange(50)
    after = moved(truth().expand(50, -1), Perspective(amount=0.05).matrix(key, (24, 32)))
    assert (unpack(after)[0][:, 0] == 3).all()
