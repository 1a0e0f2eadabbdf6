"""Augments that move cells: what they do to pictures is what their matrix says, and what torchvision does."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch import Tensor
from torchvision.transforms import RandomResizedCrop
from torchvision.transforms.v2 import functional as tv

from multicnn.blocks.warp import inverse_points, origins, warp, warp_nearest
from multicnn.data.random import keys
from multicnn.errors import UsageError
from multicnn.image import AUGMENTS
from multicnn.image.moves import Crop, FlipAlternate, FlipDepth, Shift
from multicnn.image.warps import Affine, CropResize, Perspective, affine, planes, projective
from multicnn.train.augment import Moving

MOVING: dict[str, Any] = {name: build() for name, build in AUGMENTS.items() if isinstance(build(), Moving)}
WHOLE = {n: a for n, a in MOVING.items() if n.startswith("flip")} | {
    "shift": Shift(fraction=0.3),
    "crop": Crop(padding=2),
}
SLANTED = {n: a for n, a in MOVING.items() if n not in WHOLE} | {"shear": Affine(shear=30)}
PICTURES = st.tuples(st.integers(4, 15), st.integers(4, 15))
VOLUMES = st.tuples(st.integers(2, 5), st.integers(4, 9), st.integers(4, 9))
N = 6


def key(n: int = N, seed: int = 0, epoch: int = 0) -> Tensor:
    return keys(seed, epoch, torch.arange(n))


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def test_all_that_moves_is_tried_here() -> None:
    assert {*MOVING} == {
        "flip", "flip-alternate", "flip-vertical", "flip-depth", "rotate", "shift", "scale", "affine", "perspective",
        "crop", "crop-resize",
    }  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=15, deadline=None)
@given(grid=PICTURES | VOLUMES, seed=st.integers(0, 99))
def test_moves_by_whole_cells_are_exactly_what_their_matrix_says(name: str, grid: tuple[int, ...], seed: int) -> None:
    """On a map of the cells' numbers; 0 is what comes from outside."""
    if name == "flip-depth" and len(grid) == 2:
        return
    numbers = (torch.arange(math.prod(grid)) + 1.0).view(1, 1, *grid).expand(N, 2, *[-1] * len(grid))
    moved, _ = WHOLE[name](numbers, torch.zeros(N), key(seed=seed))
    assert torch.equal(moved, warp_nearest(numbers, WHOLE[name].matrix(key(seed=seed), grid), 0))


@pytest.mark.parametrize("name", SLANTED)
@settings(max_examples=15, deadline=None)
@given(grid=PICTURES | VOLUMES, seed=st.integers(0, 99))
def test_interpolated_moves_bring_each_cell_from_where_the_matrix_says(
    name: str, grid: tuple[int, ...], seed: int
) -> None:
    """On a picture of each cell's own coordinates, which interpolation keeps true between the cells."""
    rank = len(grid)
    if name == "perspective" and rank == 3:
        return
    own = origins(torch.eye(rank + 1)[None], grid).movedim(-1, 1).expand(N, *[-1] * (rank + 1))
    moved, _ = SLANTED[name](own, torch.zeros(N), key(seed=seed))
    there = origins(SLANTED[name].matrix(key(seed=seed), grid), grid).movedim(-1, 1)
    edge = 1 - 1 / torch.tensor([*reversed(grid)]).view(1, -1, *[1] * rank)
    inside = (there.abs() <= edge).all(1, keepdim=True).expand_as(own)
    torch.testing.assert_close(moved[inside], there[inside], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["shift", "affine", "perspective", "crop-resize"])
def test_a_point_is_found_where_the_picture_shows_it(name: str) -> None:
    """A bright blob goes where `inverse_points` sends its centre."""
    side, n = 65, 40
    line = torch.arange(side) - 36.0
    blob = torch.exp(-(line[:, None].square() + line.square()) / 18).expand(n, 1, -1, -1)
    augment = AUGMENTS[name](low=0.5) if name == "crop-resize" else AUGMENTS[name]()
    moved, _ = augment(blob, torch.zeros(n), key(n))
    centre = torch.full((n, 1, 2), (2 * 36 + 1) / side - 1)
    there = inverse_points(augment.matrix(key(n), (side, side)), centre)[:, 0]
    inner = (there.abs() < 0.6).all(1)
    assert inner.sum() > n / 3
    mass = moved[:, 0]
    place = (2 * torch.arange(side) + 1) / side - 1
    across = (mass * place).sum((1, 2)) / mass.sum((1, 2))
    down = (mass * place[:, None]).sum((1, 2)) / mass.sum((1, 2))
    torch.testing.assert_close(torch.stack([across, down], 1)[inner], there[inner], atol=0.02, rtol=0)


def test_alternating_flips_show_each_sample_both_ways_in_two_epochs() -> None:
    x, flip = noise(2000, 1, 2, 3), FlipAlternate()
    first, second, third = (flip(x, torch.zeros(2000), key(2000, epoch=e))[0] for e in (0, 1, 2))
    assert torch.equal(second, first.flip(3))
    assert torch.equal(third, first)
    mirrored = (first == x.flip(3)).flatten(1).all(1)
    assert ((first == x).flatten(1).all(1) ^ mirrored).all()
    assert stats.binomtest(int(mirrored.sum()), 2000, 0.5).pvalue > 1e-4


