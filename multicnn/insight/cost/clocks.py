"""Seconds of a piece of work, on the wall and of the processor, and what they foretell of more of it."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch


class Seconds(NamedTuple):
    """wall: as the user waits.  processor: of all threads, which other programs on the machine do not lengthen."""

    wall: float = 0.0
    processor: float = 0.0

    def plus(self, other: "Seconds") -> "Seconds":
        """Both, one after the other."""
        return Seconds(self.wall + other.wall, self.processor + other.processor)

    def times(self, share: float) -> "Seconds":
        """So many times the work."""
        return Seconds(self.wall * share, self.processor * share)


def timed(work: Callable[[], Any], device: torch.device) -> Seconds:
    """How long it takes, a GPU's part included."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return Seconds(time.perf_counter() - wall, time.process_time() - processor)


def foretold(measured: Sequence[tuple[int, int, Seconds]], batches: int, cells: int) -> Seconds:
    """Seconds of so many batches with so many cells in all, from measured ones: a part a batch, a part a cell."""
    known = np.array([(n, c) for n, c, _ in measured], dtype=float)
    found = [_line(known, np.array([s[i] for *_, s in measured]), batches, cells) for i in range(len(Seconds._fields))]
    return Seconds(*found)


def _line(known: np.ndarray, seconds: np.ndarray, batches: int, cells: int) -> float:
    """Least squares, where no part may be negative; in proportion to the cells, where one would be."""
    a, b = np.linalg.lstsq(known, seconds, rcond=None)[0]
    if a >= 0 and b >= 0:
        return float(a * batches + b * cells)
    return float(seconds.sum() / known[:, 1].sum() * cells)
