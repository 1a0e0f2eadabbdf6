"""A trained network read back from its run folder, with all that turns a raw sample into an answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from accelerate import Accelerator

from multicnn.data.along import Target
from multicnn.data.batches import Batches
from multicnn.data.reader import Growing, Reader
from multicnn.data.store import Store
from multicnn.errors import DataError, UsageError
from multicnn.names import check, find
from multicnn.train.checkpoint import load_weights
from multicnn.train.device import accelerator
from multicnn.train.evaluate import answers, judgements
from multicnn.train.run import RunFolder, damaged, read_model
from multicnn.train.task import Task
from multicnn.train.voice import Voice
from multicnn.verbs.layers import read_saved, rest
from multicnn.verbs.modality import Kind, Modality, Spotter
from multicnn.verbs.parts import answering
from multicnn.zoo.lookup import looked
from multicnn.zoo.net import Net, build_body, count
from multicnn.zoo.views import Views

LEARNT = {"flip": {"flip", "flip-alternate"}, "roll": {"roll"}}  # augments behind a view that not every net knows


@dataclass(frozen=True, eq=False)
class Trained:
    """A net with its best weights, its reader and its task."""

    folder: RunFolder
    modality: Modality
    kind: Kind
    facts: dict[str, Any]  # the content of model.json
    reader: Reader
    net: Net
    task: Task
    accelerator: Accelerator
    spotter: Spotter | None = None  # of long samples

    @property
    def classes(self) -> Sequence[str]:
        return self.facts["classes"]

    @property
    def views(self) -> list[str]:
        """What test-time augmentation shows unless told otherwise: mirrored and rolled views only to a net that learnt
        from such.

        Raises UsageError where the task's answers have no mean over views, and where no view is left.
        """
        if not self.kind.views:
            raise UsageError(
                f"{self.modality.name} {self.facts['task']} has no test-time augmentation; leave out --tta"
            )
        learnt = read_saved(self.folder.config, self.modality.name).get("augment", {})
        views = [v for v in self.kind.views if v not in LEARNT or learnt.keys() & LEARNT[v]]
        if not views:
            raise UsageError(
                f"{self.folder.path} learnt from no views that --tta could show; train with --augment "
                f"{', '.join(sorted(a for v in self.kind.views for a in LEARNT[v]))}, or leave out --tta"
            )
        return views

    def seeing(self, views: Sequence[str]) -> "Trained":
        """The same net, asked several views of each sample, see `multicnn.zoo.views`."""
        return replace(self, net=Views(self.net, views)) if views else self

    def meeting(self, items: Iterable[Any]) -> "Trained":
        """The same net, which knows the new words of some items too; those of an earlier call it forgets."""
        reader = self.reader.met(items) if isinstance(self.reader, Growing) else self.reader
        if reader is self.reader:
            return self
        cast(Any, self.net.frontend).meet(reader)
        return replace(self, reader=reader)

    def warn_of_lost(self, voice: Voice) -> None:
        """Say where the words of new texts cannot be looked up any more."""
        if isinstance(self.reader, Growing) and (why := self.reader.lost()):
            voice.say(f"warning: {why}")

    def spotting(self, *, every: float | None = None, threshold: float | None = None) -> "Trained":
        """The same net, going through long samples by steps of `every` (s), reporting what reaches `threshold`.

        Raises UsageError where the task says nothing of when.
        """
        if every is None and threshold is None:
            return self
        spotter = self.kind.spot(self.reader, every=every, threshold=threshold) if self.kind.spot else None
        if spotter is None:
            flag = "--every" if every is not None else "--threshold"
            raise UsageError(
                f"{flag} is for long sounds and runs that classify them, not for {self.modality.name} "
                f"{self.facts['task']} of this kind; leave it out"
            )
        return replace(self, spotter=spotter)

    def answer(self, store: Store, rows: np.ndarray, voice: Voice) -> np.ndarray:
        """The answers to rows of a store.  -> n ..."""
        blank = np.zeros(len(store), dtype=np.int64)
        return answers(self.net, self.task, self.batches(store, blank, rows), self.accelerator, voice)

    def answer_alike(self, store: Store, voice: Voice, size: int | None = None) -> np.ndarray:
        """The answers to samples of one length, whatever that is; size: of a batch, if not the training's.  -> n ..."""
        blank, rows = np.zeros(len(store), dtype=np.int64), np.arange(len(store))
        alike = replace(self.batches(store, blank, rows), window=None, batch_size=size or self.facts["batch_size"])
        return answers(self.net, self.task, alike, self.accelerator, voice)

    def judge(self, store: Store, target: Target, rows: np.ndarray, voice: Voice) -> np.ndarray:
        """What the metrics read of rows of a store.  -> n ..."""
        return judgements(self.net, self.task, self.batches(store, target, rows), self.accelerator, voice)

    def batches(self, store: Store, target: Target, rows: np.ndarray) -> Batches:
        """Rows of a store, each in all its windows."""
        size = self.facts["batch_size"]
        return Batches(store, target, rows, size, window=self.reader.window, quantum=self.reader.quantum)


