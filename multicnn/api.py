"""Everything the command line can do, as functions over the three modalities."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from multicnn.flags import tables
from multicnn.names import find
from multicnn.train.run import open_run, read_model
from multicnn.train.voice import Silent, Voice
from multicnn.verbs import audit as auditing
from multicnn.verbs import folds as folding
from multicnn.verbs.modality import Modality
from multicnn.verbs.run import Run

MODALITIES = {"image": "multicnn.image", "audio": "multicnn.audio", "text": "multicnn.text"}


def modality(name: str) -> Modality:
    """A modality by name; the others are not imported."""
    return import_module(find("modality", MODALITIES, name)).MODALITY


def load(
    path: str | Path, *, device: str = "auto", voice: Voice | None = None, task: Mapping[str, Any] | None = None
) -> Run:
    """A run from its folder. Raises UsageError when the folder is none.

    task: settings of its task to take instead of those it was trained with, such as `{"beam": 32}`.
    """
    folder = open_run(Path(path))
    return Run(folder, modality(read_model(folder)["modality"]), device=device, voice=voice, task=task)


def cross_validate(
    name: str,
    data: str | Path,
    folds: int,
    *,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    voice: Voice | None = None,
    **flags: Any,
) -> dict[str, Any]:
    """Train and measure a run a fold; every metric's mean and deviation over them, as in folds.json.

    name: the modality.  The other arguments are those of its `train`.
    """
    given = tables(name, flags)
    given.setdefault("data", {})["source"] = str(data)
    sets = {table: dict(values) for table, values in (settings or {}).items()}
    _, found = folding.cross_validate(
        modality(name), folds, config={}, flags=given, sets=sets, out=Path(out) if out else None, overwrite=False,
        voice=voice or Silent(),
    )  # fmt: skip
    return found


def audit(
    name: str,
    data: str | Path | None = None,
    *,
    run: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    voice: Voice | None = None,
    **flags: Any,
) -> dict[str, Any]:
    """What is wrong with a data set: counts, and a dict a finding, see `multicnn.insight.audit.finding`.

    name: the modality.  data: folder, table file or built-in name.  run: of a network that knows such data, which finds
    more.  out: folder to write.  The other keywords are the data flags of `train`, with underscores.
    """
    given = tables(name, flags)
    if data is not None:
        given.setdefault("data", {})["source"] = str(data)
    return auditing.audit(
        modality(name), flags=given, run=Path(run) if run else None, out=Path(out) if out else None,
        overwrite=overwrite, voice=voice or Silent(),
    )  # fmt: skip
