"""What the rules of advice read: of a run before its first step, or of a model alone."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from multicnn.insight.advice import Facts, objects
from multicnn.insight.cost import Layer
from multicnn.names import schema
from multicnn.tasks import Classify, Segment
from multicnn.tasks.detect import Detect
from multicnn.tasks.instances import Instances
from multicnn.tasks.localize import Localize
from multicnn.verbs.layers import Tables, rest
from multicnn.verbs.modality import Modality
from multicnn.verbs.prepare import Prepared
from multicnn.zoo import BODIES

OBJECTS: dict[Any, Callable[[np.ndarray, tuple[int, ...]], np.ndarray]] = {
    Segment: objects.of_maps,
    Detect: objects.of_boxes,
    Localize: objects.of_boxes,
    Instances: objects.of_pieces,
}


def known(ready: Prepared, layers: Sequence[Layer]) -> Facts:
    """The numbers of a run's model and of its training samples. layers: of its net, for one sample."""
    tables, rows, model = ready.tables, ready.splits.train, ready.tables["model"]["name"]
    sizes = ready.modality.sizes(ready.table, rows, ready.reader)
    return Facts(
        modality=ready.modality.name,
        task=tables["task"]["name"],
        model=model,
        layers=layers,
        takes=schema(BODIES[model].build) | rest(tables["model"]),
        samples=len(rows),
        counts=counts(ready, rows),
        batch=ready.settings.batch_size,
        augments=[*tables["augment"]],
        usual=[*ready.kind.defaults(ready.table, ready.reader, len(rows)).get("augment", {})],
        learnt=bool(ready.settings.weights),
        balanced=ready.settings.sampler == "balanced" or tables["task"].get("class_weights", "none") != "none",
        given=sizes.given,
        read=sizes.read,
        objects=objects_of(ready, rows),
    )


def outlined(modality: Modality, asked: Tables, layers: Sequence[Layer]) -> Facts:
    """Those of a model alone, for the modality's default task."""
    model = asked["model"]["name"]
    takes = schema(BODIES[model].build) | rest(asked["model"])
    return Facts(modality=modality.name, task=modality.task, model=model, layers=layers, takes=takes)


def counts(ready: Prepared, rows: np.ndarray) -> np.ndarray:
    """Training samples of each class, where an answer is a class.  -> k"""
    if ready.kind.task is not Classify:
        return np.zeros(0)
    return np.array([ready.table.has(k)[rows].sum() for k in range(len(ready.table.classes))])


def objects_of(ready: Prepared, rows: np.ndarray) -> np.ndarray:
    """Sizes of the objects in some training samples, in cells of the grid.  -> m rank"""
    measure = OBJECTS.get(ready.kind.task)
    if measure is None or ready.grid is None or not isinstance(ready.target, np.ndarray):
        return np.zeros((0, 0))
    few = rows[:: -(-len(rows) // objects.LOOKED_AT)]
    return measure(np.asarray(ready.target[few]), ready.grid)
