import torch
from torch import nn

from multicnn.zoo import build_body
from multicnn.zoo.timed import Timed


def test_every_step_is_answered_by_its_column_alone():
    levels = [torch.randn(2, 3, 8, 40), torch.randn(2, 5, 4, 20)]
    head = Timed([3, 5], 7)
    expected = nn.functional.conv1d(levels[1].mean(2), head.fc.weight[..., None], head.fc.bias)
    torch.testing.assert_close(head(levels), expected)
    assert Timed([3, 5], 7, level=0)(levels).shape == (2, 7, 40)


def test_sequences_of_rank_1_and_grids_of_rank_3_are_read_alike():
    line = torch.randn(2, 5, 20)
    head = Timed([5], 7)
    torch.testing.assert_close(head([line]), head([line[:, :, None, None].expand(2, 5, 3, 4, 20)]))


def test_any_body_of_cells_can_stand_before_it():
    body = build_body("compact", 2, 1, (64, 101), {})
    answers = Timed(body.channels, 4)(body(torch.randn(2, 1, 64, 101)))
    assert answers.shape == (2, 4, -(-101 // body.strides[-1]))
