"""The learner to beat: a linear model on what a person would note of a series."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from multicnn.audio.series.reader import SeriesReader
from multicnn.data.table import Table

NAME = "summaries + logistic regression"
PIECES = 5  # of a series, whose means tell its course


def baseline(
    reader: SeriesReader, table: Table, train: np.ndarray, test: np.ndarray, get: Callable[[int], np.ndarray]
) -> tuple[str, np.ndarray]:
    """Logistic regression on `summary`, standardised; scikit-learn's defaults. Several labels: one model each.

    -> name, (test, k) probabilities
    """
    from sklearn.preprocessing import StandardScaler

    from multicnn.audio.baseline import probabilities

    scaler = StandardScaler()
    x = np.asarray(scaler.fit_transform([summary(get(row)) for row in train]))
    x_test = np.asarray(scaler.transform([summary(get(row)) for row in test]))
    if not table.several:
        return NAME, probabilities(x, table.target[train], x_test, len(table.classes))
    columns = [probabilities(x, table.target[train, k], x_test, 2)[:, 1] for k in range(len(table.classes))]
    return NAME, np.stack(columns, axis=1)


def summary(series: np.ndarray) -> np.ndarray:
    """Length; of each channel mean, deviation, least, largest, mean step, and the means of five pieces.  t c -> n"""
    x = np.asarray(series, dtype=np.float64)
    step = np.abs(np.diff(x, axis=0)).mean(0) if len(x) > 1 else np.zeros(x.shape[1])
    edges = np.linspace(0, len(x), PIECES + 1)
    pieces = [x[int(a) : max(int(b), int(a) + 1)].mean(0) for a, b in pairwise(edges)]
    return np.concatenate([[len(x)], x.mean(0), x.std(0), x.min(0), x.max(0), step, *pieces])
