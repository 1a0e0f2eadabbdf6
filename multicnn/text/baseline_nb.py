"""Another learner to beat: which words and pairs of words occur, weighed by how much more often in one class.

Wang and Manning 2012, aclanthology.org/P12-2018.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from multicnn.data.table import Table
from multicnn.text.baseline import of_words, words_and_pairs
from multicnn.text.reader import WordReader

NAME = "NB-SVM(1,2)"
SMOOTHING = 1.0  # alpha in the paper
TRUST = 0.25  # beta: how far the machine's own weights count, and not only their mean size
EVEN = 0.25  # share of the smaller of two classes from which on the paper's beta is of use


def nb_svm(
    reader: WordReader, table: Table, train: np.ndarray, test: np.ndarray, get: Callable[[int], np.ndarray]
) -> tuple[str, np.ndarray]:
    """The paper's NBSVM on words and pairs, with its settings (alpha 1, beta 0.25, C 1) for two classes.

    Of more, or of several labels, each stands against all others with beta 1, the machine's weights: the ratios of a
    rare class make much of words that are rare in both, and say so loudly where the weights are one size.
    A support vector machine knows no probabilities: the logistic of its answers stands for them, of one label in
    shares of their sum; only their order and their being above one half mean something. -> name, (test, k)
    """
    x, x_test = occurrences(reader, table.items[train].tolist(), table.items[test].tolist())
    truth = table.with_several().target[train]
    even = not table.several and truth.shape[1] == 2 and truth.mean(axis=0).min() >= EVEN
    beta = TRUST if even else 1.0
    margin = np.stack([margins(x, truth[:, k], x_test, beta=beta) for k in range(truth.shape[1])], axis=1)
    chance = 1 / (1 + np.exp(-np.clip(margin, -500, 500)))
    return NAME, chance if table.several else chance / chance.sum(axis=1, keepdims=True)


def occurrences(reader: WordReader, texts: list[str], others: list[str]) -> tuple[Any, Any]:
    """Which words and pairs of `texts` occur in each text, as sparse matrices of 0 and 1."""
    from sklearn.feature_extraction.text import CountVectorizer

    words = of_words(reader)

    def analyze(text: str) -> list[str]:
        return words_and_pairs(words.tokens(text))

    vectorizer = CountVectorizer(analyzer=analyze, binary=True, dtype=np.float64)  # pyright: ignore[reportArgumentType]
    return vectorizer.fit_transform(texts), vectorizer.transform(others)


def log_ratio(x: Any, y: np.ndarray, alpha: float = SMOOTHING) -> np.ndarray:
    """log((p / |p|) / (q / |q|)), p and q how often each feature occurs where `y` is true and false, plus alpha.

    (n, features), (n,) bool -> features
    """
    p, q = (alpha + np.asarray(x[np.flatnonzero(y == side)].sum(axis=0)).ravel() for side in (True, False))
    return np.log(p / p.sum()) - np.log(q / q.sum())


def margins(x: Any, y: np.ndarray, x_test: Any, *, beta: float) -> np.ndarray:
    """How far each text of `x_test` is on the side of `y`; -inf or inf where all training texts are on one.  -> m"""
    from sklearn.svm import LinearSVC

    if y.all() or not y.any():
        return np.full(x_test.shape[0], np.inf if y.all() else -np.inf)
    ratio = log_ratio(x, y)
    machine = LinearSVC(C=1.0, tol=0.1, random_state=0)  # liblinear's own tolerance
    machine.fit(x.multiply(ratio).tocsr(), y)
    own = machine.coef_[0]
    weights = (1 - beta) * np.abs(own).mean() + beta * own
    return x_test.multiply(ratio).tocsr() @ weights + np.ravel(machine.intercept_)[0]
