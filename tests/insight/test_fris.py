"""The function of rival similarity against hand cases and brute force; prototypes."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from multicnn.insight.audit import fris
from multicnn.insight.audit.fris import compactness, rivals, similarity
from multicnn.insight.audit.prototypes import classify, prototypes


def brute(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The formula on the whole matrix of distances."""
    d = cdist(x, x)
    np.fill_diagonal(d, np.inf)
    same = y[:, None] == y
    own, other = np.where(same, d, np.inf).min(axis=1), np.where(same, np.inf, d).min(axis=1)
    return (other[1:] - own[1:]) / (other[1:] + own[1:])  # the first is alone in its class


def blobs(n: int, classes: int, dim: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    y = random.integers(classes, size=n)
    return 3 * random.standard_normal((classes, dim))[y] + random.standard_normal((n, dim)), y


def test_hand_cases():
    x = np.array([[0.0], [1.0], [4.0], [6.0]])
    found = rivals(x, np.array([0, 0, 1, 1]))
    np.testing.assert_allclose(found.s, [(4 - 1) / 5, (3 - 1) / 4, (3 - 2) / 5, (5 - 2) / 7])
    assert found.own.tolist() == [1, 0, 3, 2]
    assert found.other.tolist() == [2, 2, 1, 1]


def test_a_tie_is_0_and_a_wrong_label_is_negative():
    x = np.array([[-2.0], [0.0], [2.0], [2.5], [-2.5]])
    found = rivals(x, np.array([0, 0, 1, 0, 0]))
    assert found.s[1] == 0  # 2 from each
    assert found.s[2] == -1  # alone in its class
    assert found.s[3] == pytest.approx((0.5 - 2.5) / 3)


def test_zero_distances():
    x = np.zeros((4, 2))
    assert rivals(x, np.array([0, 0, 1, 1])).s.tolist() == [0, 0, 0, 0]
    x[2:] = 5
    assert rivals(x, np.array([0, 0, 1, 1])).s.tolist() == [1, 1, 1, 1]
    assert rivals(x, np.array([0, 1, 0, 1])).s.tolist() == [-1, -1, -1, -1]


def test_few_samples():
    assert rivals(np.zeros((0, 3)), np.zeros(0, dtype=int)).s.tolist() == []
    one = rivals(np.ones((1, 3)), np.array([0]))
    assert (one.s.tolist(), one.own.tolist(), one.other.tolist()) == ([0], [-1], [-1])
    assert rivals(np.eye(2), np.array([0, 0])).s.tolist() == [1, 1]
    two = rivals(np.eye(2), np.array([0, 1]))
    assert (two.s.tolist(), two.own.tolist(), two.other.tolist()) == ([-1, -1], [-1, -1], [1, 0])


def test_similarity_without_neighbours():
    inf = np.inf
    assert similarity(np.array([inf, 1, inf, 0]), np.array([1, inf, inf, 0])).tolist() == [-1, 1, 0, 0]


@pytest.mark.parametrize("shift", [0.0, 1000.0])
def test_as_brute_force_also_in_blocks(monkeypatch, shift):
    x, y = blobs(300, 5, 16)
    y[0] = 5  # alone
    monkeypatch.setattr(fris, "BLOCK", 300 * 7)
    found = rivals((x + shift).astype(np.float64), y)
    np.testing.assert_allclose(found.s[1:], brute(x, y), atol=1e-6)
    assert found.s[0] == -1
    assert (y[found.own[1:]] == y[1:]).all()
    assert (y[found.other] != y).all()


def test_memory_is_flat():
    import tracemalloc

    x, y = blobs(12_000, 4, 4)
    tracemalloc.start()
    rivals(x, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000**2 * 4 / 3  # the whole matrix would be 576 MB


def test_compactness_is_the_mean_of_a_class():
    found = compactness(np.array([1.0, 0.0, -1.0]), np.array([0, 0, 2]), 3)
    assert found[[0, 2]].tolist() == [0.5, -1.0]
    assert np.isnan(found[1])


def test_one_prototype_for_a_class_of_one_piece_and_two_for_one_of_two():
    random = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0]])
    x = np.repeat(centres, 30, axis=0) + random.standard_normal((90, 2))
    y = np.repeat([0, 1, 0], 30)
    chosen = prototypes(x, y, similar=0)
    assert sorted(np.round(x[chosen, 0], -1).tolist()) == [0, 10, 20]
    assert (classify(x[chosen], y[chosen], x) == y).all()


def test_every_typical_sample_is_as_similar_to_a_prototype_as_asked():
    x, y = blobs(400, 4, 3, seed=1)
    s = rivals(x, y).s
    for similar in (0.0, 0.3):
        chosen = prototypes(x, y, similar=similar, alone=0)
        kept = s >= 0
        d = cdist(x, x)
        for u in np.flatnonzero(kept):
            own = d[u, [c for c in chosen if y[c] == y[u]]].min()
            rival = d[u, kept & (y != y[u])].min()
            assert similarity(own, rival) >= similar - 1e-9
        assert kept[chosen].all()


def test_a_wrong_label_is_no_prototype():
    x, y = blobs(200, 2, 2, seed=2)
    wrong = int(np.argmax(rivals(x, y).s))
    y[wrong] = 1 - y[wrong]
    assert wrong not in prototypes(x, y, alone=0)


def test_lonely_classes_and_large_ones_have_prototypes_too(monkeypatch):
    from multicnn.insight.audit import prototypes as module

    x, y = blobs(300, 2, 2, seed=3)
    y[0] = 2
    monkeypatch.setattr(module, "MANY", 50)
    chosen = prototypes(x, y)
    assert set(y[chosen]) == {0, 1, 2}
    assert prototypes(np.zeros((0, 2)), np.zeros(0, dtype=int)).tolist() == []
    assert len(prototypes(x, np.zeros(300, dtype=int))) == 1
