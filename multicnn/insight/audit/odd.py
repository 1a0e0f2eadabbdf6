"""Samples of unusual size, rate or length, and what is wrong with single ones."""

from collections.abc import Mapping, Sequence

import numpy as np

from multicnn.insight.audit.finding import Finding
from multicnn.insight.audit.fingerprint import Flaw
from multicnn.insight.audit.words import samples

FAR = 6.0  # usual deviations from the median, on a scale of ratios
TIMES = 4.0  # as much or as little as the median, at least
RARE = 0.05  # of the samples, at most: more are a kind of their own
ENOUGH = 20  # samples that show what is usual


def odd_numbers(ids: list[str], numbers: Mapping[str, np.ndarray]) -> list[Finding]:
    """Samples whose number is far from all others', by the median and its usual deviation (Hampel's rule)."""
    found = []
    for name, values in numbers.items():
        known = np.flatnonzero(values > 0)
        if len(known) < ENOUGH:
            continue
        scale = np.log(values[known])
        middle = float(np.median(scale))
        away = np.abs(scale - middle)
        usual = 1.4826 * float(np.median(away))
        rows = known[away >= max(FAR * usual, np.log(TIMES))]
        if 0 < len(rows) <= RARE * len(known):
            low, high = values[rows].min(), values[rows].max()
            span = f"{low:,.4g}" if low == high else f"{low:,.4g} to {high:,.4g}"
            says = f"{name}: {samples(len(rows))} of {span}, the others about {np.exp(middle):,.4g}; look at them"
            found.append(Finding("odd-size", "note", tuple(ids[row] for row in rows), says, "keep"))
    return found


def flawed(ids: list[str], flaws: Sequence[Flaw]) -> list[Finding]:
    """What a modality found wrong with single samples."""
    found = []
    for flaw in flaws:
        if len(flaw.rows):
            says = f"{samples(len(flaw.rows))} with {flaw.what}"
            advice = {"drop": "; drop them", "keep": "; look at them"}.get(flaw.fix, "")
            found.append(
                Finding(flaw.check, flaw.severity, tuple(ids[row] for row in flaw.rows), says + advice, flaw.fix)
            )
    return found
