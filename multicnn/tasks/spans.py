"""Stretches of a line, of one class each: entities of a text, events of a sound. Merged, found, matched, counted.

Spans are rows of begin and end, `n 2`; where they do not overlap they stand in order.
"""

import numpy as np

NONE = np.zeros((0, 2))


def merged(spans: np.ndarray) -> np.ndarray:
    """Spans that overlap or touch become one; what answers cell by cell could not tell them apart.  n 2 -> m 2"""
    if not len(spans):
        return NONE
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    reach = np.maximum.accumulate(spans[:, 1])
    first = np.concatenate([[True], spans[1:, 0] > reach[:-1]])
    last = np.concatenate([first[1:], [True]])
    return np.column_stack([spans[first, 0], reach[last]])


def runs(active: np.ndarray) -> np.ndarray:
    """First cell, and the cell behind the last, of each run of True.  t -> n 2, whole numbers"""
    change = np.diff(np.concatenate([[0], active.astype(np.int8), [0]]))
    return np.column_stack([np.flatnonzero(change == 1), np.flatnonzero(change == -1)])


def median(values: np.ndarray, length: int) -> np.ndarray:
    """The median of `length` neighbours (odd) along the last axis, the outermost values repeated at the ends.  ... t"""
    if length < 3 or not values.shape[-1]:
        return values
    side = length // 2
    wide = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(side, side)], mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(wide, length, axis=-1), axis=-1)


def near(true: np.ndarray, said: np.ndarray, collar: float, share: float) -> np.ndarray:
    """Which said spans begin within `collar` of a true one's begin, and end within collar or `share` of its length.

    Mesaros, Heittola, Virtanen 2016, doi.org/10.3390/app6060162.  n 2, m 2 -> n m, bool
    """
    apart = np.abs(true[:, None] - said[None])
    reach = np.maximum(collar, share * (true[:, 1] - true[:, 0]))
    return (apart[..., 0] <= collar) & (apart[..., 1] <= reach[:, None])


def pairs(allowed: np.ndarray) -> int:
    """The most pairs that can be formed, each row and column in one at most. Kuhn 1955, doi.org/10.1002/nav.3800020109.

    n m, bool -> the number of pairs
    """
    if allowed.sum(0).max(initial=0) <= 1:  # nobody competes: each row takes any of its own
        return int(allowed.any(1).sum())
    owner: dict[int, int] = {}

    def placed(row: int, tried: set[int]) -> bool:
        for column in np.flatnonzero(allowed[row]).tolist():
            if column not in tried:
                tried.add(column)
                if column not in owner or placed(owner[column], tried):
                    owner[column] = row
                    return True
        return False

    return sum(placed(row, set()) for row in range(len(allowed)))


def matched(true: np.ndarray, said: np.ndarray, collar: float, share: float) -> int:
    """How many spans are found, as `near` and `pairs` have it.  n 2, m 2 -> the number"""
    return pairs(near(true, said, collar, share)) if len(true) and len(said) else 0


def segments(spans: np.ndarray, length: float, segment: float) -> np.ndarray:
    """Which segments of a line of `length` any span touches.  n 2 -> ceil(length / segment), bool"""
    touched = np.zeros(int(np.ceil(length / segment)), dtype=bool)
    for begin, end in spans:
        touched[int(np.floor(begin / segment)) : int(np.ceil(end / segment))] = True
    return touched


def overlaps(said: np.ndarray, true: np.ndarray) -> np.ndarray:
    """The length that each two spans share.  n 2, m 2 -> n m"""
    begin = np.maximum(said[:, None, 0], true[None, :, 0])
    end = np.minimum(said[:, None, 1], true[None, :, 1])
    return np.maximum(end - begin, 0.0)
