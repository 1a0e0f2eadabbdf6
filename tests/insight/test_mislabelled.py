"""Confident learning against the paper's definitions, and on noise that is known."""

import numpy as np
import pytest

from multicnn.insight.audit.fris import rivals
from multicnn.insight.audit.judged import Judged, Likeness, doubts
from multicnn.insight.audit.mislabelled import (
    joint,
    margins,
    mislabelled,
    mislabelled_several,
    noise,
    skill,
    thresholds,
)
from multicnn.insight.audit.outoffold import folded, linear


def noisy(n: int = 600, k: int = 3, share: float = 0.1, seed: int = 0):
    """Features, true and given labels."""
    random = np.random.default_rng(seed)
    true = random.integers(k, size=n)
    x = 6 * np.eye(k, 5)[true] + random.standard_normal((n, 5))
    given = true.copy()
    wrong = random.choice(n, round(share * n), replace=False)
    given[wrong] = (given[wrong] + random.integers(1, k, len(wrong))) % k
    return x, true, given


def test_thresholds_are_mean_self_confidence():
    p = np.array([[0.8, 0.2, 0.0], [0.4, 0.6, 0.0], [0.1, 0.9, 0.0]])
    np.testing.assert_allclose(thresholds(p, np.array([0, 0, 1])), [0.6, 0.9, np.inf])


def test_the_joint_is_the_papers():
    random = np.random.default_rng(0)
    p, y = random.dirichlet(np.full(4, 0.3), 200), random.integers(4, size=200)
    t = [p[y == j, j].mean() for j in range(4)]
    counted = np.zeros((4, 4))
    for row, given in zip(p, y, strict=True):
        sure = [j for j in range(4) if row[j] >= t[j]]
        if sure:
            counted[given, max(sure, key=lambda j: row[j])] += 1
    for i in range(4):
        counted[i] *= (y == i).sum() / counted[i].sum()
    np.testing.assert_allclose(joint(p, y), counted / counted.sum())
    assert noise(p, y) == pytest.approx(1 - np.trace(counted) / counted.sum())


def test_a_class_without_a_sure_sample_is_taken_to_be_right():
    p = np.array([[0.9, 0.1], [0.9, 0.1]])
    np.testing.assert_allclose(joint(p, np.array([0, 0])), [[1, 0], [0, 0]])
    assert noise(p, np.array([0, 0])) == 0


def test_suspects_come_by_their_margin_with_the_likely_label():
    p = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.95, 0.05], [0.5, 0.5]])
    found = mislabelled(p, np.array([0, 0, 0, 1, 1, 1]))
    assert found.rows.tolist() == [4, 2]
    assert found.label.tolist() == [0, 1]
    np.testing.assert_allclose(found.margin, [-0.9, -0.6])


def test_planted_errors_are_found_and_their_share_is_estimated():
    x, true, given = noisy()
    fold = np.arange(len(x)) % 5
    p = folded(lambda rows, new: linear(x[rows], given[rows], x[new], 3), fold, 3)
    found, wrong = mislabelled(p, given), given != true
    assert wrong[found.rows].mean() > 0.95
    assert wrong[found.rows].sum() > 0.6 * wrong.sum()
    hit = wrong[found.rows]
    assert (found.label[hit] == true[found.rows[hit]]).mean() > 0.9
    assert noise(p, given) == pytest.approx(0.1, abs=0.04)
    worst = np.argsort(margins(p, given))[: 2 * wrong.sum()]
    assert wrong[worst].sum() > 0.9 * wrong.sum()


def test_clean_labels_raise_little_suspicion():
    x, true, _ = noisy()
    p = folded(lambda rows, new: linear(x[rows], true[rows], x[new], 3), np.arange(len(x)) % 5, 3)
    assert len(mislabelled(p, true).rows) < 0.04 * len(x)


