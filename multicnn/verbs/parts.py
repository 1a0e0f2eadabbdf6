"""The single parts of a run, built from their settings."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from multicnn.data.reader import Reader
from multicnn.data.table import Table
from multicnn.errors import UsageError
from multicnn.names import check
from multicnn.tasks.classify import Classify, Tag
from multicnn.tasks.weights import class_weights
from multicnn.train.augment import Augment
from multicnn.train.device import faster_precision
from multicnn.train.run import RunFolder
from multicnn.train.settings import TrainSettings
from multicnn.train.task import Task
from multicnn.train.voice import Voice
from multicnn.verbs.layers import Tables, rest
from multicnn.verbs.modality import Kind, Modality
from multicnn.zoo.net import Net
from multicnn.zoo.official import fetch
from multicnn.zoo.weights import fit_weights, read_weights, translated


def start_from(weights: str, model: str, net: Net, voice: Voice) -> None:
    """Put in what fits of a file's weights, or of the model's official ones; say what has to be learnt anew.

    A run folder stands for its best weights. Raises DataError for weights of another network.
    """
    path = fetch(model, voice.say) if weights == "imagenet" else Path(weights).expanduser()
    path = RunFolder(path).best if path.is_dir() else path
    state = net.state_dict()
    loaded, left_out, missing = fit_weights(state, translated(model, read_weights(path)))
    net.load_state_dict(state | {k: v for k, v in loaded.items() if not k.startswith("frontend.")})
    anew = f"; learnt anew: {', '.join(missing[:4])}{', ...' if len(missing) > 4 else ''}" if missing else ""
    voice.say(f"weights from {path}: {len(loaded)} tensors, {len(left_out)} left out{anew}")


def grid_of(frontend: Any, reader: Reader, sample: torch.Tensor) -> tuple[int, ...] | None:
    """The grid that the front-end makes of a raw batch, where all samples have one size."""
    if reader.shape is None and reader.window is None:
        return None
    with torch.inference_mode():
        return tuple(frontend(sample[:1]).shape[2:])


def refuse_unread(modality: Modality, tables: Tables, reader: Reader) -> None:
    """Raises UsageError for a front-end or an augment that is not for what `reader` reads."""
    named = [("frontend", modality.frontends, [tables["frontend"]["name"]])]
    named += [("augment", modality.augments, [*tables["augment"]])]
    for flag, parts, names in named:
        fit = [n for n, part in parts.items() if isinstance(reader, getattr(part, "reads", object))]
        for name in names:
            if name not in fit:
                raise UsageError(f"--{flag} {name} is not for {_noun(reader)}; choose of {', '.join(fit)}")


def _noun(reader: Reader) -> str:
    """What a reader reads, in a word."""
    return f"samples of kind {type(reader).__name__.removesuffix('Reader').lower()!r}"


def build_task(kind: Kind, settings: dict[str, Any], table: Table, train: np.ndarray) -> Task:
    """The task with its settings; classify answers with several labels where the data have several."""
    given = rest(settings)
    weights = class_weights(given.pop("class_weights", "none"), table.classes, table.truth[train])
    build = answering(kind, several=table.several)
    check(f"task {settings['name']!r}", build, given)
    return build(table.classes, weights=weights, **given)


def answering(kind: Kind, *, several: bool) -> Callable[..., Task]:
    """What builds the task of this kind, for samples with one label or several."""
    return Tag if kind.task is Classify and several else kind.task


def build_augments(modality: Modality, task: Task, tables: Tables) -> list[Augment]:
    """In the order of the settings. Raises UsageError for one that the task's answers cannot follow."""
    found = []
    for name, given in tables["augment"].items():
        augment = modality.augments[name](**given)
        if getattr(augment, "mixes", False) and not task.mixes:
            raise UsageError(
                f"--augment {name} mixes two samples' answers, which {tables['task']['name']} cannot; leave it out"
            )
        if getattr(augment, "wraps", False) and getattr(task, "timed", False):
            raise UsageError(
                f"--augment {name} brings the end of a sample to its beginning, and would tear what lies there; "
                "take shift instead"
            )
        found.append(augment)
    return found


def settle_precision(settings: TrainSettings, net: Net, sample: torch.Tensor) -> TrainSettings:
    """Put what was measured in the place of "auto"."""
    if settings.precision != "auto":
        return settings
    if (settings.device == "auto" and torch.cuda.is_available()) or settings.device.startswith("cuda"):
        return replace(
            settings, precision="bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
        )
    return replace(settings, precision=faster_precision(net, sample))
