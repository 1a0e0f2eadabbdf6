"""The default for pictures and spectrograms: small, and never out of cells."""

from math import prod

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.blocks import BranchDropout
from multicnn.zoo import classifier, compact, count
from multicnn.zoo.compact import ENOUGH, FEWEST, SHORT, plan

GRIDS = st.lists(st.integers(1, 600), min_size=1, max_size=3).map(tuple)


@pytest.mark.parametrize(("rank", "grid"), [(1, (16000,)), (2, (8, 8)), (2, (28, 28)), (2, (64, 500))])
def test_the_default_stays_below_300_000_parameters(rank, grid):
    assert count(classifier(compact(rank, 1, grid=grid), 10)) < 300_000


@pytest.mark.parametrize(
    ("grid", "levels"),
    [
        ((8, 8), [(8, 8), (4, 4), (4, 4)]),
        ((28, 28), [(14, 14), (7, 7), (4, 4)]),
        ((64, 500), [(16, 125), (8, 63), (4, 32)]),
        ((5,), [(5,), (3,), (3,)]),
        ((30, 32, 28), [(15, 16, 14), (8, 8, 7), (4, 4, 4)]),
    ],
)
def test_the_grid_decides_how_often_it_is_halved(grid, levels):
    body = compact(len(grid), 1, grid=grid, width=8).eval()
    with torch.no_grad():
        assert [tuple(level.shape[2:]) for level in body(torch.randn(1, 1, *grid))] == levels


@given(GRIDS)
@settings(max_examples=200, deadline=None)
def test_no_grid_is_halved_to_nothing(grid):
    halvings, strides = plan(grid)
    left = [-(-n // (2**halvings * prod(strides))) for n in grid]
    assert min(left) >= min(FEWEST, *grid)
    behind = [-(-n // 2**halvings) for n in grid]
    assert prod(behind) <= ENOUGH or min(behind) < SHORT


def test_other_grids_than_the_planned_one_are_welcome():
    net = classifier(compact(2, 1, grid=(64, 500), width=8), 3).eval()
    assert net(torch.randn(2, 1, 64, 731)).shape == (2, 3)


def test_depth_and_drop_reach_the_blocks():
    rates = [m.p for m in compact(2, 1, grid=(8, 8), depth=2, drop=0.25).modules() if isinstance(m, BranchDropout)]
    assert rates == [0.25] * 6
