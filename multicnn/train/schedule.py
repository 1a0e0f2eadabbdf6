"""The learning rate over a run, as a share of its peak: a line up, then down to 0."""

import math
from collections.abc import Callable


def cosine(left: float) -> float:
    """Half a cosine. Loshchilov and Hutter 2016, arxiv.org/abs/1608.03983."""
    return 0.5 * (1 - math.cos(math.pi * left))


def linear(left: float) -> float:
    """A line."""
    return left


SCHEDULES: dict[str, Callable[[float], float]] = {"cosine": cosine, "linear": linear}


def rate(done: float, warmup: float, schedule: str) -> float:
    """Share of the peak rate after `done` of the run, of which `warmup` is the way up."""
    if done < warmup:
        return done / warmup
    return SCHEDULES[schedule](1 - min(1.0, (done - warmup) / (1 - warmup)))