def test_several_labels_class_by_class():
    x, true, _ = noisy()
    x[:3] = 9 * np.eye(3, 5)[true[:3]]  # beyond doubt
    given = (true[:, None] == np.arange(3)).astype(np.int8)
    given[0, true[0]] = 0  # a missing label
    given[1, (true[1] + 1) % 3] = 1  # one too many
    given[2] = -1  # nothing known
    p = folded(lambda rows, new: linear(x[rows], given[rows], x[new], 3), np.arange(len(x)) % 5, 3)
    found = mislabelled_several(p, given)
    first = list(zip(found.rows.tolist(), found.label.tolist(), strict=True))
    assert (0, int(true[0])) in first
    assert (1, int((true[1] + 1) % 3)) in first
    assert 2 not in found.rows
    assert (np.diff(found.margin) >= 0).all()


def test_learners_of_a_fold_have_not_seen_it(monkeypatch):
    from multicnn.insight.audit import outoffold

    monkeypatch.setattr(outoffold, "MOST", 7)
    fold, asked = np.arange(30) % 3, []

    def learn(rows: np.ndarray, new: np.ndarray) -> np.ndarray:
        assert not set(fold[rows]) & set(fold[new])
        asked.append((len(rows), len(new)))
        return np.full((len(new), 2), fold[new[0]])

    assert (folded(learn, fold, 2)[:, 0] == fold).all()
    assert asked == [(7, 10)] * 3


def test_an_absent_class_is_never_likely():
    x = np.random.default_rng(0).standard_normal((20, 2))
    found = linear(x, np.arange(20) % 2, x, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found[:, 2] == 0).all()
    assert (linear(x, np.ones(20, dtype=int), x, 3)[:, 1] == 1).all()


def told(p: np.ndarray, y: np.ndarray, x: np.ndarray):
    judged = Judged([f"{row}" for row in range(len(y))], [f"c{k}" for k in range(p.shape[1])], y, p)
    return doubts(judged, Likeness(rivals(x, y), np.zeros(0, int), []), "judges")


def test_skill_is_accuracy_and_balanced_accuracy():
    from sklearn.metrics import accuracy_score, balanced_accuracy_score

    random = np.random.default_rng(0)
    p, y = random.dirichlet(np.ones(3), size=200), np.minimum(random.integers(5, size=200), 2)
    able = skill(p, y)
    assert able.right == pytest.approx(accuracy_score(y, p.argmax(axis=1)))
    assert able.recall == pytest.approx(balanced_accuracy_score(y, p.argmax(axis=1)))
    assert (able.chance, able.weak) == (pytest.approx(1 / 3), True)
    assert not skill(np.eye(3)[y], y).weak
    several = np.stack([y == 0, y == 1], axis=1).astype(int)
    assert skill(several.astype(float), several) == (1, 1, 0.5)


def test_judges_near_chance_propose_nothing():
    random = np.random.default_rng(0)
    y, x = random.integers(2, size=300), random.standard_normal((300, 3))
    (only,) = told(random.dirichlet([9, 9], size=300), y, x)
    assert (only.check, only.severity, only.fix) == ("noise", "note", "")
    assert "too weak to propose other labels: judges, right for" in only.says
    assert len(only.ids) == len(set(only.ids)) > 20


def test_a_label_is_changed_by_a_clear_margin_only():
    x, true, _ = noisy(120)
    p = 0.25 * np.eye(3)[true] + 0.25  # unsure judges, whose thresholds are low
    y = true.copy()
    y[:2] = (true[:2] + 1) % 3
    for row, (new, old) in enumerate(((0.8, 0.1), (0.52, 0.45))):
        p[row] = 1 - new - old
        p[row, true[row]], p[row, y[row]] = new, old
    found = {name: (f.fix, f.label) for f in told(p, y, x) if f.check == "mislabelled" for name in f.ids}
    assert found == {"0": ("relabel", f"c{true[0]}"), "1": ("keep", "")}
