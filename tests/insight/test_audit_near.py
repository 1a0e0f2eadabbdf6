"""Near samples: pairs by sorted keys against all pairs, codes against what they must not change with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multicnn.insight.audit.codes import agreement, banded, code_prints, waves
from multicnn.insight.audit.near import LOW, Prints, groups, near_pairs, neighbours, unlike

RINGS = (0.5, 1.5, 2.5, 3.5, 4.5, 6.0)


def everything(pairs: np.ndarray) -> np.ndarray:
    return np.ones(len(pairs), dtype=bool)


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), max_size=8), st.integers(0, 2**31))
def test_rows_of_one_key_are_neighbours_and_others_are_not(uppers, seed):
    """Up to WINDOW rows of a key all meet."""
    keys = np.array(uppers, dtype=np.uint64) << np.uint64(LOW)
    keys |= np.random.default_rng(seed).integers(0, 2**LOW, len(keys), dtype=np.uint64)
    met = {tuple(sorted(pair)) for pairs in neighbours(keys) for pair in pairs.tolist()}
    n = len(uppers)
    assert met == {(a, b) for a in range(n) for b in range(a + 1, n) if uppers[a] == uppers[b]}


def test_a_pair_of_several_tables_is_told_once():
    keys = np.array([[1, 1], [1, 2], [9, 2]], dtype=np.uint64) << np.uint64(LOW)
    assert near_pairs(Prints(keys, everything, everything)).tolist() == [[0, 1], [1, 2]]


def test_what_is_alike_must_be_sure_too():
    keys = np.full((4, 3), 1 << LOW, dtype=np.uint64)
    sure = near_pairs(Prints(keys, everything, lambda pairs: pairs[:, 0] == 1))
    assert sure.tolist() == [[1, 2], [1, 3]]


def test_what_has_no_prints_has_no_pairs():
    assert near_pairs(unlike(5)).shape == (0, 2)
    assert near_pairs(unlike(0)).shape == (0, 2)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=20))
def test_groups_are_the_connected_components(pairs):
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = 15
    a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    _, label = connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)
    expected = [int(np.flatnonzero(label == label[row])[0]) for row in range(n)]
    assert groups(np.stack([a, b], axis=1), n).tolist() == expected


def test_waves_are_the_cosine_transform():
    from scipy.fft import dctn

    grids = np.random.default_rng(0).normal(size=(3, 12, 20)).astype(np.float32)
    own = waves(grids, 5)
    whole = dctn(grids, type=2, axes=(1, 2))[:, :5, :5] / (4 * 12 * 20)
    np.testing.assert_allclose(own, whole, atol=1e-6)


def test_a_code_is_deaf_to_gain_and_offset_and_blank_grids_have_none():
    grids = np.random.default_rng(0).normal(size=(4, 16, 16)).astype(np.float32)
    code = banded(waves(grids, 7), RINGS)
    np.testing.assert_allclose(banded(waves(0.3 * grids + 50, 7), RINGS), code, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(code, axis=1), 1, atol=1e-5)
    assert not banded(waves(np.full((1, 16, 16), 9.0, np.float32), 7), RINGS).any()


def test_agreement_falls_with_noise():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(1, 12, 12))
    noise = rng.normal(size=(1, 12, 12))
    found = [float(agreement(a, a + level * noise, (4.0, 6.0, 8.0, 10.0))[0]) for level in (0, 0.5, 5)]
    assert found[0] == pytest.approx(1, abs=1e-6)
    assert found[0] > found[1] > found[2]


def test_planted_codes_are_found_among_strangers_and_no_others():
    """As all pairs by brute force would tell."""
    rng = np.random.default_rng(1)
    codes = rng.normal(size=(1_500, 40))
    codes[1_000:1_100] = codes[:100] + 0.05 * rng.normal(size=(100, 40))
    codes = (codes / np.linalg.norm(codes, axis=1, keepdims=True)).astype(np.float32)
    codes[7] = 0
    prints = code_prints(codes, 0.05, everything)
    every = np.array([(a, b) for a in range(1_500) for b in range(a + 1, 1_500)])
    brute = {tuple(pair) for pair in every[prints.alike(every)].tolist()}
    found = {tuple(pair) for pair in near_pairs(prints).tolist()}
    assert brute == {(row, row + 1_000) for row in range(100) if row != 7}
    assert found == brute
