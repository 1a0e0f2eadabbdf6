"""Boxes over a picture, drawn as SVG within a page: sharp at any size, with names in any script."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from multicnn.insight.page import PNG, Html, text

LETTERS = 32  # of a name that fit across the picture


class Box(NamedTuple):
    """Left, top, right, bottom in pixels, a name above it, and whose it is: "true" (green, dashed) or "said" (red)."""

    edges: Sequence[float]
    name: str
    whose: str


def boxed(data: bytes, size: tuple[int, int], boxes: Iterable[Box]) -> Html:
    """A PNG or JPEG of a picture of `size` (width, height) pixels, and boxes in these pixels."""
    width, height = size
    kind = "png" if data.startswith(PNG) else "jpeg"
    high = width / LETTERS * 1.6
    parts = [f'<image href="data:image/{kind};base64,{b64encode(data).decode()}" width="{width}" height="{height}"/>']
    for box in boxes:
        x1, y1, x2, y2 = box.edges
        wide, tall = max(0.0, x2 - x1), max(0.0, y2 - y1)
        place = f'x="{x1:.2f}" y="{y1:.2f}" width="{wide:.2f}" height="{tall:.2f}"'
        parts.append(f'<rect class="{text(box.whose)}" {place}/>')
        if box.name:
            y = max(high * 0.9, y1 - high * 0.25)
            style = f"font-size:{high:.2f}px;stroke-width:{high / 5:.2f}px"
            x = min(max(0.0, x1), width * 0.75)
            parts.append(
                f'<text class="{text(box.whose)}" x="{x:.2f}" y="{y:.2f}" style="{style}">{text(box.name)}</text>'
            )
    return Html(f'<svg class="boxed" viewBox="0 0 {width} {height}" role="img">{"".join(parts)}</svg>')
