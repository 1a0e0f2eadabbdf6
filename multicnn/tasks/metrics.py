"""Metrics of classification, each with its definition in its name; all from arrays, all able to weigh samples.

Weights (n,) are how often each sample counts: ones for the metric itself, a bootstrap's draws for its interval.
"""

import numpy as np

EPSILON = 1e-7  # keeps a logarithm finite when a probability is 0


def confusion(truth: np.ndarray, answer: np.ndarray, k: int, weight: np.ndarray | None = None) -> np.ndarray:
    """How often class i was answered as class j.  n, n -> k k"""
    return np.bincount(truth * k + answer, weights=weight, minlength=k * k).reshape(k, k)


def precision_recall_f1(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per class, 0 where undefined.  k k -> k, k, k"""
    hit, answered, true = np.diagonal(table), table.sum(axis=0), table.sum(axis=1)
    return ratio(hit, answered), ratio(hit, true), ratio(2 * hit, answered + true)


def ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """Element by element, 0 where the divisor is 0."""
    return np.divide(over, under, out=np.zeros(np.shape(under)), where=np.asarray(under) > 0)


def single_label(probability: np.ndarray, truth: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """accuracy, f1_macro and balanced_accuracy over the classes that occur in truth or answer, top5_accuracy if k > 5.

    As scikit-learn defines them: accuracy_score, f1_score(average="macro"), balanced_accuracy_score.
    """
    k = probability.shape[1]
    table = confusion(truth, probability.argmax(axis=1), k, weight)
    _, recall, f1 = precision_recall_f1(table)
    true = table.sum(axis=1) > 0
    present = true | (table.sum(axis=0) > 0)
    found = {
        "accuracy": float(np.trace(table) / table.sum()),
        "f1_macro": float(f1[present].mean()),
        "balanced_accuracy": float(recall[true].mean()),
    }
    if k > 5:
        found["top5_accuracy"] = float(np.average(top(probability, truth, 5), weights=weight))
    return found


def top(probability: np.ndarray, truth: np.ndarray, n: int) -> np.ndarray:
    """Whether fewer than `n` classes beat the true one.  n k, n -> n"""
    own = np.take_along_axis(probability, truth[:, None], axis=1)
    return (probability > own).sum(axis=1) < n


def several_labels(probability: np.ndarray, truth: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
    """f1_macro, f1_micro and exact_match at the threshold 0.5, and map (mean of the classes' average precision).

    As scikit-learn defines them: f1_score, accuracy_score, average_precision_score over classes with positives.
    """
    once = np.ones(len(truth)) if weight is None else weight
    answer = probability >= 0.5
    hit = once @ (answer & truth)
    both = once @ answer + once @ truth
    positive = once @ truth > 0
    return {
        "f1_macro": float(ratio(2 * hit, both).mean()),
        "f1_micro": float(ratio(2 * hit.sum(keepdims=True), both.sum(keepdims=True))[0]),
        "exact_match": float(np.average((answer == truth).all(axis=1), weights=once)),
        "map": float(average_precision(probability, truth, once)[positive].mean()) if positive.any() else 0.0,
    }


def average_precision(probability: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean precision at each new recall, ties taken together; 0 for a class without positives.  n k, n k -> k"""
    found = np.zeros(truth.shape[1])
    for k in range(truth.shape[1]):
        order = np.argsort(-probability[:, k], kind="stable")
        score, true, w = probability[order, k], truth[order, k], weight[order]
        last = np.flatnonzero(np.r_[score[1:] != score[:-1], True])  # the end of each run of ties
        hits, seen = np.cumsum(w * true)[last], np.cumsum(w)[last]
        if hits[-1] > 0:
            found[k] = (ratio(hits, seen) * np.diff(hits, prepend=0)).sum() / hits[-1]
    return found


def log_loss(probability: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Cross-entropy of each sample, in nats; several labels: the mean over the classes.  n k, n | n k -> n"""
    p = np.clip(probability.astype(np.float64), EPSILON, 1 - EPSILON)
    if truth.ndim == 1:
        return -np.log(np.take_along_axis(p, truth[:, None], axis=1))[:, 0]
    return -np.where(truth, np.log(p), np.log1p(-p)).mean(axis=1)
