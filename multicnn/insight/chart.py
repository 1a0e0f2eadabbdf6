"""Lines in a plane, drawn as SVG within a page: they follow its colours and stay sharp on paper."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from multicnn.insight.page import Html, text

COLOURS = 6  # that the page's style has
ROOM = (46, 8, 12, 34)  # left, top, right, bottom of the plane
MOST = 400  # points of a line; of longer ones the least and the greatest of each stretch are drawn


class Line(NamedTuple):
    """A name, and points; NaN breaks it.  n, n"""

    name: str
    x: np.ndarray
    y: np.ndarray


class Range(NamedTuple):
    """What an axis shows."""

    low: float
    high: float


def chart(
    lines: Sequence[Line],
    *,
    across: str = "",
    up: str = "",
    size: tuple[int, int] = (420, 220),
    y: Range | None = None,
    diagonal: bool = False,
    dots: bool = False,
) -> Html:
    """Lines over one another, their names below. across, up: what the axes show. y: its range; None: all.

    diagonal: where both axes would be equal.  size: width and height in pixels, on a page that has room.
    """
    kept = [_thin(line) for line in lines]
    wide, high = _range(line.x for line in kept), y or _range(line.y for line in kept)
    left, top, right, bottom = ROOM
    width, height = size[0] - left - right, size[1] - top - bottom

    def place(a: float, b: float) -> str:
        x = left + (a - wide.low) / (wide.high - wide.low) * width
        return f"{x:.1f},{top + (high.high - b) / (high.high - high.low) * height:.1f}"

    drawn = [*_axes(wide, high, size, across, up)]
    if diagonal:
        ends = (max(wide.low, high.low), min(wide.high, high.high))
        drawn.append(f'<polyline class="even" stroke-dasharray="4 4" points="{" ".join(place(e, e) for e in ends)}"/>')
    for number, line in enumerate(kept):
        drawn += _drawn(line, place, f"var(--c{number % COLOURS})", dots)
    names = f"{', '.join(line.name for line in lines)} over {across or 'x'}"
    svg = f'<svg viewBox="0 0 {size[0]} {size[1]}" role="img" aria-label="{text(names)}">{"".join(drawn)}</svg>'
    return Html(f"<figure>{svg}{_key(lines)}</figure>")


def _key(lines: Sequence[Line]) -> str:
    """The names of several lines, with their colours."""
    if len(lines) < 2:
        return ""
    names = "".join(
        f'<span><i style="background:var(--c{n % COLOURS})"></i>{text(line.name)}</span>'
        for n, line in enumerate(lines)
    )
    return f'<p class="key">{names}</p>'


def _drawn(line: Line, place, colour: str, dots: bool) -> Iterator[str]:
    """A line in its unbroken stretches; a point alone, and every one of a line with dots, as a dot."""
    known = np.isfinite(line.x) & np.isfinite(line.y)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    for start, stop in edges.reshape(-1, 2).tolist():
        points = [place(a, b) for a, b in zip(line.x[start:stop].tolist(), line.y[start:stop].tolist(), strict=True)]
        if len(points) > 1:
            yield f'<polyline class="line" style="stroke:{colour}" points="{" ".join(points)}"/>'
        for point in points if dots or len(points) == 1 else ():
            x, _, y = point.partition(",")
            yield f'<circle class="dot" style="fill:{colour}" cx="{x}" cy="{y}" r="2.5"/>'


def _axes(wide: Range, high: Range, size: tuple[int, int], across: str, up: str) -> Iterator[str]:
    """Lines at round numbers, and what the axes show."""
    left, top, right, bottom = ROOM
    low, end = size[1] - bottom, size[0] - right
    for value in ticks(high, 4 if size[1] > 150 else 2):
        y = top + (high.high - value) / (high.high - high.low) * (low - top)
        yield f'<path class="axis" d="M{left} {y:.1f}H{end}"/>'
        yield f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
    for value in ticks(wide, 6):
        x = left + (value - wide.low) / (wide.high - wide.low) * (end - left)
        yield f'<text x="{x:.1f}" y="{low + 15}" text-anchor="middle">{value:g}</text>'
    yield f'<text x="{(left + end) / 2:.0f}" y="{size[1] - 3}" text-anchor="middle">{text(across)}</text>'
    middle = f"{(top + low) / 2:.0f}"
    yield f'<text x="10" y="{middle}" text-anchor="middle" transform="rotate(-90 10 {middle})">{text(up)}</text>'


def ticks(span: Range, most: int) -> list[float]:
    """Round numbers within a range, about so many: steps of 1, 2 or 5 times a power of ten."""
    rough = (span.high - span.low) / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough * 0.999)
    first = math.ceil(span.low / step - 1e-6)
    return [round(k * step, 12) for k in range(first, math.floor(span.high / step + 1e-6) + 1)]


def _range(values: Iterator[np.ndarray]) -> Range:
    """Of all numbers; some room where they are all alike, 0 to 1 where there is none."""
    found = np.concatenate([np.zeros(0), *values])
    found = found[np.isfinite(found)]
    if not len(found):
        return Range(0.0, 1.0)
    low, high = float(found.min()), float(found.max())
    return Range(low, high) if high > low else Range(low - abs(low) / 2 - 0.5, high + abs(high) / 2 + 0.5)


def _thin(line: Line) -> Line:
    """A long line by the least and the greatest point of each of its stretches, in their order."""
    x, y = np.asarray(line.x, dtype=np.float64), np.asarray(line.y, dtype=np.float64)
    if len(x) <= MOST:
        return Line(line.name, x, y)
    parts = np.array_split(np.nan_to_num(y, nan=0.0), MOST // 2)
    starts = np.cumsum([0, *map(len, parts)])[:-1]
    at = np.unique([[s + p.argmin(), s + p.argmax()] for s, p in zip(starts, parts, strict=True)])
    return Line(line.name, x[at], y[at])
