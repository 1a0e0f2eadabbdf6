"""Speech with what was said and what was understood."""

from difflib import SequenceMatcher
from typing import Any

import numpy as np

from multicnn.audio.media import clip
from multicnn.data.table import Table
from multicnn.insight.page import Html, join, tag, text
from multicnn.tasks import edits
from multicnn.verbs.modality import Look

SECONDS = 10.0  # of a sound that are played


def sketch(task: Any, reader: Any, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look) -> list[Html]:
    """A player, the true text and the answer a sample."""
    assert table.answer is not None
    said = [task.text(units) for units in edits.answers(judged, len(task.classes))]
    true = [str(line) for line in table.answer[rows]]
    return [
        join([clip(reader(table.items[row]), reader.rate, seconds=SECONDS), compared(t, s)])
        for row, t, s in zip(rows, true, said, strict=True)
    ]


def compared(truth: str, answer: str) -> Html:
    """Both texts, word by word: what is missed dashed, what is wrong red."""
    words, said = truth.split(), answer.split()
    above, below = [], []
    for kind, a, b, c, d in SequenceMatcher(None, words, said, autojunk=False).get_opcodes():
        if kind == "equal":
            above.append(text(" ".join(words[a:b])))
            below.append(text(" ".join(said[c:d])))
            continue
        above += [tag("mark", " ".join(words[a:b]), kind="missed")] if b > a else []
        below += [tag("mark", " ".join(said[c:d]), kind="spurious")] if d > c else []
    lines = ((("truth"), above), ("answer", below))
    return Html("".join(f"<dl><dt>{name}</dt><dd>{' '.join(parts) or '(nothing)'}</dd></dl>" for name, parts in lines))
