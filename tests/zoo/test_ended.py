"""Samples that end before their batch: where the end is, and that what stands behind it changes nothing."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from multicnn.zoo import BODIES, Body, build_body
from multicnn.zoo.ended import before_end, max_inside, mean_inside

SETTINGS = {
    "bilstm": {"hidden": 5, "layers": 2},
    "tagcnn": {"width": 6},
    "idcnn": {"width": 6},
    "dpcnn": {"width": 6, "depth": 4},
    "cnnlstm": {"width": 5, "hidden": 4},
    "cnngru": {"width": 5, "hidden": 4},
    "charcnn": {"width": 4, "units": 6, "length": 130},
}
CASES = [(name, rank) for name in SETTINGS for rank in BODIES[name].ranks]


def built(name: str, rank: int) -> Body:
    torch.manual_seed(0)
    body = build_body(name, rank, 3, None, SETTINGS[name])
    with torch.no_grad():
        for parameter in body.parameters():  # biases and norms too are not those of the start
            parameter += 0.1 * torch.randn_like(parameter)
    return body


def grid(rank: int, t: int) -> Tensor:
    return torch.randn(2, 3, *[4] * (rank - 1), t)


@pytest.mark.parametrize("more", [1, 3, 30])
@pytest.mark.parametrize(("name", "rank"), CASES)
def test_every_level_is_the_same_however_far_a_sample_is_padded(name: str, rank: int, more: int):
    body, x = built(name, rank).eval(), grid(rank, 11)
    with torch.no_grad():
        for bare, padded in zip(body(x), body(functional.pad(x, (0, more))), strict=True):
            torch.testing.assert_close(padded[..., : bare.shape[-1]], bare, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_samples_of_several_lengths_answer_together_as_alone(name: str, rank: int):
    body, x, ends = built(name, rank).eval(), grid(rank, 12), (5, 1)
    for row, end in zip(x, ends, strict=True):
        row[..., end:] = 0
    with torch.no_grad():
        together = body(x)
        for place, end in enumerate(ends):
            for all_, alone in zip(together, body(x[place : place + 1, ..., :end]), strict=True):
                found = all_[place : place + 1, ..., : alone.shape[-1]]
                torch.testing.assert_close(found, alone, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_padding_changes_no_gradient(name: str, rank: int):
    x, found = grid(rank, 9), []
    for more in (0, 8):
        body = built(name, rank).eval()  # eval: dropout would draw other numbers for other grids
        sum(level.square().sum() for level in body(functional.pad(x, (0, more)))).backward()
        found.append([p.grad for p in body.parameters()])
    for bare, padded in zip(*found, strict=True):
        torch.testing.assert_close(padded, bare, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("name", "rank"), CASES)
def test_a_sample_of_nothing_but_zeros_has_finite_levels(name: str, rank: int):
    assert all(level.isfinite().all() for level in built(name, rank).eval()(torch.zeros_like(grid(rank, 5))))


def test_a_zero_within_a_sample_is_no_end_and_the_first_step_always_counts():
    x = torch.tensor([[[1.0, 0, 0, 2, 0, 0]], [[0, 0, 0, 0, 0, 0]]])
    assert before_end(x)[:, 0].tolist() == [[True] * 4 + [False] * 2, [True] + [False] * 5]


def test_a_step_of_a_picture_is_a_column():
    x = torch.zeros(1, 2, 3, 4)
    x[0, 1, 2, 1] = 1.0
    assert before_end(x).tolist() == [[[[True, True, False, False]]]]


def test_mean_and_maximum_are_those_of_the_cut_sample():
    x = -torch.rand(2, 3, 4, 6) - 1
    x[..., 4:] = 0
    inside = before_end(x)
    torch.testing.assert_close(mean_inside(x, inside), x[..., :4].mean((2, 3), keepdim=True))
    torch.testing.assert_close(max_inside(x, inside), x[..., :4].amax((2, 3), keepdim=True))
