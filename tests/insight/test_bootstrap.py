"""Intervals against their meaning."""

import numpy as np
import pytest

from multicnn.insight.bootstrap import intervals, measure, paired, resamples
from multicnn.tasks import Classify

TASK = Classify(("a", "b"))


def sample(n: int, accuracy: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 2, n)
    right = random.random(n) < accuracy
    sure = random.uniform(0.6, 0.9, n)
    p = np.where(right == (truth == 1), sure, 1 - sure)
    return np.stack([1 - p, p], axis=1), truth


def test_interval_of_the_accuracy_is_the_binomials():
    answer, truth = sample(400, 0.8, 0)
    value = measure(TASK, answer, truth)["accuracy"]
    low, high = intervals(TASK, answer, truth)["accuracy"]
    deviation = (value * (1 - value) / 400) ** 0.5
    assert low == pytest.approx(value - 1.96 * deviation, abs=0.008)
    assert high == pytest.approx(value + 1.96 * deviation, abs=0.008)


def test_intervals_cover_the_true_accuracy_about_19_times_in_20():
    covered = 0
    for seed in range(60):
        answer, truth = sample(150, 0.75, seed)
        low, high = intervals(TASK, answer, truth, seed=seed)["accuracy"]
        covered += low <= 0.75 <= high
    assert 51 <= covered <= 60


def test_a_resample_draws_as_many_as_there_are():
    assert all(weight.sum() == 50 for weight in resamples(50, 20, 0))


def test_a_run_does_not_differ_from_itself():
    answer, truth = sample(200, 0.8, 0)
    found = paired(TASK, answer, answer, truth)["accuracy"]
    assert found["difference"] == 0
    assert found["interval"] == [0, 0]
    assert found["p"] == 1


def test_pairing_finds_what_separate_intervals_hide():
    """One run is right wherever the other is, and 12 times more: intervals overlap, the difference is clear."""
    answer, truth = sample(300, 0.8, 0)
    better = answer.copy()
    wrong = np.flatnonzero(answer.argmax(axis=1) != truth)[:12]
    better[wrong] = better[wrong][:, ::-1]
    first, second = intervals(TASK, answer, truth)["accuracy"], intervals(TASK, better, truth)["accuracy"]
    assert first[1] > second[0]
    found = paired(TASK, answer, better, truth)["accuracy"]
    assert found["difference"] == pytest.approx(12 / 300)
    assert found["interval"][0] > 0
    assert found["p"] < 0.05
