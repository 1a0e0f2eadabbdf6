"""Praat's TextGrid, long and short form, UTF-8 or UTF-16: every interval with a text is an event of that class."""

import re
from collections.abc import Iterator
from pathlib import Path

from multicnn.audio.datasets.events.labelled import Line
from multicnn.data.layouts.encoding import read_text
from multicnn.errors import DataError

TOKEN = re.compile(r'"((?:[^"]|"")*)"|<exists>|(?<![\w\[])(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w\]])')
COMMENT = re.compile(r"(?m)!.*$")
INTERVALS, POINTS = "IntervalTier", "TextTier"


def textgrid(path: Path) -> list[Line]:
    """Of all tiers. Raises DataError, naming the line, for a file that is no TextGrid or ends early."""
    text = read_text(path)
    if '"TextGrid"' not in text and "ooTextFile" not in text[:200]:
        raise DataError(f"{path}: no TextGrid; save it from Praat as text")
    tokens = _tokens(text)
    found: list[Line] = []
    last = 1
    try:
        _skip(tokens, 2)  # file type, object class
        _skip(tokens, 2)  # xmin, xmax
        n = int(_number(next(tokens))) if "<exists>" in text else 0
        for _ in range(n):
            kind, _name = str(next(tokens)[1]), next(tokens)
            _skip(tokens, 2)
            for _ in range(int(_number(next(tokens)))):
                last, onset = next(tokens)
                end = next(tokens)[1] if kind == INTERVALS else onset
                label = str(next(tokens)[1]).strip()
                if label and kind == INTERVALS:
                    found.append(("", label, float(onset), float(end)))
    except (StopIteration, ValueError, TypeError):
        raise DataError(f"{path}: the TextGrid breaks off or is damaged after line {last}; save it again") from None
    return found


def _tokens(text: str) -> Iterator[tuple[int, str | float]]:
    """Texts and numbers with the lines they stand in; the names of the long form, and the flag, are passed over."""
    line, at = 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        if match[1] is not None:
            yield line, match[1].replace('""', '"')
        elif match[2] is not None:
            yield line, float(match[2])


def _number(token: tuple[int, str | float]) -> float:
    return float(token[1])


def _skip(tokens: Iterator[tuple[int, str | float]], n: int) -> None:
    for _ in range(n):
        next(tokens)
