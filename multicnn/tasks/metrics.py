"""Metrics of classification, each with its definition in its name; all from arrays, all able to weigh samples.

Weights (n,) are how often each sample counts: ones for the metric itself, a bootstrap's draws for its interval.
"""

from statistics import NormalDist

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
    """f1_macro, f1_micro and exact_match at the threshold 0.5; map (mean of the classes' average precision), auc_macro
    (mean of their areas under the ROC curve), d_prime (that area as a distance) and lwlrap.

    truth: 1, 0, or -1 for what is not known and does not count. As scikit-learn defines them: f1_score, accuracy_score,
    average_precision_score and roc_auc_score over the classes that occur, label_ranking_average_precision_score with
    each sample weighed by its labels. d' is sqrt(2) times the normal quantile of auc_macro, Gemmeke et al. 2017,
    doi.org/10.1109/ICASSP.2017.7952261.
    """
    once = np.ones(len(truth)) if weight is None else weight
    known, true = truth >= 0, truth > 0
    answer = (probability >= 0.5) & known
    hit, both = once @ (answer & true), once @ answer + once @ true
    positive = once @ true > 0
    precision, area = curves(probability, truth, once)
    mean_area = float(area[both_occur].mean()) if (both_occur := ~np.isnan(area)).any() else 0.5
    return {
        "f1_macro": float(ratio(2 * hit, both).mean()),
        "f1_micro": float(ratio(2 * hit.sum(keepdims=True), both.sum(keepdims=True))[0]),
        "exact_match": float(np.average((answer == true).all(axis=1), weights=once)),
        "map": float(precision[positive].mean()) if positive.any() else 0.0,
        "auc_macro": mean_area,
        "d_prime": d_prime(mean_area),
        "lwlrap": ranked(probability, truth, once),
    }


def curves(probability: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average precision (mean precision at each new recall; 0 without positives) and area under the ROC curve (NaN
    without positives or negatives) of each class, from its known labels, ties taken together.  n k, n k -> k, k
    """
    precision, area = np.zeros(truth.shape[1]), np.full(truth.shape[1], np.nan)
    for k in range(truth.shape[1]):
        known = np.flatnonzero(truth[:, k] >= 0)
        order = known[np.argsort(-probability[known, k], kind="stable")]
        score, w = probability[order, k], weight[order]
        if not len(order):
            continue
        last = np.flatnonzero(np.r_[score[1:] != score[:-1], True])  # the end of each run of ties
        hits, seen = np.cumsum(w * (truth[order, k] > 0))[last], np.cumsum(w)[last]
        if hits[-1] > 0:
            precision[k] = (ratio(hits, seen) * np.diff(hits, prepend=0)).sum() / hits[-1]
        if 0 < hits[-1] < seen[-1]:
            missed, total = seen - hits, hits[-1] * (seen[-1] - hits[-1])
            area[k] = (np.diff(missed, prepend=0) * (hits - np.diff(hits, prepend=0) / 2)).sum() / total
    return precision, area


def d_prime(area: float) -> float:
    """How far apart two normal distributions of deviation 1 lie whose ROC curve has this area; at most 7.4."""
    return 2**0.5 * NormalDist().inv_cdf(min(max(area, EPSILON), 1 - EPSILON))


def ranked(probability: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> float:
    """lwlrap: at each true label of each sample, the share of true ones among the known labels that rank as high; the
    mean over all true labels. dcase.community/challenge2019/task-audio-tagging
    """
    score = np.where(truth >= 0, probability, -np.inf)
    order = np.argsort(-score, axis=1, kind="stable")
    score, true = np.take_along_axis(score, order, 1), np.take_along_axis(truth, order, 1) > 0
    place = np.arange(1, score.shape[1] + 1)
    ends = np.c_[score[:, 1:] != score[:, :-1], np.ones(len(score), bool)]  # of each run of ties
    end = np.minimum.accumulate(np.where(ends, place, score.shape[1])[:, ::-1], axis=1)[:, ::-1]
    hits = np.take_along_axis(np.cumsum(true, axis=1), end - 1, 1)
    labels = (true * weight[:, None]).sum()
    return float((true * weight[:, None] * hits / end).sum() / labels) if labels > 0 else 0.0


def log_loss(probability: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Cross-entropy of each sample, in nats; several labels: the mean over the known ones.  n k, n | n k -> n"""
    p = np.clip(probability.astype(np.float64), EPSILON, 1 - EPSILON)
    if truth.ndim == 1:
        return -np.log(np.take_along_axis(p, truth[:, None], axis=1))[:, 0]
    known, loss = truth >= 0, -np.where(truth > 0, np.log(p), np.log1p(-p))
    return (loss * known).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
