"""Shapes of COCO, against what its own tools make of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multicnn.errors import DataError
from multicnn.image.rle import compress, polygon_mask, run_mask, runs_of, shape_mask, uncompress

# pycocotools 2.0.11: mask.encode of 64 x 36 zeros with ones in rows 1 to 3 of columns 4 and 5
ENCODED = "Q83m10ok1"


def test_compressed_runs_are_read_as_cocos_tools_write_them():
    expected = np.zeros((64, 36), bool)
    expected[1:4, 4:6] = True
    assert np.array_equal(shape_mask({"size": [64, 36], "counts": ENCODED}, 64, 36), expected)
    assert uncompress(ENCODED) == [4 * 64 + 1, 3, 61, 3, 36 * 64 - (5 * 64 + 4)]


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_runs_go_down_the_columns(mask):
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat.astype(int))) + 1
    runs = np.diff([0, *edges, flat.size]).tolist()
    runs = [0, *runs] if flat[0] else runs
    assert np.array_equal(run_mask(runs, *mask.shape), mask)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 9), st.integers(1, 9))
def test_a_rectangle_covers_its_pixels(left, top, width, height):
    right, bottom = left + width, top + height
    expected = np.zeros((20, 20), bool)
    expected[top:bottom, left:right] = True
    assert np.array_equal(polygon_mask([[left, top, right, top, right, bottom, left, bottom]], 20, 20), expected)


def test_a_polygon_has_its_area():
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    line = np.stack([50 + 37 * np.cos(angles), 48 + 30 * np.sin(angles)], axis=1).ravel().tolist()
    assert polygon_mask([line], 100, 100).sum() == pytest.approx(20 * np.sin(2 * np.pi / 40) * 37 * 30, rel=0.005)


def test_polygons_of_one_object_are_joined_and_cut_at_the_border():
    one, other = [-5, -5, 3, -5, 3, 3, -5, 3], [2, 0, 4, 0, 4, 2, 2, 2]
    expected = np.zeros((4, 5), bool)
    expected[:3, :3] = expected[:2, 2:4] = True
    assert np.array_equal(polygon_mask([one, other], 4, 5), expected)


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ([[0, 0, 1, 1]], "a polygon of 4 numbers; it takes x and y of three corners"),
        ([[0, 0, 1, 1, 2, 2, 3]], "a polygon of 7 numbers"),
        ({"size": [4, 4], "counts": [3, 3]}, "runs of 6 pixels for a picture of 4 x 4"),
        ("circle", "neither polygons nor run lengths"),
    ],
)
def test_what_is_no_shape_is_refused(shape, says):
    with pytest.raises(DataError, match=says):
        shape_mask(shape, 4, 4)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_masks_are_written_as_the_coco_tools_write_them(share: float) -> None:
    library = pytest.importorskip("faster_coco_eval").mask
    mask = np.random.default_rng(0).random((37, 411)) < share
    mask[5:20, 100:300] |= share > 0
    text = compress(runs_of(mask))
    assert text.encode() == library.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
    np.testing.assert_array_equal(run_mask(uncompress(text), 37, 411), mask)
