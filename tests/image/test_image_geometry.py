"""Masks, points and maps lie where their pictures lie."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.data.random import keys
from multicnn.errors import UsageError
from multicnn.image import AUGMENTS
from multicnn.image.geometry import OUTSIDE, geometry
from multicnn.image.pixels import RESIZES
from multicnn.tasks import Segment
from multicnn.train.augment import apply

SIDES = st.integers(1, 60)
WAYS = st.sampled_from(sorted(RESIZES))


def blobs(height: int, width: int, seed: int) -> np.ndarray:
    """Squares of ones on zeros.  -> h w, uint8"""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 2, (height // 7 + 1, width // 7 + 1), dtype=np.uint8)
    return np.kron(coarse, np.ones((7, 7), np.uint8))[:height, :width]


@settings(max_examples=200, deadline=None)
@given(SIDES, SIDES, st.tuples(SIDES, SIDES), WAYS, st.integers(0, 9))
def test_a_mask_that_is_a_channel_of_its_picture_stays_on_it(height, width, size, way, seed):
    mask = blobs(height, width, seed)
    read = RESIZES[way](mask[..., None] * np.uint8(255), size, np.array([77], np.uint8))[..., 0]
    moved = geometry(height, width, size, way).mask(mask)
    known = moved != OUTSIDE
    assert (moved[known & (read == 255)] == 1).all()
    assert (moved[known & (read == 0)] == 0).all()
    assert (read[~known] == 77).all()
    if way != "pad":
        assert known.all()


@settings(max_examples=100, deadline=None)
@given(SIDES, SIDES, st.tuples(SIDES, SIDES), WAYS)
def test_no_class_is_invented(height, width, size, way):
    mask = np.full((height, width), 3, np.uint8)
    assert set(np.unique(geometry(height, width, size, way).mask(mask))) <= {3, OUTSIDE}


@settings(max_examples=100, deadline=None)
@given(SIDES, SIDES, st.tuples(SIDES, SIDES), WAYS)
def test_points_come_back(height, width, size, way):
    place = geometry(height, width, size, way)
    points = np.array([[0.0, 0.0], [width, height], [width / 3, height / 2]])
    assert np.allclose(place.points_back(place.points(points)), points)


@pytest.mark.parametrize("way", RESIZES)
def test_a_box_of_the_picture_is_the_box_of_its_mask_in_the_grid(way):
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 20:50] = 1
    place = geometry(40, 60, (120, 120), way)
    rows, columns = np.nonzero(place.mask(mask) == 1)
    (left, top), (right, bottom) = place.points(np.array([[20.0, 10.0], [50.0, 30.0]]))
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert np.allclose(found, np.clip([left, top, right, bottom], 0, 120), atol=0.5)


@settings(max_examples=60, deadline=None)
@given(SIDES, SIDES, st.tuples(SIDES, SIDES), WAYS, st.floats(0, 1))
def test_a_constant_map_comes_back_constant(height, width, size, way, value):
    back = geometry(height, width, size, way).back(np.full((2, *size), value))
    assert back.shape == (2, height, width)
    assert np.allclose(back, value)


@pytest.mark.parametrize("way", RESIZES)
def test_a_mask_comes_back_to_where_it_was(way):
    mask = np.zeros((80, 120), np.uint8)
    mask[20:60, 45:75] = 1
    place = geometry(80, 120, (160, 160), way)
    cells = place.mask(mask)
    maps = np.stack([cells == 0, cells == 1]).astype(np.float32)
    seen = place.seen()
    assert (place.back(maps).argmax(0) == mask)[seen].mean() > 0.995
    assert seen.all() == (way != "crop")


def test_rows_come_back_by_themselves():
    place = geometry(50, 70, (32, 32), "pad")
    maps = np.random.default_rng(0).random((3, 32, 32))
    whole = place.back(maps)
    assert np.array_equal(np.concatenate([place.back(maps, 0, 20), place.back(maps, 20, 50)], axis=1), whole)


def test_what_crop_cuts_off_was_not_seen():
    seen = geometry(10, 30, (10, 10), "crop").seen()
    assert seen[:, 10:20].all()
    assert seen.sum() == 100


def test_another_way_to_resize_is_refused():
    with pytest.raises(UsageError, match="no way to resize named 'padd'; did you mean pad"):
        geometry(1, 1, (1, 1), "padd")


@pytest.mark.parametrize("name", ["flip", "flip-vertical", "shift", "crop", "rotate", "scale", "affine"])
def test_a_mask_moves_with_its_picture(name):
    mask = torch.from_numpy(np.stack([blobs(56, 42, seed) for seed in range(8)]))
    task = Segment(["background", "blob"])
    x = 2.0 * mask[:, None].float() - 1  # 0 is what comes in from outside
    moved, y = apply([AUGMENTS[name]()], "grid", task.move, x, task.encode(mask), keys(0, 0, torch.arange(8), 2))
    assert not torch.equal(moved, x)
    assert (y[(moved[:, 0] > 0.99) & (y != 255)] == 1).all()
    assert (y[(moved[:, 0] < -0.99) & (y != 255)] == 0).all()
    assert ((y == 1) == (moved[:, 0] > 0)).float().mean() > 0.97
