"""Small drawings of recordings: their spectrum, and below it when each class sounds."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from multicnn.audio.media import SECONDS, clip
from multicnn.data.table import Table
from multicnn.insight.page import Html, text
from multicnn.tasks import found, tracks
from multicnn.tasks.tracks import HEAD, TIMES
from multicnn.verbs.modality import Look

WIDTH, HEIGHT = 400, 26  # pixels of a line, as wide as the spectrum above


def sketch(task: Any, reader: Any, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look) -> list[Html]:
    """A drawing a piece."""
    own = tracks.unpack(judged, len(task.classes))
    sounds = look(np.arange(len(rows)))[0]
    return [_drawn(task, reader, own, place, sound) for place, sound in enumerate(sounds)]


def _drawn(task: Any, reader: Any, own: tracks.Judged, place: int, sound: np.ndarray) -> Html:
    seconds = float(min(own.y[place, 1, 0], reader.seconds))
    edges = np.arange(own.scores.shape[2] + 1) * own.cell
    said = found.spoken(own.scores[place], edges, *task.used)
    events = own.y[place, HEAD:]
    known = own.y[place, 2, 0] == TIMES
    true = [events[events[:, 0] == c, 1:] if known else np.zeros((0, 2)) for c in range(len(task.classes))]
    heard = sound[: round(seconds * reader.rate)]
    shown = [(name, t, s) for name, t, s in zip(task.classes, true, said, strict=True) if len(t) or len(s)]
    played = clip(heard, reader.rate, seconds=max(seconds, SECONDS))
    return Html(f"{played}{timeline(shown, seconds)}")


def timeline(lines: Sequence[tuple[str, np.ndarray, np.ndarray]], seconds: float) -> Html:
    """A line a class: its name, below it the true spans green, then the answered ones red.  n 2, m 2 in seconds"""
    parts = []
    for row, (name, true, said) in enumerate(lines):
        y = row * HEIGHT
        parts.append(f'<text x="0" y="{y + 9}">{text(name)}</text>')
        for spans, whose, at in ((true, "true", y + 12), (said, "said", y + 18)):
            for begin, end in np.clip(spans, 0, seconds).tolist():
                x, wide = begin / seconds * WIDTH, max(1.0, (end - begin) / seconds * WIDTH)
                parts.append(f'<rect class="{whose}" x="{x:.1f}" y="{at}" width="{wide:.1f}" height="5"/>')
    size = f"0 0 {WIDTH} {max(1, len(lines)) * HEIGHT}"
    drawn = f'<svg class="spans" viewBox="{size}" role="img" aria-label="truth and answer">{"".join(parts)}</svg>'
    key = '<p class="key"><span><i class="true"></i>truth</span><span><i class="said"></i>answer</span></p>'
    return Html(drawn + key if lines else '<p class="note">Nothing sounds, and nothing is answered.</p>')
