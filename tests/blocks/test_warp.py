"""Moves by a matrix against torch, scipy and plain sums."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from torch import Tensor

from multicnn.blocks.warp import inverse_points, origins, warp, warp_nearest

grids = st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple)
seeds = st.integers(0, 10**6)


def matrices(n: int, rank: int, seed: int, bend: float = 0.0) -> Tensor:
    random = torch.Generator().manual_seed(seed)
    found = torch.eye(rank + 1) + 0.3 * torch.randn(n, rank + 1, rank + 1, generator=random)
    found[:, -1] = bend * torch.rand(n, rank + 1, generator=random)
    found[:, -1, -1] = 1
    return found


def pixels(matrix: Tensor, grid: tuple[int, ...]) -> np.ndarray:
    """Where each cell comes from in scipy's cell numbers, first axis first, by one product a cell.  -> rank *grid"""
    place = np.stack(np.meshgrid(*[(2 * np.arange(n) + 1) / n - 1 for n in grid], indexing="ij"))
    there = np.einsum("ij,j...->i...", matrix.double().numpy(), np.concatenate([place[::-1], np.ones((1, *grid))]))
    there = (there[:-1] / there[-1])[::-1]
    return np.stack([((t + 1) * n - 1) / 2 for t, n in zip(there, grid, strict=True)])


@settings(max_examples=30, deadline=None)
@given(grid=grids, seed=seeds)
def test_the_origins_of_affine_moves_are_torchs_affine_grid(grid: tuple[int, ...], seed: int) -> None:
    matrix = matrices(3, len(grid), seed)
    if len(grid) == 1:  # torch's knows no rank 1: the middle row of a picture of one
        plane = torch.eye(3).repeat(3, 1, 1)
        plane[:, 0, 0], plane[:, 0, 2] = matrix[:, 0, 0], matrix[:, 0, 1]
        expected = F.affine_grid(plane[:, :2], [3, 1, 1, *grid], align_corners=False)[:, 0, :, :1]
    else:
        expected = F.affine_grid(matrix[:, :-1], [3, 1, *grid], align_corners=False)
    torch.testing.assert_close(origins(matrix[:, :-1], grid), expected, atol=2e-6, rtol=1e-5)
    torch.testing.assert_close(origins(matrix, grid), expected, atol=2e-6, rtol=1e-5)


@settings(max_examples=30, deadline=None)
@given(grid=grids, seed=seeds)
def test_linear_interpolation_with_perspective_is_scipys(grid: tuple[int, ...], seed: int) -> None:
    matrix = matrices(2, len(grid), seed, bend=0.2)
    x = torch.randn(2, 3, *grid, generator=torch.Generator().manual_seed(seed)).double()
    for moved, mode in ((warp(x, matrix), "grid-constant"), (warp(x, matrix, outside="border"), "nearest")):
        for sample in range(2):
            where = pixels(matrix[sample], grid)
            for channel in range(3):
                expected = ndimage.map_coordinates(x[sample, channel].numpy(), where, order=1, mode=mode)
                np.testing.assert_allclose(moved[sample, channel].numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("kind", [torch.uint8, torch.int64, torch.float32])
@settings(max_examples=20, deadline=None)
@given(grid=grids, seed=seeds)
def test_class_numbers_stay_what_they_are(kind: torch.dtype, grid: tuple[int, ...], seed: int) -> None:
    """The nearest cell, except where two are equally near; beyond the border the fill."""
    matrix = matrices(2, len(grid), seed, bend=0.2)
    x = torch.randint(0, 200, (2, 1, *grid), generator=torch.Generator().manual_seed(seed)).to(kind)
    moved = warp_nearest(x, matrix, 255)
    assert moved.dtype == kind
    for sample in range(2):
        where = pixels(matrix[sample], grid)
        clear = (abs(where + 0.5 - np.round(where + 0.5)) > 1e-4).all(0)
        expected = ndimage.map_coordinates(x[sample, 0].numpy(), np.round(where), order=0, cval=255, mode="constant")
        np.testing.assert_array_equal(moved[sample, 0].numpy()[clear], expected[clear])


def test_turns_by_a_right_angle_are_exact() -> None:
    x = torch.randn(2, 3, 4, 7, 7)
    quarter = torch.tensor([[0.0, -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]).expand(2, -1, -1)
    assert torch.equal(warp_nearest(x, quarter, 0), torch.rot90(x, 1, (3, 4)))


@settings(max_examples=30, deadline=None)
@given(rank=st.integers(1, 3), seed=seeds)
def test_points_go_where_the_cells_go(rank: int, seed: int) -> None:
    """The matrix leads from the new place back to the old one."""
    matrix = torch.eye(rank + 1) + 0.2 * (matrices(4, rank, seed, bend=0.2) - torch.eye(rank + 1))
    old = 2 * torch.rand(4, 5, rank, generator=torch.Generator().manual_seed(seed)) - 1
    new = inverse_points(matrix, old)
    back = torch.einsum("bij,bnj->bni", matrix, torch.cat([new, torch.ones(4, 5, 1)], dim=2))
    torch.testing.assert_close(back[..., :-1] / back[..., -1:], old, atol=1e-3, rtol=1e-3)
