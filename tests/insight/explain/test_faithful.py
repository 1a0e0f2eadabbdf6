"""Curves against sums by hand; rank correlation against scipy."""

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from multicnn.insight.explain import Question
from multicnn.insight.explain.blocks import blocks, sides, windows
from multicnn.insight.explain.faithful import faithfulness
from multicnn.insight.explain.question import Heat
from multicnn.insight.explain.sample import Blended
from multicnn.insight.explain.sanity import anew, drawn, likeness, spearman
from multicnn.tasks.aim import Aim
from multicnn.zoo.net import Net


class Weighted(Net):
    """Answers with the weighted mean of the cells."""

    def __init__(self, weights: Tensor):
        super().__init__(nn.Identity(), nn.Identity(), nn.Identity())
        self.weights = weights

    def answer(self, grid: Tensor) -> Tensor:
        return (grid[:, 0] * self.weights).flatten(1).sum(1, keepdim=True)


def question(weights: Tensor, inside: Tensor | None = None) -> Question:
    grid = torch.ones(1, 1, *weights.shape)
    where = torch.ones_like(weights, dtype=torch.bool) if inside is None else inside
    sample = Blended(grid, torch.zeros_like(grid), where)
    return Question(Weighted(weights), sample, [Aim("a", lambda out: out[:, 0], lambda out: out[:, 0])])


def test_the_areas_are_those_of_curves_drawn_by_hand():
    weights = torch.tensor([0.4, 0.3, 0.2, 0.1])
    [right] = faithfulness(question(weights), weights[None])
    left = np.array([1.0, 0.6, 0.3, 0.1, 0.0])  # what is left as the heaviest cells go first
    assert right.deletion == pytest.approx(np.trapezoid(left, dx=0.25), abs=1e-6)
    assert right.insertion == pytest.approx(np.trapezoid(1 - left, dx=0.25), abs=1e-6)
    assert right.gain == pytest.approx(
        right.random_deletion - right.deletion + right.insertion - right.random_insertion
    )
    assert right.gain > 0
    [wrong] = faithfulness(question(weights), -weights[None])
    assert wrong.deletion == pytest.approx(right.insertion, abs=1e-6)
    assert wrong.gain < 0
    assert wrong.random_deletion == right.random_deletion  # the same orders


def test_random_orders_reach_a_half_of_what_is_linear():
    [found] = faithfulness(question(torch.full((20, 30), 1 / 600)), torch.rand(1, 20, 30))
    for area in (found.deletion, found.insertion, found.random_deletion, found.random_insertion):
        assert area == pytest.approx(0.5, abs=0.02)


def test_padding_is_never_taken_away():
    weights = torch.tensor([0.25, 0.25, 0.25, 0.25, 99.0])
    inside = torch.tensor([True, True, True, True, False])
    [found] = faithfulness(question(weights, inside), torch.rand(1, 5))
    assert found.deletion == pytest.approx(99.5)


def test_blocks_cover_the_grid_once():
    inside = torch.ones(30, 41, dtype=torch.bool)
    inside[:, 35:] = False
    number, n = blocks(inside)
    assert sides((30, 41)) == [3, 3]
    assert (number[~inside] == -1).all()
    assert sorted(number[inside].unique().tolist()) == list(range(n))
    assert n == 10 * 12
    for one in range(n):
        rows, columns = (number == one).nonzero().T
        assert rows.max() - rows.min() < 3
        assert columns.max() - columns.min() < 3


def test_windows_reach_the_far_end():
    found = windows((10,), (4,), (3,))
    assert [row.nonzero()[:, 0].tolist() for row in found] == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]]
    assert windows((3, 3), (5, 5), (2, 2)).all()


@pytest.mark.parametrize("ties", [False, True])
def test_rank_correlation_is_scipys(ties):
    a, b = torch.randn(2, 50)
    a = (a * 3).round() if ties else a
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic, abs=1e-9)
    assert spearman(torch.ones(5), torch.randn(5)) == 0.0


def test_likeness_compares_with_the_untrained_net():
    def method(this: Question) -> Heat:
        return Heat(this.net.weights[None], True, [{}])  # pyright: ignore

    this = question(torch.tensor([0.4, 0.3, 0.2, 0.1]))
    heat = method(this).cells
    assert likeness(this, method, heat, Weighted(torch.tensor([4.0, 3.0, 2.0, 1.0]))) == [1.0]
    assert likeness(this, method, heat, Weighted(torch.tensor([1.0, 2.0, 3.0, 4.0]))) == [-1.0]


def test_drawing_anew_repeats_itself_and_leaves_chance_as_it_was():
    before = torch.random.get_rng_state()
    nets = [anew(lambda: Net(nn.Identity(), nn.Linear(3, 3), nn.Identity())) for _ in range(2)]
    assert torch.equal(nets[0].body.weight, nets[1].body.weight)
    assert torch.equal(before, torch.random.get_rng_state())
    with drawn(5):
        first = torch.rand(1)
    assert first != torch.rand(1)