@settings(max_examples=30, deadline=None)
@given(
    degrees=st.floats(-180, 180), factor=st.floats(0.5, 2), lean=st.floats(-50, 50),
    right=st.integers(-3, 3), down=st.integers(-3, 3),
)  # fmt: skip
def test_affine_moves_are_torchvisions(degrees: float, factor: float, lean: float, right: int, down: int) -> None:
    """Of colour noise, also where height and width differ; torchvision turns with the clock."""
    x = noise(1, 3, 13, 21).double()
    expected = tv.affine(x, -degrees, [right, down], factor, [lean, 0.0], interpolation=tv.InterpolationMode.BILINEAR)
    angle, shear = torch.tensor([math.radians(degrees)]).double(), torch.tensor([math.radians(lean)]).double()
    about = affine(angle, torch.tensor([factor]).double(), shear, torch.zeros(1, 2).double(), 21 / 13)
    shift = torch.tensor([[1, 0, -2 * right / 21], [0, 1, -2 * down / 13], [0, 0, 1]]).double()
    torch.testing.assert_close(planes(x, about @ shift), expected, atol=1e-5, rtol=0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-0.45, 0.45), min_size=8, max_size=8))
def test_perspective_is_torchvisions(offsets: list[float]) -> None:
    """By its own coefficients in pixels, and its own picture."""
    height, width = 12, 17
    square = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]).double()
    corners = square + torch.tensor(offsets).double().view(4, 2)
    matrix = projective(corners[None].float()).double()
    there = torch.einsum("ij,nj->ni", matrix[0], torch.cat([square, torch.ones(4, 1)], dim=1))
    torch.testing.assert_close(there[:, :2] / there[:, 2:], corners, atol=1e-4, rtol=0)
    pixel = torch.tensor([[width / 2, 0, width / 2], [0, height / 2, height / 2], [0, 0, 1]]).double()
    coefficients = pixel @ matrix[0] @ pixel.inverse()
    x = noise(1, 3, height, width).double()
    expected = tv.perspective(
        x, None, None, interpolation=tv.InterpolationMode.BILINEAR, fill=None,
        coefficients=(coefficients / coefficients[2, 2]).flatten()[:8].tolist(),
    )  # fmt: skip
    torch.testing.assert_close(warp(x, matrix), expected, atol=1e-4, rtol=0)


def test_resized_crops_are_torchvisions_but_for_the_rim() -> None:
    """There torchvision repeats the crop's border pixels, and we see a part of the pixels beyond."""
    x, crop = noise(40, 3, 30, 50), CropResize(low=0.2)
    out, _ = crop(x, torch.zeros(40), key(40))
    for picture, was, box in zip(out, x, crop.boxes(key(40), 30, 50).int().tolist(), strict=True):
        top, left, height, width = box
        expected = tv.resized_crop(was, top, left, height, width, [30, 50])
        rim_rows, rim_columns = math.ceil(15 / height), math.ceil(25 / width)
        inner = (..., slice(rim_rows, 30 - rim_rows), slice(rim_columns, 50 - rim_columns))
        torch.testing.assert_close(picture[inner], expected[inner], atol=1e-4, rtol=0)


@pytest.mark.parametrize(("height", "width"), [(40, 60), (300, 200), (20, 200)])
def test_crops_are_drawn_as_torchvision_draws_them(height: int, width: int) -> None:
    """Top, left, height and width each have its distribution; 20 x 200 often needs the fall-back."""
    ours = CropResize().boxes(key(1500), height, width)
    assert (ours[:, :2] >= 0).all()
    assert (ours[:, 2:] >= 1).all()
    assert (ours[:, 0] + ours[:, 2] <= height).all()
    assert (ours[:, 1] + ours[:, 3] <= width).all()
    torch.manual_seed(0)
    blank = torch.zeros(1, height, width)
    theirs = np.array([RandomResizedCrop.get_params(blank, [0.08, 1.0], [3 / 4, 4 / 3]) for _ in range(1500)])
    for mine, other in zip(ours.T.numpy(), theirs.T, strict=True):
        test: Any = stats.ks_2samp(mine, other)
        assert test.pvalue > 1e-4


@pytest.mark.parametrize(("height", "width"), [(10, 100), (100, 10)])
def test_a_crop_that_never_fits_is_the_largest_middle_part(height: int, width: int) -> None:
    box = CropResize(low=1.0).boxes(key(3), height, width)
    torch.manual_seed(0)
    expected = RandomResizedCrop.get_params(torch.zeros(1, height, width), [1.0, 1.0], [3 / 4, 4 / 3])
    assert box.int().tolist() == [[*expected]] * 3


@pytest.mark.parametrize("name", [name for name in SLANTED if name != "perspective"])
def test_all_slices_of_a_volume_move_alike(name: str) -> None:
    volume = noise(4, 2, 5, 9, 11)
    whole, _ = SLANTED[name](volume, torch.zeros(4), key(4))
    for depth in range(5):
        alone, _ = SLANTED[name](volume[:, :, depth], torch.zeros(4), key(4))
        torch.testing.assert_close(whole[:, :, depth], alone, atol=1e-6, rtol=0)


def test_impossible_moves_are_refused() -> None:
    with pytest.raises(UsageError, match="pictures have none"):
        FlipDepth()(noise(2, 1, 4, 4), torch.zeros(2), key(2))
    with pytest.raises(UsageError, match="these are volumes"):
        Perspective()(noise(2, 1, 4, 4, 4), torch.zeros(2), key(2))
    with pytest.raises(UsageError, match=r"affine\.shear is 90"):
        Affine(shear=90)
    with pytest.raises(UsageError, match=r"perspective\.amount is 0\.25"):
        Perspective(amount=0.25)
    with pytest.raises(UsageError, match="0 < low <= high <= 1"):
        CropResize(high=1.5)
    with pytest.raises(UsageError, match="0 < narrow <= wide"):
        CropResize(narrow=2.0)
