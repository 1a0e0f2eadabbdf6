"""Probabilities of learners that had not learnt the label they judge."""

from collections.abc import Callable

import numpy as np

SHRINKING = 0.01  # C of the logistic regression: chosen on noise planted in digits, instruments and reviews
MOST = 20_000  # samples that one fold's learner learns from


def folded(
    learn: Callable[[np.ndarray, np.ndarray], np.ndarray], fold: np.ndarray, k: int, *, seed: int = 0
) -> np.ndarray:
    """Each sample judged by what was learnt from the other folds.

    learn: `(rows to learn from, rows to judge) -> (judged, k)`.  fold: (n,) numbers.  -> n k
    """
    random, found = np.random.default_rng(seed), np.zeros((len(fold), k))
    for number in np.unique(fold):
        others, rows = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        some = others if len(others) <= MOST else np.sort(random.choice(others, MOST, replace=False))
        found[rows] = learn(some, rows)
    return found


def linear(x: np.ndarray, y: np.ndarray, new: np.ndarray, k: int) -> np.ndarray:
    """Logistic regression on standardised features; a class that is absent has probability 0.

    x: m d.  y: (m,) class numbers, or (m, k) 1, 0, -1 for several labels, one learner each.  new: n d -> n k
    """
    if y.ndim == 2:
        pairs = [(y[:, c] >= 0, y[:, c]) for c in range(k)]
        return np.stack([_linear(x[known], column[known], new, 2)[:, 1] for known, column in pairs], axis=1)
    return _linear(x, y, new, k)


def _linear(x: np.ndarray, y: np.ndarray, new: np.ndarray, k: int) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    found = np.zeros((len(new), k))
    present = np.unique(y).astype(np.int64)
    if len(present) <= 1:
        found[:, present] = 1.0
        return found
    machine = make_pipeline(StandardScaler(), LogisticRegression(C=SHRINKING, max_iter=1000))
    found[:, present] = machine.fit(x, y).predict_proba(new)
    return found
