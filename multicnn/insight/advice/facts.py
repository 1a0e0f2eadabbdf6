"""What the rules of advice read: numbers of a model, and of the data that it is to learn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from multicnn.insight.cost import Layer


def none() -> np.ndarray:
    """Nothing is known."""
    return np.zeros((0, 0))


@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """A model and its data; what is not known is left at its default, and rules about it keep silent.

    layers: for one sample.  takes: settings of the network, with their values.
    samples: for training.  counts: (k,) of them, by class; empty where an answer is not a class.
    batch: samples a step.  augments: those of training; usual: those that the defaults take for such data.
    learnt: whether training begins from weights that have learnt.  balanced: whether rare classes count more.
    given: (n, a) size of samples as they come: pixels high and wide, seconds, or words.  read: (a,) what the net gets
    of that.  objects: (m, a) size of each object, in cells of the grid.
    """

    modality: str
    task: str
    model: str
    layers: Sequence[Layer]
    takes: Mapping[str, Any] = field(default_factory=dict)
    samples: int = 0
    counts: np.ndarray = field(default_factory=none)
    batch: int = 0
    augments: Sequence[str] = ()
    usual: Sequence[str] = ()
    learnt: bool = False
    balanced: bool = False
    given: np.ndarray = field(default_factory=none)
    read: tuple[float, ...] = ()
    objects: np.ndarray = field(default_factory=none)

    @property
    def convolutions(self) -> Sequence[Layer]:
        """The layers that slide weights along the grid, in their order."""
        return [x for x in self.layers if x.kernel and x.parameters and x.field and x.input]

    @property
    def spatial(self) -> Sequence[Layer]:
        """Those of them that look at neighbours."""
        return [x for x in self.convolutions if max(x.kernel) > 1]

    @property
    def median(self) -> tuple[float, ...]:
        """Of the samples' size as they come."""
        return tuple(np.median(self.given, axis=0).tolist()) if len(self.given) else ()
