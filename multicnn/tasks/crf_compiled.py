"""The loops of a chain of tags, compiled when they are first called; importing this file imports numba.

`out`: emissions, transitions, starts and ends as `multicnn.tasks.crf` lays them out, one sample's `k t+k+2` or a
batch's. A sample's cells are first to last. Inner sums are in float64.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

OPTIONS: Any = {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "contract"}}  # several sums at once
WIDE = 16  # sums at once: rows are filled up with zeros to multiples, for which loops need no rest
SMALLEST = 1e-150  # of a scaled sum; below, float64 loses paths


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Machine code, kept on disk where a place may be written, see numba's NUMBA_CACHE_DIR."""
    try:
        return njit(cache=True, **OPTIONS)(function)
    except RuntimeError:  # numba's word for no such place
        return njit(**OPTIONS)(function)


@compiled
def chain(out: np.ndarray, before: np.ndarray, paths: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    """e to the transitions, starts and ends, where they differ from `before`, whose these are.

    k t+k+2, k t+k+2 -> k w, k, k
    """
    k = len(out)
    t = out.shape[1] - k - 2
    for i in range(k):
        for j in range(k):
            if out[i, t + j] != before[i, t + j]:
                paths[i, j] = np.exp(out[i, t + j])
        if out[i, t + k] != before[i, t + k]:
            starts[i] = np.exp(out[i, t + k])
        if out[i, t + k + 1] != before[i, t + k + 1]:
            ends[i] = np.exp(out[i, t + k + 1])


@compiled
def forward(
    out: np.ndarray, paths: np.ndarray, starts: np.ndarray, first: int, last: int, alpha: np.ndarray,
    chance: np.ndarray, scale: np.ndarray,
) -> float:  # fmt: skip
    """Shares of the paths that end in each tag, e to the emissions, and the inverse of each cell's sum.

    -> the log of the product of the sums, NaN where one is too small.  k t+k+2, k w, k -> t w, t w, t
    """
    k, log, within = len(out), 0.0, True
    for c in range(first, last + 1):
        most = out[0, c]
        for j in range(1, k):
            most = max(most, out[j, c])
        for j in range(k):
            chance[c, j] = np.exp(out[j, c] - most)
        ahead = alpha[c]
        if c == first:
            for j in range(k):
                ahead[j] = starts[j]
        else:
            ahead[:] = 0.0
            for i in range(k):
                a = alpha[c - 1, i]
                for j in range(paths.shape[1]):
                    ahead[j] += a * paths[i, j]
        total = 0.0
        for j in range(k):
            ahead[j] *= chance[c, j]
            total += ahead[j]
        within = within and total > SMALLEST
        scale[c] = 1 / total
        for j in range(k):
            ahead[j] *= scale[c]
        log += most + np.log(total)
    return log if within else np.nan


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
    gradient: np.ndarray, paths: np.ndarray, beta: np.ndarray, first: int, last: int, alpha: np.ndarray,
    chance: np.ndarray, scale: np.ndarray, pairs: np.ndarray, ahead: np.ndarray,
) -> None:  # fmt: skip
    """The probability of each tag in each cell, of each pair, of the first and the last tag, into `gradient`.

    beta: what the paths' shares are to be multiplied with at the end; then, and pairs k w and ahead w, room.
    -> k t+k+2
    """
    k = len(gradient)
    t = gradient.shape[1] - k - 2
    pairs[:] = 0.0
    for i in range(k):
        gradient[i, t + k + 1] = alpha[last, i] * beta[i]
    for c in range(last, first, -1):
        for j in range(k):
            gradient[j, c] = alpha[c, j] * beta[j]
            ahead[j] = beta[j] * chance[c, j] * scale[c]
        for i in range(k):
            a, total = alpha[c - 1, i], 0.0
            for j in range(paths.shape[1]):
                v = paths[i, j] * ahead[j]
                total += v
                pairs[i, j] += a * v
            beta[i] = total
    for i in range(k):
        gradient[i, first] = alpha[first, i] * beta[i]
        gradient[i, t + k] = gradient[i, first]
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
def negative_logs(out: np.ndarray, y: np.ndarray, loss: np.ndarray, gradient: np.ndarray) -> bool:
    """Minus the log-probability of each sample's tags and the gradient of that, into zeros.

    By scaled sums forth and back (Rabiner 1989, doi.org/10.1109/5.18626); NaN where those do not reach, as where a
    cell's scores differ by hundreds. `gradient` without samples: none is asked for.
    -> whether all are numbers.  b k t+k+2, b t -> b, b k t+k+2
    """
    k, t = out.shape[1], out.shape[2] - out.shape[1] - 2
    w = -(-k // WIDE) * WIDE
    paths, starts, ends, pairs = np.zeros((k, w)), np.ones(k), np.ones(k), np.empty((k, w))
    paths[:, :k] = 1
    alpha, chance, scale = np.zeros((t, w)), np.zeros((t, w)), np.empty(t)
    beta, ahead = np.empty(k), np.zeros(w)
    before, fine = np.zeros_like(out[0]), True
    for b in range(len(out)):
        first, behind = counted(y[b])
        if first == behind:
            continue
        chain(out[b], before, paths, starts, ends)
        before, last, total = out[b], behind - 1, 0.0
        log = forward(out[b], paths, starts, first, last, alpha, chance, scale)
        for i in range(k):
            total += alpha[last, i] * ends[i]
        log = log + np.log(total) if total > SMALLEST else np.nan
        loss[b] = log - score(out[b], y[b], first, last)
        fine = fine and not np.isnan(log)
        if len(gradient) and not np.isnan(log):
            for i in range(k):
                beta[i] = ends[i] / total
            backward(gradient[b], paths, beta, first, last, alpha, chance, scale, pairs, ahead)
            without(gradient[b], y[b], first, last)
    return fine


@compiled
def counted(y: np.ndarray) -> tuple[int, int]:
    """The first tag of a row that counts, and the one behind the last."""
    first = 0
    while first < len(y) and y[first] < 0:
        first += 1
    behind = first
    while behind < len(y) and y[behind] >= 0:
        behind += 1
    return first, behind


@compiled
def best_paths(out: np.ndarray, begin: np.ndarray, end: np.ndarray, tags: np.ndarray) -> None:
    """The likeliest tags into the cells of `tags`; of equal ones those with lower numbers, from the end.

    Viterbi 1967, doi.org/10.1109/TIT.1967.1054010.  b k t+k+2, b, b -> b t
    """
    k, t = out.shape[1], out.shape[2] - out.shape[1] - 2
    came, score, after, steps = np.empty((t, k), np.int64), np.empty(k), np.empty(k), np.empty((k, k))
    for b in range(len(out)):
        first, last = begin[b], end[b] - 1
        if last < first:
            continue
        for i in range(k):
            score[i] = out[b, i, t + k] + out[b, i, first]
            for j in range(k):
                steps[i, j] = out[b, i, t + j]
        for c in range(first + 1, last + 1):
            origin = came[c]
            for j in range(k):
                after[j], origin[j] = score[0] + steps[0, j], 0
            for i in range(1, k):
                own = score[i]
                for j in range(k):
                    v = own + steps[i, j]
                    better = v > after[j]
                    origin[j] = i if better else origin[j]
                    after[j] = v if better else after[j]
            for j in range(k):
                score[j] = after[j] + out[b, j, c]
        best, at = score[0] + out[b, 0, t + k + 1], 0
        for i in range(1, k):
            v = score[i] + out[b, i, t + k + 1]
            if v > best:
                best, at = v, i
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
    paths, spread = np.empty((k, k)), np.empty(k)
    for i in range(k):
        forth[0, i] = out[i, t + k] + out[i, 0]
        back[t - 1, i] = out[i, t + k + 1]
        for j in range(k):
            paths[i, j] = np.exp(out[i, t + j])
    for c in range(1, t):
        most = spread_out(forth[c - 1], spread)
        for j in range(k):
            total = 0.0
            for i in range(k):
                total += spread[i] * paths[i, j]
            forth[c, j] = np.log(total) + most + out[j, c]
    for c in range(t - 2, -1, -1):
        for j in range(k):
            spread[j] = back[c + 1, j] + out[j, c + 1]
        most = spread_out(spread, spread)
        for i in range(k):
            total = 0.0
            for j in range(k):
                total += paths[i, j] * spread[j]
            back[c, i] = np.log(total) + most


@compiled
def spread_out(logs: np.ndarray, spread: np.ndarray) -> float:
    """e to the logs, without the greatest, which is returned.  k -> k"""
    most = logs[0]
    for i in range(1, len(logs)):
        most = max(most, logs[i])
    for i in range(len(logs)):
        spread[i] = np.exp(logs[i] - most)
    return most
