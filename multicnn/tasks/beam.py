"""Prefix beam search: the likeliest text, summed over all paths that say it. Hannun et al. 2014, arXiv 1408.2873."""

from collections.abc import Sequence

import numpy as np

from multicnn.tasks.scorer import START, Scorer, State

LEAST = -12.0  # log-probability of a unit, below which it is not tried at a step
Text = tuple[int, ...]
NEVER = -np.inf


class Beam:
    """Decodes log-probabilities of k units and the blank.

    texts: what each unit adds to a text. width: beginnings of texts kept at each step. scorer: what the words say to
    it; None: nothing. least: units below that log-probability are not tried.
    """

    def __init__(self, texts: Sequence[str], width: int, scorer: Scorer | None = None, *, least: float = LEAST):
        self.texts, self.width, self.scorer, self.least = texts, width, scorer, least

    def __call__(self, chances: np.ndarray) -> list[int]:
        """(k + 1) t -> the units of the best text"""
        return self.ranked(chances)[0][0]

    def ranked(self, chances: np.ndarray) -> list[tuple[list[int], float]]:
        """Texts with their scores, the best first.  (k + 1) t -> units and log-score of each"""
        beams: dict[Text, tuple[float, float]] = {(): (0.0, NEVER)}  # log-probability to end in a blank, in a unit
        states: dict[Text, State | None] = {(): START}
        for step in np.asarray(chances, dtype=np.float64).T:
            beams = self._kept(self._step(step, beams, states), states)
            states = {text: states[text] for text in beams}
        found = [(text, float(np.logaddexp(*both)) + self._end(states[text])) for text, both in beams.items()]
        # an unfinished word that is none stays only where nothing else does
        best = sorted(found, key=lambda pair: -pair[1])
        return [(list(text), score) for text, score in best if score > NEVER] or [
            (list(text), float(np.logaddexp(*both))) for text, both in beams.items()
        ]

    def _step(
        self, step: np.ndarray, beams: dict[Text, tuple[float, float]], states: dict[Text, State | None]
    ) -> dict[Text, tuple[float, float]]:
        """All beginnings of texts after one more step; the new ones' states are added."""
        new: dict[Text, tuple[float, float]] = {}
        tried = np.flatnonzero(step[:-1] > self.least).tolist()
        chance = step.tolist()
        for text, (blank, unit) in beams.items():
            either = _add(blank, unit)
            last = text[-1] if text else -1
            b, u = new.get(text, (NEVER, NEVER))
            new[text] = _add(b, either + chance[-1]), _add(u, unit + chance[last]) if text else u
            for k in tried:
                longer = (*text, k)
                if longer not in states:
                    states[longer] = self._advance(states[text], k)
                if states[longer] is not None:
                    b, u = new.get(longer, (NEVER, NEVER))
                    new[longer] = b, _add(u, (blank if k == last else either) + chance[k])
        return new

    def _kept(
        self, beams: dict[Text, tuple[float, float]], states: dict[Text, State | None]
    ) -> dict[Text, tuple[float, float]]:
        def rank(item: tuple[Text, tuple[float, float]]) -> float:
            state = states[item[0]]
            return -_add(*item[1]) - (state.score if state else 0.0)

        return dict(sorted(beams.items(), key=rank)[: self.width])

    def _advance(self, state: State | None, unit: int) -> State | None:
        if self.scorer is None or state is None:
            return state
        return self.scorer.advance(state, self.texts[unit])

    def _end(self, state: State | None) -> float:
        return self.scorer.end(state) if self.scorer is not None and state is not None else 0.0


def _add(a: float, b: float) -> float:
    """The logarithm of a sum of exponentials; numpy's takes ten times as long for two numbers."""
    if a < b:
        a, b = b, a
    return a if b == NEVER else a + np.log1p(np.exp(b - a)).item()
