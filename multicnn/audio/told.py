"""What a bundle tells of sounds that are classified: labels, and of long ones also what occurs when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from multicnn.audio.spotting import Spotting
from multicnn.insight.export import labelled
from multicnn.insight.export.labelled import Ask


@dataclass(frozen=True)
class Names:
    """What of a task is needed to spot its classes."""

    classes: tuple[str, ...]
    several: bool

    def decode(self, answer: np.ndarray) -> list[str]:
        """n k -> n"""
        return [labelled.label(line, self.classes, several=self.several) for line in answer]


def rows(name: str, item: Any, reader: Any, ask: Ask, facts: Mapping[str, Any]) -> list[list[str]]:
    """A line for the sound, and one for each span in a long one."""
    spotting = Spotting(reader)
    if not spotting.long(item):
        return labelled.rows(name, item, reader, ask, facts)
    names: Any = Names(tuple(facts["classes"]), facts["several"])
    return spotting.spot(name, item, names, lambda some: (ask(raw[None])[0] for raw in some)).cells()
