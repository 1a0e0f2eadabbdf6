"""Calibration errors against torchmetrics and by hand."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_calibration_error, multiclass_calibration_error

from multicnn.insight.calibration import (
    best,
    calibration,
    choose,
    classwise_calibration_error,
    coverage,
    covered,
    expected_calibration_error,
    reliability,
)


def some(n: int = 500, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.dirichlet(np.ones(k) / 2, n), random.integers(0, k, n)


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_the_error_is_that_of_torchmetrics(bins):
    p, y = some()
    theirs = multiclass_calibration_error(torch.from_numpy(p), torch.from_numpy(y), num_classes=4, n_bins=bins)
    assert expected_calibration_error(p, y, bins=bins) == pytest.approx(float(theirs), abs=1e-6)


def test_the_error_of_several_labels_is_that_of_torchmetrics_over_the_known_ones():
    random = np.random.default_rng(1)
    p, y = random.random((300, 3)), random.integers(-1, 2, (300, 3))
    theirs = binary_calibration_error(torch.from_numpy(p[y >= 0]), torch.from_numpy(y[y >= 0]), n_bins=15)
    assert expected_calibration_error(p, y) == pytest.approx(float(theirs), abs=1e-6)


def test_the_classwise_error_is_the_mean_over_the_classes():
    p, y = some()
    one = [binary_calibration_error(torch.from_numpy(p[:, k].copy()), torch.from_numpy(1 * (y == k))) for k in range(4)]
    assert classwise_calibration_error(p, y) == pytest.approx(float(np.mean(one)), abs=1e-6)
    several = np.eye(4, dtype=np.int8)[y]
    assert classwise_calibration_error(p, several) == pytest.approx(classwise_calibration_error(p, y), abs=1e-12)


def test_closed_cases():
    half = np.full((10, 2), 0.5)
    assert expected_calibration_error(half, np.arange(10) % 2) == pytest.approx(0.0, abs=1e-12)
    sure = np.eye(2)[[0, 0, 0, 1]]
    assert expected_calibration_error(sure, np.array([0, 0, 1, 1])) == pytest.approx(0.25)
    assert expected_calibration_error(sure, np.array([0, 0, 0, 1])) == 0
    assert expected_calibration_error(sure, np.full((4, 2), -1)) == 0  # nothing is known


def test_edges_belong_to_the_bin_below():
    p = np.array([[0.5, 0.5], [0.6, 0.4], [1.0, 0.0], [0.75, 0.25]])
    bins = reliability(p, np.array([0, 0, 0, 1]), bins=4)
    assert [b.n for b in bins] == [0, 1, 2, 1]
    assert (bins[2].low, bins[2].high) == (0.5, 0.75)
    assert bins[2].confidence == pytest.approx(0.675)
    assert bins[2].accuracy == 0.5


def test_before_and_after_are_told_apart():
    p, y = some()
    flat = np.full_like(p, 0.25)
    found = calibration(p, flat, y)
    assert found["n"] == 500
    assert found["changed"] == (p.argmax(axis=1) != 0).sum()
    assert found["ece_before"] == expected_calibration_error(p, y)
    assert found["ece_after"] == pytest.approx(abs(0.25 - (y == 0).mean()))
    assert found["loss_after"] == pytest.approx(np.log(4))
    assert sum(b["n"] for b in found["reliability_before"]) == 500


def test_the_coverage_is_counted_at_each_threshold():
    p = np.array([[0.9, 0.1], [0.2, 0.8], [0.8, 0.2], [0.6, 0.4]])
    found = coverage(p, np.array([0, 1, 1, 0]))
    assert found.threshold.tolist() == [0.9, 0.8, 0.6]
    assert found.answered.tolist() == [1, 3, 4]
    assert found.coverage.tolist() == [0.25, 0.75, 1]
    assert found.precision.tolist() == pytest.approx([1, 2 / 3, 3 / 4])


def test_of_several_labels_only_said_and_known_ones_count():
    p = np.array([[0.9, 0.7], [0.4, 0.8]])
    found = coverage(p, np.array([[1, 0], [1, -1]]))
    assert found.threshold.tolist() == [0.9, 0.7]
    assert found.precision.tolist() == [1, 0.5]
    assert best(coverage(p * 0.1, np.array([[1, 0], [1, -1]]))) is None


def test_the_floor_is_the_limit_of_clopper_and_pearson():
    from scipy.stats import binomtest

    right = np.random.default_rng(0).random(40) < 0.8
    found = covered(np.linspace(1, 0.5, 40), right)
    for n, floor in zip(found.answered, found.floor, strict=True):
        test = binomtest(int(right[:n].sum()), int(n), alternative="greater")
        assert floor == pytest.approx(test.proportion_ci(0.95, method="exact").low, abs=1e-9)


def test_the_lowest_threshold_that_proves_the_precision_is_chosen():
    right = np.r_[np.ones(80), np.zeros(20)].astype(bool)
    curve = covered(np.linspace(1, 0.1, 100), right)
    chosen = choose(curve, 0.9)
    assert chosen is not None
    assert chosen.floor >= 0.9
    assert chosen.answered == max(n for n, f in zip(curve.answered, curve.floor, strict=True) if f >= 0.9)
    assert choose(curve, 0.99) is None
    top = best(curve)
    assert top is not None
    assert top.answered == 80
    assert top.floor == pytest.approx(0.05 ** (1 / 80))


def test_a_chosen_threshold_seldom_misses_on_other_samples():
    """Over 200 validation parts of a calibrated classifier, of which mere precision would miss about half."""
    random = np.random.default_rng(0)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        sure = 1 / (1 + np.exp(-np.abs(random.normal(1.5, 1.6, n))))
        return sure, random.random(n) < sure

    many, missed = draw(200_000), []
    for _ in range(200):
        chosen = choose(covered(*draw(500)), 0.9)
        if chosen:
            missed.append(many[1][many[0] >= chosen.threshold].mean() < 0.9)
    assert len(missed) > 150
    assert np.mean(missed) < 0.1
