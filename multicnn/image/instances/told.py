"""What a bundle tells of pictures with instances, with numpy and Pillow alone.

Every function is `(name, item, reader, ask, facts) -> lines`, see `multicnn.verbs.modality.Told`.
"""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from multicnn.image.boxes.outcome import shown
from multicnn.image.decode import sized
from multicnn.image.instances.draw import save_numbers
from multicnn.image.instances.outcome import instances as instances_of
from multicnn.image.instances.outcome import lines
from multicnn.image.instances.shapes import painted, shapes
from multicnn.image.maps import free_name
from multicnn.insight.export.feeding import batches
from multicnn.insight.export.labelled import Ask
from multicnn.tasks.detect import MOST
from multicnn.tasks.instances import Outlines
from multicnn.tasks.suppress import chosen, lifted
from multicnn.zoo.prototypes import FINER

Facts = Mapping[str, Any]


def instances(name: str, item: Any, reader: Any, ask: Ask, facts: Facts) -> list[list[str]]:
    """The boxes with the areas of their masks; masks/NAME.png of their numbers."""
    (out,) = (ask(raw)[0] for raw in batches(reader, item))
    task = SimpleNamespace(**facts)
    found = outlines(out, task)
    own = shapes(found, sized(item), reader)
    if facts["out"]:
        folder = Path(facts["out"]) / "masks"
        save_numbers(folder / free_name(folder, name), painted([s.mask() for s in own], sized(item)), name)
    return lines(name, instances_of(found.lines, [s.area for s in own], item, reader, task))


def outlines(out: np.ndarray, task: Any) -> Outlines:
    """What is to be shown of a net's answer, as `Instances.outlines` has it.  cells (k + 9 + 5 p)"""
    k, p = len(task.classes), task.prototypes
    found = chosen(out[:, : k + 9], k, task.overlap, MOST)
    found = found[shown(found, task)]
    mix = out[found[:, 6].astype(int), k + 9 : k + 9 + p]
    place = out[:, k + 5 : k + 9]
    return Outlines(found[:, :6], mix, lifted(out[:, k + 9 + p :], place), place[0, 2:] / FINER)


def facts_of(task: Any) -> dict[str, Any]:
    """What `instances` knows of the task."""
    plain = {"classes": [*task.classes], "threshold": task.threshold, "prototypes": task.prototypes}
    return plain | {"overlap": task.boxes.overlap}
