"""Made cases of sound event detection: the same ones with any Python, as only `random.random` draws them."""

from random import Random
from typing import NamedTuple

CASES = 500
CELLS = (0.08, 0.1, 0.25)  # seconds
THRESHOLDS = (0.3, 0.5, 0.55)

Event = tuple[float, float, int]  # onset, offset, class


class Recording(NamedTuple):
    """events: as annotated, some overlapping; scores: t lists of k; edges: t + 1 seconds."""

    events: list[Event]
    scores: list[list[float]]
    edges: list[float]


class Case(NamedTuple):
    classes: int
    threshold: float
    recordings: list[Recording]


def case(seed: int) -> Case:
    random = Random(seed)

    def below(n: int) -> int:
        return int(random.random() * n)

    k, cell = 1 + below(4), CELLS[below(3)]
    threshold = THRESHOLDS[below(3)]
    return Case(k, threshold, [recording(random.random, below, k, cell) for _ in range(1 + below(5))])


def recording(draw, below, k: int, cell: float) -> Recording:
    """Some without events, some whose events reach the borders, and scores that tell of most events."""
    t = 8 + below(50)
    edges = [round(i * cell, 6) for i in range(t + 1)]
    length = edges[-1]
    events: list[Event] = []
    for _ in range(below(5)):
        digits = 1 + below(3)
        onset = 0.0 if draw() < 0.15 else round(draw() * length, digits)
        offset = length if draw() < 0.15 else round(min(length, onset + 2 * draw() ** 2), digits)
        if onset < offset <= length:
            events.append((onset, offset, below(k)))
    flat = draw() < 0.2
    scores = [[0.0 if flat else 0.6 * draw() for _ in range(k)] for _ in range(t)]
    for onset, offset, c in events:
        if draw() < 0.85:
            late, end = onset + 0.3 * (draw() - 0.5), offset + 0.3 * (draw() - 0.5)
            for i in range(t):
                if late < edges[i] + cell / 2 < end:
                    scores[i][c] += 0.1 + 0.5 * draw()
    digits = 1 if draw() < 0.5 else 6  # ties
    return Recording(events, [[round(min(1.0, s), digits) for s in line] for line in scores], edges)


def united(events: list[Event]) -> list[Event]:
    """Events of a class that overlap or touch as one."""
    out: list[Event] = []
    for c in sorted({e[2] for e in events}):
        held: list[list[float]] = []
        for onset, offset in sorted((a, b) for a, b, own in events if own == c):
            if held and onset <= held[-1][1]:
                held[-1][1] = max(held[-1][1], offset)
            else:
                held.append([onset, offset])
        out += [(a, b, c) for a, b in held]
    return sorted(out)
