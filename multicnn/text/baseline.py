"""The learner to beat: a linear model on word pairs."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np

from multicnn.data.table import Table
from multicnn.text.reader import WordReader

MANY = 2_000_000  # weights, beyond which scikit-learn's own solver takes minutes
NAME = "TF-IDF(1,2) + logistic regression"


def baseline(
    reader: WordReader, table: Table, train: np.ndarray, test: np.ndarray, get: Callable[[int], np.ndarray]
) -> tuple[str, np.ndarray]:
    """Logistic regression on the TF-IDF of words and word pairs, cut by our own tokeniser; scikit-learn's defaults.

    Only beyond 2 million weights by stochastic average gradients (Schmidt et al. 2017), which come to the same ones, on
    52 classes in a twentieth of the time.
    Its vocabulary is all words of the training texts, also those that are too rare for the reader. Several labels: one
    model each. -> name, (test, k) probabilities
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = of_words(reader)

    def analyze(text: str) -> list[str]:
        return words_and_pairs(words.tokens(text))

    vectorizer = TfidfVectorizer(analyzer=analyze)  # pyright: ignore[reportArgumentType]  its stubs know only strings
    x = vectorizer.fit_transform(table.items[train].tolist())
    x_test = vectorizer.transform(table.items[test].tolist())
    if not table.several:
        return NAME, probabilities(x, table.target[train], x_test, len(table.classes))
    columns = [probabilities(x, table.target[train, k], x_test, 2)[:, 1] for k in range(len(table.classes))]
    return NAME, np.stack(columns, axis=1)


def of_words(reader: WordReader) -> WordReader:
    """The reader itself, or one of words where it reads letters."""
    return replace(reader, tokenizer="words") if reader.tokenizer == "characters" else reader


def words_and_pairs(words: list[str]) -> list[str]:
    """The words of a text, then the pairs of neighbours."""
    return words + [" ".join(pair) for pair in pairwise(words)]


def probabilities(x, y: np.ndarray, x_test, k: int) -> np.ndarray:
    """What logistic regression makes of (n, features) matrices; a class absent from `y` has probability 0.  -> n k"""
    from sklearn.linear_model import LogisticRegression

    answer = np.zeros((x_test.shape[0], k))
    present = np.unique(y).astype(int)
    if len(present) == 1:
        answer[:, present] = 1.0
    else:
        weights = x.shape[1] * (len(present) if len(present) > 2 else 1)
        solver = "sag" if weights > MANY else "lbfgs"
        machine = LogisticRegression(solver=solver, max_iter=1000, random_state=0)
        answer[:, present] = machine.fit(x, y).predict_proba(x_test)
    return answer
