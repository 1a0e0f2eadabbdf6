"""Everything the command line can do, as functions over the three modalities."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from multicnn.errors import UsageError
from multicnn.flags import tables
from multicnn.names import find
from multicnn.train.run import open_run, read_model
from multicnn.train.voice import Silent, Voice
from multicnn.verbs import audit as auditing
from multicnn.verbs import audit_apply as applying
from multicnn.verbs import folds as folding
from multicnn.verbs import learning
from multicnn.verbs import plan as planning
from multicnn.verbs.layers import read_config
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


def learning_curve(
    name: str,
    data: str | Path | None = None,
    *,
    shares: Sequence[float] = (10, 25, 50, 100),
    repeats: int = 1,
    config: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    settings: Mapping[str, Any] | None = None,
    voice: Voice | None = None,
    **flags: Any,
) -> dict[str, Any]:
    """Train on shares (per cent) of the training part, and tell what more samples would bring, as in curve.json.

    name: the modality.  repeats: runs a share.  The other arguments are those of its `train`.
    """
    given = tables(name, flags)
    if data is not None:
        given.setdefault("data", {})["source"] = str(data)
    sets = {table: dict(values) for table, values in (settings or {}).items()}
    saved = read_config(Path(config), name) if config else {}
    asked = learning.Asked(modality(name), shares, repeats, saved, given, sets)
    return learning.learn(asked, out=Path(out) if out else None, overwrite=overwrite, voice=voice or Silent())


def audit(
    name: str,
    data: str | Path | None = None,
    *,
    run: str | Path | None = None,
    folds: int = 0,
    apply: str | Path | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    voice: Voice | None = None,
    **flags: Any,
) -> dict[str, Any]:
    """What is wrong with a data set: counts, and a dict a finding, see `multicnn.insight.audit.finding`.

    name: the modality.  data: folder, table file or built-in name.  run: of a network that knows such data, which finds
    more, in its own data if no others are named.  folds: in which it is trained anew to judge the labels, 0 for none.
    apply: a fixes.csv, to write the table `out` with its fixes instead.  out: folder, else one below audits/.
    The other keywords are the data flags of `train`, with underscores.
    """
    given = tables(name, flags)
    if data is not None:
        given.setdefault("data", {})["source"] = str(data)
    place = Path(out) if out else None
    if apply is not None:
        if run is not None or folds:
            raise UsageError("--run finds more and --apply mends what was found; give one of them")
        return applying.apply(
            modality(name), flags=given, fixes=Path(apply), out=place, overwrite=overwrite, voice=voice or Silent()
        )
    return auditing.audit(
        modality(name), flags=given, run=Path(run) if run else None, folds=folds, out=place,
        overwrite=overwrite, voice=voice or Silent(),
    )  # fmt: skip


def plan(
    name: str,
    data: str | Path | None = None,
    *,
    classes: int | None = None,
    config: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    every: bool = False,
    silence: Sequence[str] = (),
    voice: Voice | None = None,
    **flags: Any,
) -> dict[str, Any]:
    """What a training would cost: parameters, operations, layers, memory, time; see `multicnn.verbs.plan`.

    name: the modality.  data: as of `train`; none, but a model: what can be counted without, for `classes` answers.
    every: tell the voice of every layer of a long net too.  silence: rules of advice to leave out.  The other
    arguments are those of `train`.
    """
    given = tables(name, flags)
    if data is not None:
        given.setdefault("data", {})["source"] = str(data)
    return planning.plan(
        modality(name), config=read_config(Path(config), name) if config else {}, flags=given,
        sets={table: dict(values) for table, values in (settings or {}).items()}, classes=classes, every=every,
        silence=silence, voice=voice or Silent(),
    )  # fmt: skip
