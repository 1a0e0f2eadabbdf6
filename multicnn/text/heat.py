"""What in a text speaks for an answer, word by word."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from multicnn.data.reader import Reader
from multicnn.insight.explain.sample import Absence, padded
from multicnn.insight.explain.seen import COLOURS, Seen
from multicnn.insight.page import Html, text
from multicnn.insight.plots import save
from multicnn.text.entities.reader import TokenReader, whole, worded
from multicnn.text.reader import LONGEST, WordReader, document
from multicnn.text.tokenizers import TOKENIZERS

COLUMNS, LINES = 72, 24  # characters and lines of a drawing; the rest of a longer text is left out
SIZE, ASPECT, LINE = 10, 0.602, 1.7  # of the letters in points, their width, and from line to line, by their size
NGRAMS, MANY = 6, 50  # named below a text, and told a program


class Words(NamedTuple):
    """A text, and where the words that the net was given stand in it."""

    text: str
    spans: Sequence[tuple[int, int]]


def absent(reader: Reader) -> Absence:
    """Padding is no word."""
    return padded


def words(seen: Seen, reader: Any) -> Words:
    """The text as it was written; of a net that reads texts in pieces, the piece."""
    if isinstance(reader, TokenReader):
        written = whole(seen.item)
        _, places = worded(written)
        piece = reader.cut(written, places)[seen.number]
        return Words(written, places[piece.first : piece.last])
    assert isinstance(reader, WordReader)
    written = document(seen.item) if isinstance(seen.item, Path) else seen.item
    cut = written[: reader.max_words * LONGEST]
    spans, tokens = TOKENIZERS[reader.tokenizer].spans(cut)[: reader.max_words], reader.tokens(written)
    if len(spans) == len(tokens):
        return Words(written, spans)
    joined = " ".join(tokens)  # capitals that become two letters: the words as the net knows them
    ends = np.cumsum([len(t) + 1 for t in tokens]).tolist()
    return Words(joined, [(e - 1 - len(t), e - 1) for e, t in zip(ends, tokens, strict=True)])


class Run(NamedTuple):
    """Neighbouring characters of one word, or between words.  word: its number, -1 between."""

    text: str
    word: int


def runs(found: Words) -> list[Run]:
    """The text from the first to the last word, in order."""
    out: list[Run] = []
    at = found.spans[0][0] if found.spans else 0
    for number, (begin, end) in enumerate(found.spans):
        out += [Run(found.text[at:begin], -1)] * (begin > at) + [Run(found.text[begin:end], number)]
        at = end
    last = len(found.text) if len(found.spans) else 0
    tail = found.text[at:last]
    return [*out, Run(tail, -1)] if tail and not any(c.isalnum() for c in tail) else out


def colour(value: float, seen: Seen) -> tuple[float, float, float]:
    """Of a word: white for 0."""
    from matplotlib import colormaps

    _, high = seen.range
    share = float(np.clip(value / high, -1 if seen.signed else 0, 1))
    name, place = (COLOURS[True], (share + 1) / 2) if seen.signed else ("Oranges", 0.85 * share)
    red, green, blue, _ = colormaps[name](0.5 + (place - 0.5) * 0.8 if seen.signed else place)
    return red, green, blue


def aimed(seen: Seen, word: int) -> bool:
    """Whether a word is what is explained."""
    return seen.where is not None and 0 <= word < len(seen.where) and bool(seen.where[word])


def draw(seen: Seen, reader: Any, path: Path) -> None:
    """Write a PNG of the text, each word on its colour."""
    from matplotlib.figure import Figure

    lines = wrapped(runs(words(seen, reader)))
    below = told(seen, words(seen, reader))
    rows = len(lines) + len(below) + bool(below)
    inch = SIZE / 72
    figure = Figure(figsize=(COLUMNS * ASPECT * inch + 0.4, rows * LINE * inch + 0.7))
    axes = figure.add_axes((0.02, 0.02, 0.96, 1 - 0.5 / (rows * LINE * inch + 0.7)))
    axes.set(xlim=(0, COLUMNS), ylim=(rows, 0))
    axes.set_axis_off()
    axes.set_title(seen.title, parse_math=False, fontsize=SIZE + 2)
    for number, line in enumerate(lines):
        written(axes, seen, line, number)
    for number, line in enumerate(below, start=len(lines) + 1):
        axes.text(0, number + 0.5, line, family="monospace", fontsize=SIZE - 1, va="center", parse_math=False)
    save(figure, path)


def written(axes: Any, seen: Seen, line: Sequence[Run], row: int) -> None:
    """One line, its letters on their colours."""
    from matplotlib.patches import Rectangle

    at = 0
    for run in line:
        if 0 <= run.word < len(seen.heat):
            edge = "teal" if aimed(seen, run.word) else "none"
            box = (at - 0.15, row + 0.08), len(run.text) + 0.3, 0.84
            axes.add_patch(Rectangle(*box, facecolor=colour(seen.heat[run.word], seen), edgecolor=edge, linewidth=1.5))
        axes.text(at, row + 0.5, run.text, family="monospace", fontsize=SIZE, va="center", parse_math=False)
        at += len(run.text)


def wrapped(found: Sequence[Run]) -> list[list[Run]]:
    """In lines of at most COLUMNS characters, white space as one space; a long word is cut."""
    lines: list[list[Run]] = [[]]
    at = 0
    for run in found:
        shown = " ".join(run.text.split()) if run.word >= 0 else squeezed(run.text)
        for start in range(0, len(shown), COLUMNS):
            piece = shown[start : start + COLUMNS]
            if at + len(piece) > COLUMNS:
                lines, at = [*lines, []], 0
                piece = piece.lstrip()
            lines[-1].append(Run(piece, run.word))
            at += len(piece)
    return lines if len(lines) <= LINES else [*lines[:LINES], [Run("...", -1)]]


def squeezed(between: str) -> str:
    """What stands between words, its white space as one space."""
    return "".join(" " if c.isspace() else c for c in between).replace("  ", " ")


def told(seen: Seen, found: Words) -> list[str]:
    """The n-grams that add or take the most, where the method knows them."""
    return [f"{value:+z8.3f}  {phrase}" for phrase, value in ngrams(seen, found)[:NGRAMS]]


def ngrams(seen: Seen, found: Words) -> list[tuple[str, float]]:
    """What each adds, the largest first; those that occur several times are summed."""
    total: dict[str, float] = {}
    for begin, end, value in seen.facts.get("ngrams", ()):
        if begin < len(found.spans):
            name = phrase(found, begin, end)
            total[name] = total.get(name, 0.0) + value
    return sorted(total.items(), key=lambda pair: -abs(pair[1]))


def phrase(found: Words, begin: int, end: int) -> str:
    """The words from one to before another."""
    last = min(end, len(found.spans)) - 1
    return " ".join(found.text[found.spans[begin][0] : found.spans[last][1]].split())[:COLUMNS]


def mark(seen: Seen, reader: Any, png: bytes) -> Html:
    """The text for a page, each word on its colour, and the n-grams below."""
    found = words(seen, reader)
    parts = [marked(seen, run) for run in runs(found)]
    below = "<br>".join(text(line) for line in told(seen, found))
    more = f"<p><small>{below}</small></p>" if below else ""
    return Html(f'<p class="passage" dir="auto">{"".join(parts)}</p>{legend(seen)}{more}')


def legend(seen: Seen) -> Html:
    """What the colours say."""
    says = "red: for the answer, blue: against it" if seen.signed else "the darker, the more it matters"
    return Html(f"<p><small>{says}; point at a word for its number</small></p>")


def spell(seen: Seen, reader: Any) -> dict[str, Any]:
    """What each word adds; the n-grams, where the method knows them."""
    found = words(seen, reader)
    heat = [[found.text[a:b], round(float(v), 6)] for (a, b), v in zip(found.spans, seen.heat, strict=False)]
    return {"words": heat, "ngrams": [[name, round(value, 6)] for name, value in ngrams(seen, found)[:MANY]]}


def marked(seen: Seen, run: Run) -> Html:
    """One run of characters."""
    if not 0 <= run.word < len(seen.heat):
        return text(run.text)
    red, green, blue = (round(255 * c) for c in colour(seen.heat[run.word], seen))
    line = ";outline:2px solid teal" if aimed(seen, run.word) else ""
    value = f"{seen.heat[run.word]:+z.3f}"
    return Html(
        f'<mark title="{value}" style="background:rgb({red},{green},{blue});color:#111{line}">{text(run.text)}</mark>'
    )
