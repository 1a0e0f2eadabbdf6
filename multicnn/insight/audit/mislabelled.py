"""Which labels are likely wrong: confident learning.

Northcutt, Jiang and Chuang 2021, arxiv.org/abs/1911.00068. It reads probabilities that were given out of fold, by
learners that had not learnt the label in question.
"""

from typing import NamedTuple

import numpy as np


class Skill(NamedTuple):
    """How well judges agree out of fold with the given labels.

    right: share of the labels.  recall: the mean over the classes of the share of each one's.  chance: of the recall.
    """

    right: float
    recall: float
    chance: float

    @property
    def weak(self) -> bool:
        """Whether the judges are less than half way from chance to all: most labels that they doubt are then right."""
        return self.recall < (1 + self.chance) / 2


class Suspects(NamedTuple):
    """Samples whose label is likely wrong, the worst first.

    rows: (m,).  label: (m,) the class number that is likely instead; of several labels the one in question.
    margin: (m,) probability of the given label minus that of the likely one, -1 to 1.
    """

    rows: np.ndarray
    label: np.ndarray
    margin: np.ndarray


def skill(p: np.ndarray, y: np.ndarray) -> Skill:
    """p: n k, given out of fold.  y: (n,) class numbers, or (n, k) 1, 0 and -1, each class against its absence"""
    if y.ndim == 2:
        known = y >= 0
        each = [
            skill(np.stack([1 - q[k], q[k]], axis=1), c[k].astype(int))
            for q, c, k in zip(p.T, y.T, known.T, strict=True)
        ]
        return Skill(*(float(np.mean(part)) for part in zip(*each, strict=True)))
    if not len(y):
        return Skill(1.0, 1.0, 1.0)
    right, present = p.argmax(axis=1) == y, np.unique(y)
    recall = float(np.mean([right[y == k].mean() for k in present]))
    return Skill(float(right.mean()), recall, 1 / len(present))


def thresholds(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Of each class the mean probability of itself over its samples (the paper's t_j); inf without samples.  -> k"""
    k = p.shape[1]
    count = np.bincount(y, minlength=k)
    total = np.bincount(y, weights=p[np.arange(len(y)), y], minlength=k)
    return np.where(count, total / np.maximum(count, 1), np.inf)


def likely(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The likeliest class of those whose threshold each sample reaches, -1 where it reaches none.  n k -> n"""
    sure = p >= thresholds(p, y)
    return np.where(sure.any(axis=1), np.where(sure, p, -1).argmax(axis=1), -1)


def joint(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The estimated share of samples of each given class that are truly of each class; sums to 1.  -> k k

    The paper's confident joint, its rows made to sum to the counts of the given labels; a class without a sure sample
    is taken to be right.
    """
    k = p.shape[1]
    true = likely(p, y)
    counted = np.zeros((k, k))
    np.add.at(counted, (y[true >= 0], true[true >= 0]), 1)
    lost = counted.sum(axis=1) == 0
    counted[lost, lost] = 1
    counted *= (np.bincount(y, minlength=k) / counted.sum(axis=1))[:, None]
    return counted / max(1, len(y))


def noise(p: np.ndarray, y: np.ndarray) -> float:
    """The estimated share of wrong labels."""
    shares = joint(p, y)
    return float(shares.sum() - np.trace(shares))


def mislabelled(p: np.ndarray, y: np.ndarray) -> Suspects:
    """Samples that are counted off the diagonal of the confident joint, by margin.

    p: n k, given out of fold.  y: (n,) given class numbers
    """
    true = likely(p, y)
    rows = np.flatnonzero((true >= 0) & (true != y))
    margin = p[rows, y[rows]] - p[rows, true[rows]]
    order = np.argsort(margin, kind="stable")
    return Suspects(rows[order], true[rows[order]], margin[order])


def mislabelled_several(p: np.ndarray, y: np.ndarray) -> Suspects:
    """The same for several labels a sample, each class against its absence; a sample may come more than once.

    p: n k, each class by itself.  y: (n, k) 1, 0, or -1 for what is not known
    """
    found = []
    for k in range(y.shape[1]):
        known = np.flatnonzero(y[:, k] >= 0)
        some = mislabelled(np.stack([1 - p[known, k], p[known, k]], axis=1), y[known, k].astype(np.int64))
        found.append(Suspects(known[some.rows], np.full(len(some.rows), k), some.margin))
    rows, label, margin = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(margin, kind="stable")
    return Suspects(rows[order], label[order], margin[order])


def margins(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Probability of the given class minus the highest of any other: small where the label is doubtful.  n k -> n"""
    rows = np.arange(len(y))
    others = p.copy()
    others[rows, y] = -np.inf
    return p[rows, y] - others.max(axis=1)
