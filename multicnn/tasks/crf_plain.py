"""What is read of a chain of tags, with numpy alone: as `multicnn.tasks.crf` finds it, without compiling."""

import numpy as np

from multicnn.tasks.crf import cells, stretch


def best_path(out: np.ndarray) -> np.ndarray:
    """The likeliest tags, of equal ones those with lower numbers. Viterbi 1967.  k t+k+2 -> t"""
    k, t = out.shape[0], cells(out)
    if not t:
        return np.zeros(0, dtype=np.int64)
    out = out.astype(np.float64)
    score, steps = out[:, t + k] + out[:, 0], out[:, t : t + k]
    came = np.zeros((t, k), dtype=np.int64)
    for c in range(1, t):
        ways = score[:, None] + steps
        came[c] = ways.argmax(axis=0)
        score = ways.max(axis=0) + out[:, c]
    tags = np.empty(t, dtype=np.int64)
    tags[-1] = (score + out[:, t + k + 1]).argmax()
    for c in range(t - 1, 0, -1):
        tags[c - 1] = came[c, tags[c]]
    return tags


def probabilities(out: np.ndarray, spans: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """See `multicnn.tasks.crf.probabilities`.  k t+k+2, n 3, k -> n"""
    if not cells(out) or not len(spans):
        return np.zeros(len(spans))
    forth, back = both_ways(out.astype(np.float64))
    whole = np.logaddexp.reduce(forth[-1] + back[-1])
    return np.exp([stretch(out, forth, back, inside, *span) for span in spans.tolist()] - whole).clip(max=1)


def both_ways(out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """See `multicnn.tasks.crf_compiled.both_ways`.  k t+k+2 -> t k, t k"""
    k, t = out.shape[0], cells(out)
    steps = out[:, t : t + k]
    forth, back = np.empty((t, k)), np.empty((t, k))
    forth[0], back[-1] = out[:, t + k] + out[:, 0], out[:, t + k + 1]
    for c in range(1, t):
        forth[c] = np.logaddexp.reduce(forth[c - 1][:, None] + steps, axis=0) + out[:, c]
    for c in range(t - 2, -1, -1):
        back[c] = np.logaddexp.reduce(steps + back[c + 1] + out[:, c + 1], axis=1)
    return forth, back
