"""How sure a classifier is, set right by one number: temperature scaling, Guo et al. 2017, arXiv 1706.04599."""

import math
from typing import Protocol

import numpy as np

from multicnn.errors import UsageError

LOWEST, HIGHEST = 0.05, 20.0
LEAST = 50  # samples that a temperature is fitted on
DOUBT = 0.05  # probability of so good a temperature where 1 is the true one
LEAST_WRONG = 5  # of them, for without errors it would fall without end


def checked(temperature: float | None) -> float:
    """The setting, 1 where it is left open. Raises UsageError for what no logits can be divided by."""
    if temperature is not None and not LOWEST <= temperature <= HIGHEST:
        raise UsageError(f"task.temperature is {temperature}; it must be from {LOWEST:g} to {HIGHEST:g}")
    return 1.0 if temperature is None else float(temperature)


def fit_temperature(logits: np.ndarray, y: np.ndarray, *, of: np.ndarray | None = None) -> float:
    """What divides the logits so that their probabilities have the least cross-entropy, from 0.05 to 20.

    y: class numbers, or of several labels 1, 0, and -1 for what is not known. of: the sample of each row of logits,
    where samples have several windows whose probabilities are averaged; the rows are the samples, unless given. The
    cross-entropy is convex in the inverse of the temperature if each sample has one window; its derivative's root is
    found by Brent's method.  m k, (n,) | n k -> a number
    """
    from scipy.optimize import brentq

    z, own, of = asked(logits, y, of)

    def slope(inverse: float) -> float:
        weight = np.exp(inverse * z)
        total = weight.sum(axis=1)
        mean = np.einsum("mk,mk->m", weight, z) / total
        share = (np.exp(inverse * own) / total).clip(np.finfo(float).tiny)
        share /= np.bincount(of, share)[of]
        return float((share * (mean - own)).sum())

    low, high = 1 / HIGHEST, 1 / LOWEST
    if slope(low) >= 0:
        return HIGHEST
    if slope(high) <= 0:
        return LOWEST
    return float(1 / np.asarray(brentq(slope, low, high, xtol=1e-9)))


def cross_entropy(logits: np.ndarray, y: np.ndarray, temperature: float, *, of: np.ndarray | None = None) -> float:
    """What `fit_temperature` makes least: the sum over the samples, and over their known labels, in nats."""
    z, own, of = asked(logits, y, of)
    p = np.exp(own / temperature) / np.exp(z / temperature).sum(axis=1)
    mean = np.bincount(of, p) / np.maximum(np.bincount(of), 1)
    return float(-np.log(mean.clip(np.finfo(float).tiny)).sum())


def asked(logits: np.ndarray, y: np.ndarray, of: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The logits with 0 for the highest, that of the truth, and the sample of each row.  -> m k, m, m"""
    z, truth, of = binary(logits, y, of) if y.ndim == 2 else (logits.astype(np.float64), y, of)
    of = np.arange(len(z)) if of is None else of
    z = z - z.max(axis=1, keepdims=True)
    return z, z[np.arange(len(z)), truth[of]], of


def binary(
    logits: np.ndarray, y: np.ndarray, of: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Each known label of each sample as a question of two classes.  m k, n k, m -> q 2, a, q"""
    of = np.arange(len(logits)) if of is None else of
    known = y >= 0
    number = np.cumsum(known.ravel()).reshape(known.shape) - 1
    asked = known[of]
    z = np.stack([np.zeros(asked.sum()), logits[asked].astype(np.float64)], axis=1)
    return z, (y[known] > 0).astype(np.int64), number[of][asked]


def too_little(answer: np.ndarray, y: np.ndarray) -> str | None:
    """Why these answers cannot tell a temperature, or None where they can.  n k, (n,) | n k"""
    if y.ndim == 2:
        wrong, asked = ((answer >= 0.5) != (y > 0)) & (y >= 0), (y >= 0).any(axis=1)
    else:
        wrong, asked = answer.argmax(axis=1) != y, np.ones(len(y), dtype=bool)
    if asked.sum() < LEAST:
        return f"the validation part has {asked.sum():,} samples, and {LEAST} are needed"
    if wrong.sum() < LEAST_WRONG:
        return f"{wrong.sum()} answers of the validation part are wrong, and {LEAST_WRONG} are needed"
    return None


class Scaled(Protocol):
    """A task, as far as its temperature goes."""

    temperature: float
    given: bool


def settled(task: Scaled, out: np.ndarray, of: np.ndarray, answer: np.ndarray, y: np.ndarray) -> tuple[float, str]:
    """The temperature that a task takes, see `multicnn.train.task.Calibrated`, and why.

    It stays 1 where a likelihood-ratio test finds the best no better: one of few samples does more harm than good.
    """
    if task.given:
        return task.temperature, f"temperature {task.temperature:g}, as it was given"
    if why := too_little(answer, y):
        return 1.0, f"temperature 1, for {why}"
    found = round(fit_temperature(out, y, of=of), 4)
    gain = cross_entropy(out, y, 1.0, of=of) - cross_entropy(out, y, found, of=of)
    chance = math.erfc(max(gain, 0.0) ** 0.5)  # of the chi-square distribution with one degree of freedom
    if chance > DOUBT:
        best = f"{found:g}, the best on {len(y):,} validation samples, is not clearly better (p = {chance:.2f})"
        return 1.0, f"temperature 1, for {best}"
    limit = ", the limit" if found in (LOWEST, HIGHEST) else ""
    return found, f"temperature {found:g}{limit}, fitted on {len(y):,} validation samples"
