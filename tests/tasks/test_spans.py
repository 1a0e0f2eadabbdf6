"""Spans: merged, found, matched, against plain definitions and scipy."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from multicnn.tasks.spans import matched, median, merged, near, overlaps, pairs, runs, segments


def test_spans_that_overlap_or_touch_become_one():
    assert merged(np.array([[3, 4], [0, 1], [1, 2], [5, 9], [6, 7]])).tolist() == [[0, 2], [3, 4], [5, 9]]
    assert merged(np.zeros((0, 2))).shape == (0, 2)


def test_runs_are_the_stretches_of_true():
    assert runs(np.array([1, 1, 0, 1, 0, 0, 1], dtype=bool)).tolist() == [[0, 2], [3, 4], [6, 7]]
    assert runs(np.zeros(3, dtype=bool)).shape == (0, 2)
    assert runs(np.zeros(0, dtype=bool)).shape == (0, 2)


@pytest.mark.parametrize("seed", range(40))
def test_as_many_pairs_are_formed_as_scipy_forms(seed):
    random = np.random.default_rng(seed)
    allowed = random.random(random.integers(1, 8, 2)) < random.uniform(0.1, 0.6)
    theirs = maximum_bipartite_matching(csr_matrix(allowed), perm_type="column")
    assert pairs(allowed) == (theirs >= 0).sum()


def test_collars_include_their_ends_and_long_events_have_wider_ones():
    true = np.array([[1.0, 2.0], [10.0, 20.0]])
    said = np.array([[1.25, 2.25], [1.0, 2.5], [10.0, 22.0], [9.0, 20.0]])
    assert near(true, said, 0.25, 0.2).tolist() == [[True, False, False, False], [False, False, True, False]]
    assert matched(true, said, 0.25, 0.2) == 2
    assert matched(true, said[:0], 0.25, 0.2) == matched(true[:0], said, 0.25, 0.2) == 0


def test_each_event_is_found_once():
    assert matched(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0], [0.1, 1.1]]), 0.2, 0.2) == 1


def test_segments_are_touched_whole():
    assert segments(np.array([[0.5, 1.0], [2.9, 3.1]]), 3.5, 1.0).tolist() == [True, False, True, True]


def test_overlaps_are_shared_lengths():
    shared = overlaps(np.array([[0.0, 2.0], [5.0, 6.0]]), np.array([[1.0, 3.0], [0.5, 0.75]]))
    assert shared.tolist() == [[1.0, 0.25], [0.0, 0.0]]


@pytest.mark.parametrize("length", [1, 3, 7])
def test_the_median_is_that_of_the_neighbours(length):
    values = np.random.default_rng(0).random((2, 20))
    wide = np.pad(values, [(0, 0), (length // 2, length // 2)], mode="edge")
    expected = np.stack([np.median(wide[:, i : i + length], axis=1) for i in range(20)], axis=1)
    np.testing.assert_array_equal(median(values, length), expected)
