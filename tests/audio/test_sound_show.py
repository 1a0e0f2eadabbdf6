"""Pictures of sounds."""

from pathlib import Path

import numpy as np
from PIL import Image

from multicnn.audio.reader import SoundReader
from multicnn.audio.show import Span, draw

READER = SoundReader(rate=16_000, seconds=1.0)


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def test_a_sound_is_drawn_with_its_answer(tmp_path: Path, tone: np.ndarray) -> None:
    for name, sound in (("tone", tone), ("short", tone[:1]), ("silent", 0 * tone)):
        draw(sound, READER, tmp_path / f"{name}.png", answer="costs $5, or $6")
        assert pixels(tmp_path / f"{name}.png").shape == (400, 700, 3)
    assert np.abs(pixels(tmp_path / "tone.png") - pixels(tmp_path / "silent.png")).mean() > 1


def test_spans_stand_where_their_times_are(tmp_path: Path, tone: np.ndarray) -> None:
    """In the bars below, pure red in the first quarter and pure lime in the last, and nothing else is as pure."""
    spans = [Span(0.0, 0.25, "dog $1$", "#ff0000"), Span(0.75, 1.0, "cat", "#00ff00", row=1)]
    draw(0 * tone, READER, tmp_path / "spans.png", spans=spans)
    seen = pixels(tmp_path / "spans.png")
    columns = {name: np.flatnonzero((seen == colour).all(2).any(0)) for name, colour in
               (("dog", (255, 0, 0)), ("cat", (0, 255, 0)))}  # fmt: skip
    left, right = columns["dog"].min(), columns["cat"].max()
    width = right - left
    assert abs(columns["dog"].max() - (left + width / 4)) <= 3
    assert abs(columns["cat"].min() - (left + 3 * width / 4)) <= 3
    rows = {name: np.flatnonzero((seen == colour).all(2).any(1)).mean() for name, colour in
            (("dog", (255, 0, 0)), ("cat", (0, 255, 0)))}  # fmt: skip
    assert rows["cat"] < rows["dog"]  # row 1 above row 0
