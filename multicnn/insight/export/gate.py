"""The gate that a bundle has to pass: the same numbers, the same answers, and a runner that runs alone."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from multicnn.errors import DataError
from multicnn.insight.export.runtime import Ask

TOLERANCE = 1e-4  # of the numbers on golden samples
SHOWN = 1e-3  # of numbers in told answers, where both are rounded
Cells = Sequence[Sequence[str]]


def furthest(ask: Ask, golden: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """The largest difference from what the net answered; infinite for an answer of another shape."""
    return max((apart(ask(raw), answer) for raw, answer in golden), default=0.0)


def apart(said: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference of two arrays; what is not finite has to be the same."""
    if said.shape != wanted.shape or not np.array_equal(np.isfinite(said), np.isfinite(wanted)):
        return float("inf")
    finite = np.isfinite(wanted)
    return float(np.abs(said[finite].astype(np.float64) - wanted[finite]).max(initial=0.0))


def agree(said: Cells, wanted: Cells) -> bool:
    """Whether two told answers say the same: the same lines and words, and numbers that differ by rounding."""
    if len(said) != len(wanted):
        return False
    return all(
        len(a) == len(b) and all(map(alike, a, b)) for a, b in zip(map(list, said), map(list, wanted), strict=True)
    )


def alike(a: str, b: str) -> bool:
    """Two cells: the same, or two numbers near each other."""
    if a == b:
        return True
    try:
        return abs(float(a) - float(b)) <= SHOWN * max(1.0, abs(float(b)))
    except ValueError:
        return False


def run_alone(folder: Path) -> str:
    """What the bundle's own runner says of its golden samples, in a process that knows no multicnn.

    Raises DataError where it fails.
    """
    done = subprocess.run([sys.executable, str(folder / "run.py"), "--check"], capture_output=True, text=True)
    if done.returncode:
        why = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise DataError(f"the runner of the bundle fails: {why[-1]}; report it with the run's model.json")
    return done.stdout.strip()
