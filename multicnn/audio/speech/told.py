"""What a bundle tells of speech, with numpy alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from multicnn.audio.speech.outcome import Transcribed, spoken
from multicnn.audio.speech.seams import parts
from multicnn.audio.speech.subtitles import write_subtitles
from multicnn.errors import UsageError
from multicnn.insight.export.feeding import batches
from multicnn.insight.export.labelled import Ask
from multicnn.tasks.beam import Beam
from multicnn.tasks.ctc import best_path


class Spelling:
    """What of the task finds units and spells them.  texts: of the units.  step: seconds.  beam: 1 for none."""

    def __init__(self, texts: list[str], step: float, beam: int):
        self.texts, self.step = texts, step
        self.units = Beam(texts, beam) if beam > 1 else best_path


def rows(name: str, item: Any, reader: Any, ask: Ask, facts: Mapping[str, Any]) -> list[list[str]]:
    """The text; subtitles/NAME.srt, NAME.vtt and NAME.TextGrid."""
    task = Spelling(facts["texts"], facts["step"], facts["beam"])
    answers = (ask(raw)[0] for raw in batches(reader, item))
    words = [word for start, chances in parts(answers, reader, task) for word in spoken(task, chances, start)]
    if facts["out"]:
        write_subtitles(Path(facts["out"]) / "subtitles", name, words)
    return Transcribed(name, words).cells()


def facts_of(task: Any) -> dict[str, Any]:
    """What `rows` knows of the task. Raises UsageError where words of a file decide, which a bundle has not."""
    if task.search is not None and task.search.scorer is not None:
        raise UsageError(
            "task.words and task.arpa: a bundle carries no list or model of words; "
            'add --set task.words="" --set task.arpa="", then the units alone decide'
        )
    return {"texts": [*task.texts], "step": task.step, "beam": task.search.width if task.search else 1}
