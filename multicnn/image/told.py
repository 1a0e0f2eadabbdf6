"""What a bundle tells of pictures and volumes whose answers are maps, with numpy and Pillow alone.

Every function is `(name, item, reader, ask, facts) -> lines`, see `multicnn.verbs.modality.Told`.
"""

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.image.decode import sized
from multicnn.image.maps import free_name, masked
from multicnn.image.maps import shares as shares_of
from multicnn.image.overlay import save_mask
from multicnn.image.solids import Solid, solid_mask
from multicnn.image.solids import save as save_solid
from multicnn.insight.export.feeding import batches
from multicnn.insight.export.labelled import Ask

Facts = Mapping[str, Any]


def maps(name: str, item: Any, reader: Any, ask: Ask, facts: Facts) -> list[list[str]]:
    """The share of each class; masks/NAME.png."""
    answers = chain.from_iterable(map(ask, batches(reader, item)))
    answer = answers if hasattr(reader, "pieces") else next(answers)
    mask, _ = masked(reader, answer, sized(item), len(facts["classes"]))
    file = ""
    if facts["out"]:
        folder = Path(facts["out"]) / "masks"
        file = free_name(folder, name)
        save_mask(folder / file, mask, name)
    return _shared(name, file, mask, facts)


def solids(name: str, item: Any, reader: Any, ask: Ask, facts: Facts) -> list[list[str]]:
    """The share of each class; masks/NAME.nii.gz or .npy."""
    answers = chain.from_iterable(map(ask, batches(reader, item)))
    mask = solid_mask(reader, item, answers if hasattr(reader, "pieces") else next(answers))
    file = save_solid(Path(facts["out"]) / "masks", Solid(name, item, mask, {})) if facts["out"] else ""
    return _shared(name, file, mask, facts)


def _shared(name: str, file: str, mask: np.ndarray, facts: Facts) -> list[list[str]]:
    shares = shares_of(mask, facts["classes"]).values()
    return [[name, f"masks/{file}" if file else "", *(f"{share:.6g}" for share in shares)]]


def facts_of(task: Any) -> dict[str, Any]:
    """What `maps` and `solids` know of the task."""
    return {"classes": [*task.classes]}
