"""The linear learners beside every result, against scikit-learn's parts and the paper's formulas."""

import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import MultinomialNB
from sklearn.svm import LinearSVC

from multicnn.data.table import Table, number, number_several, strings
from multicnn.text.baseline import probabilities, words_and_pairs
from multicnn.text.baseline_nb import NAME, log_ratio, margins, nb_svm, occurrences
from multicnn.text.datasets import reviews
from multicnn.text.reader import WordReader

READER = WordReader(words=())


def unread(row: int) -> np.ndarray:
    raise AssertionError(f"a linear learner needs no decoded sample, but asked for row {row}")


def set_of(texts: list[str], labels: list) -> Table:
    several = isinstance(labels[0], list)
    classes, target = number_several(labels) if several else number(labels)
    return Table("set", strings(texts), strings(range(len(texts))), classes, target)


def test_the_ratio_is_the_formula_of_the_paper_by_hand():
    x = csr_matrix([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    found = log_ratio(x, np.array([True, True, False]))
    p, q = np.array([3, 1, 2]), np.array([1, 2, 2])  # alpha 1 and the texts of each side that hold the feature
    assert found == pytest.approx([math.log(a / 6 / (b / 5)) for a, b in zip(p, q, strict=True)], rel=1e-12)


def test_the_ratio_orders_texts_as_naive_bayes_of_scikit_learn_does():
    rng = np.random.default_rng(0)
    x = csr_matrix((rng.random((60, 40)) < 0.2).astype(float))
    y = rng.random(60) < 0.4
    bayes = MultinomialNB(alpha=1.0).fit(x, y)
    chance = bayes.predict_log_proba(x)
    prior = math.log(y.sum() / (~y).sum())
    assert np.asarray(x @ log_ratio(x, y)) + prior == pytest.approx(chance[:, 1] - chance[:, 0], abs=1e-9)


def test_words_and_pairs_that_occur_are_those_of_scikit_learn():
    texts = ["a b a b c", "c c c", "", "b a"]
    x, new = occurrences(READER, texts, ["a b d", "a d b"])
    count = CountVectorizer(ngram_range=(1, 2), binary=True, token_pattern=r"\w").fit(texts)
    assert (x != count.transform(texts).astype(float)).nnz == 0
    assert (new != count.transform(["a b d", "a d b"]).astype(float)).nnz == 0


@pytest.mark.parametrize("beta", [0.0, 0.25, 1.0])
def test_margins_are_those_of_the_machine_on_weighed_features(beta: float):
    rng = np.random.default_rng(1)
    x = (rng.random((80, 30)) < 0.3).astype(float)
    y = x[:, 0] + 0.3 * rng.random(80) > 0.6
    ratio = np.log(((1 + x[y].sum(0)) / (1 + x[y].sum(0)).sum()) / ((1 + x[~y].sum(0)) / (1 + x[~y].sum(0)).sum()))
    machine = LinearSVC(C=1.0, tol=0.1, random_state=0).fit(x * ratio, y)
    own = machine.coef_[0]
    expected = (x * ratio) @ ((1 - beta) * np.mean(np.abs(own)) + beta * own) + machine.intercept_[0]
    assert margins(csr_matrix(x), y, csr_matrix(x), beta=beta) == pytest.approx(expected, abs=1e-9)


def test_at_full_trust_without_ratios_it_is_the_plain_machine(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("multicnn.text.baseline_nb.log_ratio", lambda x, y: np.ones(x.shape[1]))
    rng = np.random.default_rng(2)
    x = (rng.random((60, 20)) < 0.3).astype(float)
    y = rng.integers(0, 3, 60)
    plain = OneVsRestClassifier(LinearSVC(C=1.0, tol=0.1, random_state=0)).fit(csr_matrix(x), y)
    mine = np.stack([margins(csr_matrix(x), y == k, csr_matrix(x), beta=1.0) for k in range(3)], axis=1)
    assert mine == pytest.approx(plain.decision_function(csr_matrix(x)), abs=1e-9)


def test_it_learns_reviews_better_than_chance_and_answers_in_shares():
    table = reviews()
    train, test = np.arange(0, 3000, 2), np.arange(1, 3000, 2)
    name, answer = nb_svm(READER, table, train, test, unread)
    assert name == NAME
    assert answer.sum(axis=1) == pytest.approx(1)
    assert 0.78 < (answer.argmax(axis=1) == table.target[test]).mean() < 0.9


def test_many_and_uneven_classes_trust_the_machine(monkeypatch: pytest.MonkeyPatch):
    used = []
    monkeypatch.setattr("multicnn.text.baseline_nb.margins", lambda x, y, new, beta: used.append(beta) or np.zeros(4))
    for labels in (["x", "y"] * 2, ["x", "y", "z", "x"], ["x"] * 4 + ["y"], [["x"], ["y"], [], ["x", "y"]]):
        table = set_of(["a", "b", "c", "a", "d"][: len(labels)], labels)
        nb_svm(READER, table, np.arange(len(labels)), np.arange(4), unread)
    assert used == [0.25, 0.25, 1, 1, 1, 1, 1, 1, 1]


def test_the_solver_for_many_weights_comes_to_those_of_scikit_learns_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(probabilities.__globals__, "MANY", 0)
    table = reviews()
    rng = np.random.default_rng(0)
    target = np.where(rng.random(len(table)) < 0.2, 2, table.target)  # a third class
    vectors = TfidfVectorizer(analyzer=lambda t: words_and_pairs(READER.tokens(t)))
    x = vectors.fit_transform(table.items[:1000].tolist())
    new = vectors.transform(table.items[1000:].tolist())
    plain = LogisticRegression(max_iter=1000, tol=1e-8).fit(x, target[:1000]).predict_proba(new)
    assert probabilities(x, target[:1000], new, 4)[:, :3] == pytest.approx(plain, abs=3e-3)


def test_several_labels_are_told_one_by_one():
    texts = ["red apple", "green apple", "red car", "green car"] * 10
    labels = [[c for c in ("apple", "red") if c in text] for text in texts]
    table = set_of(texts, labels)
    _, answer = nb_svm(READER, table, np.arange(20), np.arange(20, 40), unread)
    assert ((answer > 0.5) == table.target[20:]).all()


def test_a_class_that_training_never_or_always_saw_is_never_or_always_told():
    table = set_of(["a", "b", "c", "a"], [["always", "x"], ["always"], ["always"], ["rare"]])
    _, answer = nb_svm(READER, table, np.arange(3), np.arange(4), unread)
    assert answer[:, table.classes.index("always")] == pytest.approx(1)
    assert answer[:, table.classes.index("rare")] == pytest.approx(0)
    single = set_of(["a", "b", "a b", "c"], ["x", "y", "x", "z"])
    _, answer = nb_svm(READER, single, np.arange(3), np.arange(4), unread)
    assert answer[:, 2] == pytest.approx(0)
    assert np.isfinite(answer).all()
