"""What is drawn: a sample, or the part of it that a net looked at, with the heat of its cells."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import nn

COLOURS = {True: "RdBu_r", False: "inferno"}  # of heat with a sign: red speaks for, blue against
FAINT = 0.5  # the power of the heat that is its opacity: what is near 0 lets the sample through
STRONGEST = 0.85


@dataclass(frozen=True, eq=False)
class Seen:
    """A part of a sample, and why the net says `title` of it.

    item: what the reader takes.  raw: what it made of it, the part that the net was given.  number: of the piece or
    window.  start: raw steps before it.  heat: *cells.  signed: whether numbers below 0 speak against.  channels: the
    heat of each channel, c *cells, where it is known.  where: see `multicnn.tasks.aim.Aim`.  facts: of the method.
    """

    item: Any
    raw: np.ndarray
    number: int
    start: int
    frontend: nn.Module
    heat: np.ndarray
    signed: bool
    title: str
    channels: np.ndarray | None = None
    where: np.ndarray | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def range(self) -> tuple[float, float]:
        """Of the colours; both ends equally far from 0 where the heat has a sign."""
        top = float(np.abs(self.heat).max(initial=0)) or 1.0
        return (-top if self.signed else 0.0), top


def opacity(seen: Seen, heat: np.ndarray) -> np.ndarray:
    """Of each cell.  *cells -> *cells, 0 to 1"""
    return STRONGEST * np.clip(np.abs(heat) / seen.range[1], 0, 1) ** FAINT


def bar(figure: Any, shown: Any, axes: Any, seen: Seen) -> None:
    """The colours and what they stand for, beside a drawing."""
    colours = figure.colorbar(shown, ax=axes, shrink=0.85, pad=0.02)
    colours.solids.set(alpha=1)
    low, high = seen.range
    colours.set_ticks([low, 0.0, high] if seen.signed else [low, high])
    colours.set_ticklabels(["against", "0", "for"] if seen.signed else ["0", "for"])
