"""Pictures with their masks, as a layout lists them before anybody has looked into the masks."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

Masks = str | dict[str, str]  # one file, or a file a class


@dataclass(frozen=True, eq=False)
class Found:
    """n pictures: their files, the names people call them by, and their masks.

    parts: "train", "val", "test" or "" of each.  group: as in `Table`.  classes: a file that names the classes.
    """

    name: str
    pictures: list[str]
    ids: list[str]
    masks: list[Masks]
    parts: list[str]
    classes: Path | None = None
    group: np.ndarray | None = None
    said: tuple[str, ...] = field(default=())
