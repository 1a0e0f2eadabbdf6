"""A trained network read back from its run folder, with all that turns a raw sample into an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from accelerate import Accelerator

from multicnn.data.batches import Batches
from multicnn.data.reader import Reader
from multicnn.data.store import Store
from multicnn.errors import DataError
from multicnn.names import find
from multicnn.tasks.classify import Classify, Tag
from multicnn.train.checkpoint import load_weights
from multicnn.train.device import accelerator
from multicnn.train.evaluate import answers
from multicnn.train.run import RunFolder, damaged, read_model
from multicnn.train.task import Task
from multicnn.train.voice import Voice
from multicnn.verbs.layers import rest
from multicnn.verbs.modality import Modality
from multicnn.zoo.net import Net, build_body, count

TASKS: dict[str, Callable[..., Task]] = {"Classify": Classify, "Tag": Tag}


@dataclass(frozen=True, eq=False)
class Trained:
    """A net with its best weights, its reader and its task."""

    folder: RunFolder
    modality: Modality
    facts: dict[str, Any]  # the content of model.json
    reader: Reader
    net: Net
    task: Task
    accelerator: Accelerator

    @property
    def classes(self) -> Sequence[str]:
        return self.facts["classes"]

    def answer(self, store: Store, rows: np.ndarray, voice: Voice) -> np.ndarray:
        """Probabilities for rows of a store.  -> n k"""
        size = self.facts["batch_size"]
        blank = np.zeros(len(store), dtype=np.int64)
        batches = Batches(store, blank, rows, size, window=self.reader.window, quantum=self.reader.quantum)
        return answers(self.net, self.task, batches, self.accelerator, voice)


def describe(
    modality: Modality, tables: dict[str, Any], reader: Reader, net: Net, task: Task, grid: Sequence[int] | None
) -> dict[str, Any]:
    """The content of model.json: all that rebuilds the net."""
    return {
        "modality": modality.name,
        "task": tables["task"]["name"],
        "task_class": type(task).__name__,
        "model": tables["model"]["name"],
        "settings": {k: dict(tables[k]) for k in ("frontend", "model", "task")},
        "classes": list(task.classes),  # pyright: ignore[reportAttributeAccessIssue]
        "preprocessing": reader.settings(),
        "grid": list(grid) if grid is not None else None,
        "parameters": count(net),
        "precision": tables["train"]["precision"],
        "batch_size": tables["train"]["batch_size"],
    }


def load(folder: RunFolder, modality: Modality, *, device: str = "auto") -> Trained:
    """Rebuild the net of a run and put its best weights in. Raises DataError when the run has none yet."""
    facts = read_model(folder)
    if not folder.best.exists():
        raise DataError(f"{folder.path} has no trained weights yet; finish it with: multicnn resume {folder.path}")
    place = accelerator(device, facts["precision"])
    try:
        reader, task, net = _rebuild(modality, facts)
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged(folder.model, error) from error
    load_weights(folder.best, net)
    return Trained(folder, modality, facts, reader, net.to(place.device), task, place)


def _rebuild(modality: Modality, facts: dict[str, Any]) -> tuple[Reader, Task, Net]:
    """The parts that model.json describes, the weights still those of the start."""
    settings = facts["settings"]
    reader = modality.reader(**facts["preprocessing"])
    front = find("front-end", modality.frontends, settings["frontend"]["name"])(reader, **rest(settings["frontend"]))
    grid = tuple(facts["grid"]) if facts["grid"] is not None else None
    body = build_body(facts["model"], front.rank, front.channels, grid, rest(settings["model"]))
    task = TASKS[facts["task_class"]](facts["classes"], drop=settings["task"].get("drop", 0.0))
    return reader, task, Net(front, body, task.head(front.rank, body.channels))
