"""What a bundle tells of mixtures, with numpy and the codecs of sounds alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from multicnn.audio.stems.separated import Kept, collected, write
from multicnn.insight.export.feeding import batches
from multicnn.insight.export.labelled import Ask


def rows(name: str, item: Any, reader: Any, ask: Ask, facts: Mapping[str, Any]) -> list[list[str]]:
    """A line a stem; NAME/STEM.wav."""
    answers = (ask(raw)[0] for raw in batches(reader, item))
    found = collected(name, item, reader, tuple(facts["classes"]), answers, permute=facts["permute"])
    return Kept.of(found, write(found, Path(facts["out"])) if facts["out"] else {}).cells()


def facts_of(task: Any) -> dict[str, Any]:
    """What `rows` knows of the task."""
    return {"classes": [*task.classes], "permute": task.permute}