def describe(
    modality: Modality,
    tables: dict[str, Any],
    reader: Reader,
    net: Net,
    task: Task,
    grid: Sequence[int] | None,
    *,
    several: bool,
) -> dict[str, Any]:
    """The content of model.json: all that rebuilds the net."""
    return {
        "modality": modality.name,
        "task": tables["task"]["name"],
        "several_labels": several,
        "reader": type(reader).__name__,
        "model": tables["model"]["name"],
        "settings": {k: dict(tables[k]) for k in ("frontend", "model", "task")},
        "classes": list(task.classes),
        "preprocessing": reader.settings(),
        "grid": list(grid) if grid is not None else None,
        "parameters": count(net),
        "precision": tables["train"]["precision"],
        "batch_size": tables["train"]["batch_size"],
    }


def load(
    folder: RunFolder, modality: Modality, *, device: str = "auto", settings: Mapping[str, Any] | None = None
) -> Trained:
    """Rebuild the net of a run and put its best weights in. Raises DataError when the run has none yet.

    settings: of the task, to take instead of the run's own, such as a threshold or a width of a search; UsageError
    for one that it does not have, or that its weights do not fit.
    """
    facts = read_model(folder)
    if settings:
        facts = with_settings(facts, modality, settings)
    if not folder.best.exists():
        raise DataError(f"{folder.path} has no trained weights yet; finish it with: multicnn resume {folder.quoted}")
    place = accelerator(device, facts["precision"])
    try:
        kind = modality.kind(facts["task"])
        reader, task, net = _rebuild(modality, kind, facts)
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(folder.model, error) from error
    try:
        load_weights(folder.best, net)
    except DataError as error:
        if not settings:
            raise
        raise UsageError(
            f"task.{', task.'.join(settings)}: the run's weights are for other settings; leave it out"
        ) from error
    spotter = kind.spot(reader) if kind.spot else None
    return Trained(folder, modality, kind, facts, reader, looked(net.to(place.device)), task, place, spotter)


def with_settings(facts: dict[str, Any], modality: Modality, task: Mapping[str, Any]) -> dict[str, Any]:
    """The content of model.json with other settings of the task. Raises UsageError with near names."""
    build = answering(modality.kind(facts["task"]), several=facts["several_labels"])
    check(f"task {facts['task']!r}", build, task)
    if {"weights", "class_weights"} & task.keys():
        raise UsageError("--set task.class_weights: weights of classes matter to training only; leave it out")
    return facts | {"settings": facts["settings"] | {"task": {**facts["settings"]["task"], **task}}}


def _rebuild(modality: Modality, kind: Kind, facts: dict[str, Any]) -> tuple[Reader, Task, Net]:
    """The parts that model.json describes, the weights still those of the start."""
    settings = facts["settings"]
    reader = find("reader", modality.readers, facts["reader"])(**facts["preprocessing"])
    front = find("front-end", modality.frontends, settings["frontend"]["name"])(reader, **rest(settings["frontend"]))
    task, net = _behind(kind, facts, front)
    return reader, task, net


def _behind(kind: Kind, facts: dict[str, Any], front: Any) -> tuple[Task, Net]:
    """The task, and its net behind a front-end."""
    settings = facts["settings"]
    grid = tuple(facts["grid"]) if facts["grid"] is not None else None
    body = build_body(facts["model"], front.rank, front.channels, grid, rest(settings["model"]))
    given = {k: v for k, v in rest(settings["task"]).items() if k != "class_weights"}  # which only training needs
    task = answering(kind, several=facts["several_labels"])(facts["classes"], **given)
    return task, task.net(front, body)


def untrained(trained: Trained) -> Net:
    """A net like it, with its front-end, whose other weights are those of a start."""
    return _behind(trained.kind, trained.facts, trained.net.frontend)[1]
