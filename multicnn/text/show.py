"""Draw a text and its answer."""

from pathlib import Path
from textwrap import wrap
from typing import Any

from multicnn.text.reader import UNKNOWN, WordReader

COLUMNS, LINES = 80, 20  # characters and lines of a drawing; the rest of a longer text is left out


def draw(item: Any, reader: WordReader, path: Path, *, answer: str = "") -> None:
    """Write a PNG of the words that the net is given for `item`, unknown ones as `?`, with `answer` above them."""
    from matplotlib.figure import Figure

    lines = spelled(item, reader)
    figure = Figure(figsize=(8, 0.8 + 0.25 * len(lines)), layout="constrained")
    axes = figure.subplots()
    axes.text(0, 1, "\n".join(lines), va="top", family="monospace", fontsize=9, parse_math=False)
    axes.set_title(answer, parse_math=False)
    axes.set_axis_off()
    figure.savefig(path, format="png", dpi=100)


def spelled(item: Any, reader: WordReader) -> list[str]:
    """The words as the net knows them, in lines: itself, the stem with an ellipsis, or `?`."""
    names = reader.names
    lines = wrap(" ".join(names[n] if n != UNKNOWN else "?" for n in reader(item)), COLUMNS)
    return lines if len(lines) <= LINES else [*lines[:LINES], "..."]
