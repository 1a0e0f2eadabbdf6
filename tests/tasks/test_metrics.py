"""Metrics against scikit-learn, with and without bootstrap weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn import metrics as sk

from multicnn.tasks import metrics

SEEDS = st.integers(0, 10_000)


def answers(seed: int, n: int, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    probability = random.dirichlet(np.ones(k), n).round(2)  # rounded, so that ties occur
    return probability, random.integers(0, k, n), random.integers(0, 3, n).astype(float)


@pytest.mark.filterwarnings("ignore:y_pred contains classes")
@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(2, 60), st.integers(2, 8), st.booleans())
def test_single_label_metrics_are_scikit_learns(seed, n, k, weighted):
    probability, truth, weight = answers(seed, n, k)
    weight = weight + (weight.sum() == 0) if weighted else None
    answer = probability.argmax(axis=1)
    if weight is not None:  # scikit-learn's own notion of which classes are there counts rows of weight 0
        kept = weight > 0
        probability, truth, answer, weight = probability[kept], truth[kept], answer[kept], weight[kept]
    found = metrics.single_label(probability, truth, weight)
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(truth, answer, sample_weight=weight))
    expected = sk.f1_score(truth, answer, average="macro", sample_weight=weight, zero_division=0)
    assert found["f1_macro"] == pytest.approx(expected)
    balanced = sk.recall_score(
        truth, answer, labels=np.unique(truth), average="macro", sample_weight=weight, zero_division=0
    )
    assert found["balanced_accuracy"] == pytest.approx(balanced)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(2, 50), st.integers(2, 6))
def test_several_label_metrics_are_scikit_learns(seed, n, k):
    random = np.random.default_rng(seed)
    probability = random.random((n, k)).round(1)
    truth = random.random((n, k)) < 0.4
    found = metrics.several_labels(probability, truth)
    answer = probability >= 0.5
    assert found["f1_macro"] == pytest.approx(sk.f1_score(truth, answer, average="macro", zero_division=0))
    assert found["f1_micro"] == pytest.approx(sk.f1_score(truth, answer, average="micro", zero_division=0))
    assert found["exact_match"] == pytest.approx(sk.accuracy_score(truth, answer))
    with_positives = truth.any(axis=0)
    if with_positives.any():
        expected = sk.average_precision_score(truth[:, with_positives], probability[:, with_positives], average="macro")
        assert found["map"] == pytest.approx(expected)
        assert found["lwlrap"] == pytest.approx(ranking(truth, probability))
    both = with_positives & ~truth.all(axis=0)
    if both.any():
        area = sk.roc_auc_score(truth[:, both], probability[:, both], average="macro")
        assert found["auc_macro"] == pytest.approx(area)
        if 0.001 < area < 0.999:
            assert found["d_prime"] == pytest.approx(2**0.5 * norm.ppf(area))


def ranking(truth: np.ndarray, probability: np.ndarray) -> float:
    """lwlrap as its authors compute it with scikit-learn: samples weighed by their labels."""
    labelled = truth.any(axis=1)
    return float(
        sk.label_ranking_average_precision_score(
            truth[labelled], probability[labelled], sample_weight=truth[labelled].sum(axis=1)
        )
    )


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(5, 40), st.integers(2, 5))
def test_unknown_labels_do_not_count(seed, n, k):
    """Each class is measured as if it had only the samples where its label is known."""
    random = np.random.default_rng(seed)
    probability = random.random((n, k)).round(1)
    truth = np.where(random.random((n, k)) < 0.5, -1, random.random((n, k)) < 0.5).astype(np.int8)
    found = metrics.several_labels(probability, truth)
    known = [truth[:, j] >= 0 for j in range(k)]
    f1, precision, area, loss = [], [], [], np.zeros((n, k))
    for j in range(k):
        true, score = truth[known[j], j], probability[known[j], j]
        f1.append(sk.f1_score(true, score >= 0.5, zero_division=0) if len(true) else 0.0)
        if true.any():
            precision.append(sk.average_precision_score(true, score))
        if true.any() and not true.all():
            area.append(sk.roc_auc_score(true, score))
        p = score.clip(metrics.EPSILON, 1 - metrics.EPSILON)
        loss[known[j], j] = -np.log(np.where(true, p, 1 - p))
    assert found["f1_macro"] == pytest.approx(np.mean(f1))
    assert found["map"] == pytest.approx(np.mean(precision) if precision else 0.0)
    assert found["auc_macro"] == pytest.approx(np.mean(area) if area else 0.5)
    right = [((probability[i] >= 0.5) == truth[i])[truth[i] >= 0].all() for i in range(n)]
    assert found["exact_match"] == pytest.approx(np.mean(right))
    counts = np.maximum((truth >= 0).sum(axis=1), 1)
    assert metrics.log_loss(probability, truth) == pytest.approx(loss.sum(axis=1) / counts)
    if (truth > 0).any():
        assert found["lwlrap"] == pytest.approx(ranked_by_hand(probability, truth))


def ranked_by_hand(probability: np.ndarray, truth: np.ndarray) -> float:
    """lwlrap label by label, ranks among the known labels of a sample."""
    found = []
    for p, t in zip(probability, truth, strict=True):
        for j in np.flatnonzero(t > 0):
            above = (p >= p[j]) & (t >= 0)
            found.append((above & (t > 0)).sum() / above.sum())
    return float(np.mean(found))


def test_a_weight_of_two_is_the_sample_twice():
    probability, truth, _ = answers(1, 30, 4)
    weight = np.ones(30)
    weight[[3, 7]] = 2
    rows = [*range(30), 3, 7]
    assert metrics.single_label(probability, truth, weight) == pytest.approx(
        metrics.single_label(probability[rows], truth[rows])
    )
    labels = np.random.default_rng(0).random((30, 4)) < 0.5
    assert metrics.several_labels(probability, labels, weight) == pytest.approx(
        metrics.several_labels(probability[rows], labels[rows])
    )


def test_top_5_is_scikit_learns_where_no_scores_tie():
    random = np.random.default_rng(0)
    probability, truth = random.dirichlet(np.ones(9), 200), random.integers(0, 9, 200)
    expected = sk.top_k_accuracy_score(truth, probability, k=5)
    assert metrics.single_label(probability, truth)["top5_accuracy"] == pytest.approx(expected)


def test_log_loss_is_scikit_learns():
    random = np.random.default_rng(0)
    probability, truth = random.dirichlet(np.ones(4), 100), random.integers(0, 4, 100)
    assert metrics.log_loss(probability, truth).mean() == pytest.approx(
        sk.log_loss(truth, probability, labels=range(4))
    )
    labels = random.random((100, 4)) < 0.3
    expected = np.mean([sk.log_loss(labels[:, j], probability[:, j], labels=[0, 1]) for j in range(4)])
    assert metrics.log_loss(probability, labels).mean() == pytest.approx(expected)
