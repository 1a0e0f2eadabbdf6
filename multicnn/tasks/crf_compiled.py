"""The loops of a chain of tags, compiled when they are first called; importing this file imports numba.

`out`: emissions, transitions, starts and ends as `multicnn.tasks.crf` lays them out, one sample's `k t+k+2` or a
batch's. A sample's cells are first to last. Inner sums are in float64.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

SMALLEST = 1e-150  # of a scaled sum; below, float64 loses paths


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Machine code, kept on disk where a place may be written, see numba's NUMBA_CACHE_DIR."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba's word for no such place
        return njit(nogil=True)(function)


@compiled
def chain(out: np.ndarray, before: np.ndarray, chances: np.ndarray) -> None:
    """e to the transitions, starts and ends into `chances`, unless `before`, of which it holds them, has the same.

    k t+k+2, k t+k+2 -> k k+2
    """
    k, n = chances.shape
    t = out.shape[1] - n
    if np.array_equal(out[:, t:], before[:, t:]) and chances[0, n - 1] >= 0:
        return
    for i in range(k):
        for j in range(n):
            chances[i, j] = np.exp(out[i, t + j])


@compiled
def forward(
    out: np.ndarray,
    chances: np.ndarray,
    first: int,
    last: int,
    alpha: np.ndarray,
    chance: np.ndarray,
    scale: np.ndarray,
) -> tuple[float, float]:
    """Shares of the paths that end in each tag, e to the emissions, and the inverse of each cell's sum.

    -> log of the sum over all paths, least sum of a cell.  k t+k+2, k k+2 -> t k, t k, t
    """
    k = len(out)
    log, least = 0.0, np.inf
    for c in range(first, last + 1):
        most = out[:, c].max()
        for j in range(k):
            chance[c, j] = np.exp(out[j, c] - most)
            alpha[c, j] = chances[j, k] if c == first else 0.0
        if c > first:
            for i in range(k):
                a = alpha[c - 1, i]
                for j in range(k):
                    alpha[c, j] += a * chances[i, j]
        total = 0.0
        for j in range(k):
            alpha[c, j] *= chance[c, j]
            total += alpha[c, j]
        scale[c] = 1 / total if total > 0 else 0.0
        for j in range(k):
            alpha[c, j] *= scale[c]
        log += most + (np.log(total) if total > 0 else 0.0)
        least = min(least, total)
    total = 0.0
    for i in range(k):
        total += alpha[last, i] * chances[i, k + 1]
    least = min(least, total)
    return (log + np.log(total) if least > SMALLEST else np.nan), total


@compiled
def score(out: np.ndarray, tags: np.ndarray, first: int, last: int) -> float:
    """Of one path.  k t+k+2, t -> the number"""
    t = out.shape[1] - len(out) - 2
    total = out[tags[first], first] + out[tags[first], t + len(out)] + out[tags[last], t + len(out) + 1]
    for c in range(first + 1, last + 1):
        total += out[tags[c], c] + out[tags[c - 1], t + tags[c]]
    return total


@compiled
def backward(
    gradient: np.ndarray, chances: np.ndarray, first: int, last: int, alpha: np.ndarray, chance: np.ndarray,
    scale: np.ndarray, ends: float, pairs: np.ndarray, beta: np.ndarray, ahead: np.ndarray,
) -> None:  # fmt: skip
    """The probability of each tag in each cell, of each pair, of the first and the last tag, into `gradient`.

    ends: the sum of all paths' shares with their ends.  pairs k k, beta k, ahead k: room.  -> k t+k+2
    """
    k = len(gradient)
    t = gradient.shape[1] - k - 2
    pairs[:] = 0
    for i in range(k):
        beta[i] = chances[i, k + 1] / ends
        gradient[i, t + k + 1] = alpha[last, i] * beta[i]
    for c in range(last, first - 1, -1):
        for i in range(k):
            gradient[i, c] = alpha[c, i] * beta[i]
            ahead[i] = beta[i] * chance[c, i] * scale[c]
        if c == first:
            break
        for i in range(k):
            a, total = alpha[c - 1, i], 0.0
            for j in range(k):
                v = chances[i, j] * ahead[j]
                total += v
                pairs[i, j] += a * v
            beta[i] = total
    for i in range(k):
        gradient[i, t + k] = alpha[first, i] * beta[i]
        for j in range(k):
            gradient[i, t + j] = pairs[i, j]


@compiled
def without(gradient: np.ndarray, tags: np.ndarray, first: int, last: int) -> None:
    """Take a path from the probabilities of all.  k t+k+2, t -> k t+k+2"""
    k = len(gradient)
    t = gradient.shape[1] - k - 2
    gradient[tags[first], t + k] -= 1
    gradient[tags[last], t + k + 1] -= 1
    for c in range(first, last + 1):
        gradient[tags[c], c] -= 1
        if c > first:
            gradient[tags[c - 1], t + tags[c]] -= 1


@compiled
def negative_logs(
    out: np.ndarray, tags: np.ndarray, begin: np.ndarray, end: np.ndarray, loss: np.ndarray, gradient: np.ndarray
) -> None:
    """Minus the log-probability of each sample's tags and the gradient of that, into zeros.

    By scaled sums forth and back (Rabiner 1989, doi.org/10.1109/5.18626); NaN where those do not reach, as where a
    cell's scores differ by hundreds. `gradient` without samples: none is asked for.
    b k t+k+2, b t, b, b -> b, b k t+k+2
    """
    k, t = out.shape[1], out.shape[2] - out.shape[1] - 2
    chances, pairs, alpha, chance = np.full((k, k + 2), -1.0), np.empty((k, k)), np.empty((t, k)), np.empty((t, k))
    scale, beta, ahead = np.empty(t), np.empty(k), np.empty(k)
    before = 0
    for b in range(len(out)):
        first, last = begin[b], end[b] - 1
        if last < first:
            continue
        chain(out[b], out[before], chances)
        before = b
        log, ends = forward(out[b], chances, first, last, alpha, chance, scale)
        loss[b] = log - score(out[b], tags[b], first, last)
        if len(gradient) and not np.isnan(log):
            backward(gradient[b], chances, first, last, alpha, chance, scale, ends, pairs, beta, ahead)
            without(gradient[b], tags[b], first, last)


@compiled
def best_paths(out: np.ndarray, begin: np.ndarray, end: np.ndarray, tags: np.ndarray) -> None:
    """The likeliest tags into the cells of `tags`; of equal ones those with lower numbers, from the end.

    Viterbi 1967, doi.org/10.1109/TIT.1967.1054010.  b k t+k+2, b, b -> b t
    """
    k, t = out.shape[1], out.shape[2] - out.shape[1] - 2
    came, score, after = np.empty((t, k), np.int32), np.empty(k), np.empty(k)
    steps = np.empty((k, k))
    for b in range(len(out)):
        first, last = begin[b], end[b] - 1
        if last < first:
            continue
        steps[:] = out[b, :, t : t + k].T
        score[:] = out[b, :, t + k]
        for c in range(first, last + 1):
            if c > first:
                for j in range(k):
                    best, at = score[0] + steps[j, 0], 0
                    for i in range(1, k):
                        v = score[i] + steps[j, i]
                        if v > best:
                            best, at = v, i
                    after[j], came[c, j] = best, at
                score[:] = after
            for j in range(k):
                score[j] += out[b, j, c]
        at = np.argmax(score + out[b, :, t + k + 1])
        tags[b, last] = at
        for c in range(last, first, -1):
            at = came[c, at]
            tags[b, c - 1] = at


@compiled
def both_ways(out: np.ndarray, forth: np.ndarray, back: np.ndarray) -> None:
    """Logs of the sums over the paths to each cell's tag, with its score, and over those from behind it to the end.

    k t+k+2 -> t k, t k
    """
    k, t = len(out), out.shape[1] - len(out) - 2
    paths, spread = np.exp(out[:, t : t + k].astype(np.float64)), np.empty(k)
    forth[0] = out[:, t + k] + out[:, 0]
    back[t - 1] = out[:, t + k + 1]
    for c in range(1, t):
        most = forth[c - 1].max()
        spread[:] = np.exp(forth[c - 1] - most)
        for j in range(k):
            total = 0.0
            for i in range(k):
                total += spread[i] * paths[i, j]
            forth[c, j] = np.log(total) + most + out[j, c]
    for c in range(t - 2, -1, -1):
        spread[:] = back[c + 1] + out[:, c + 1]
        most = spread.max()
        spread[:] = np.exp(spread - most)
        for i in range(k):
            total = 0.0
            for j in range(k):
                total += paths[i, j] * spread[j]
            back[c, i] = np.log(total) + most
