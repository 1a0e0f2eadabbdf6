"""The files that keep the events of one recording."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from multicnn.train.run import write_text


def free_stem(folder: Path, name: str) -> str:
    """The stem of a recording's name, with a number where the scores of another lie."""
    stem = Path(name).stem or "sound"
    stems = (stem if n == 1 else f"{stem}-{n}" for n in count(1))
    return next(s for s in stems if owner(folder / f"{s}.npz") in (None, name))


def owner(path: Path) -> str | None:
    """The recording whose scores a file holds; None for no such file, "" for another one."""
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as held:
            return str(held["id"])
    except (OSError, ValueError, KeyError, BadZipFile):
        return ""


def write_scores(path: Path, name: str, classes: Sequence[str], scores: np.ndarray, edges: np.ndarray) -> None:
    """id, classes, scores (k t, float16) and edges (t + 1, seconds: the borders of the cells) as .npz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, id=name, classes=np.array(classes), scores=scores.astype(np.float16), edges=edges)


def write_labels(path: Path, events: Sequence[tuple[str, float, float, float]]) -> None:
    """A line an event for Audacity's "Import labels": onset, offset and class, tabs between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, "".join(f"{onset:.6f}\t{offset:.6f}\t{label}\n" for label, onset, offset, _ in events))
