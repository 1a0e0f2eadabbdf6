"""Calibration errors against torchmetrics and by hand."""

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_calibration_error, multiclass_calibration_error

from multicnn.insight.calibration import (
    calibration,
    classwise_calibration_error,
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
    assert found["ece_before"] == expected_calibration_error(p, y)
    assert found["ece_after"] == pytest.approx(abs(0.25 - (y == 0).mean()))
    assert found["loss_after"] == pytest.approx(np.log(4))
    assert sum(b["n"] for b in found["reliability_before"]) == 500
