"""What a modality brings: its tables, its readers and its tasks. Every verb works on this and nothing else."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from multicnn.data.reader import Reader
from multicnn.data.sizes import Sizes
from multicnn.data.splits import Splits
from multicnn.data.store import Store, Tick
from multicnn.data.table import Table
from multicnn.insight.audit.fingerprint import Fingerprint
from multicnn.insight.explain.sample import Absence
from multicnn.insight.explain.seen import Seen
from multicnn.insight.page import Html
from multicnn.names import find
from multicnn.train.run import RunFolder
from multicnn.train.task import Task


class Prediction(Protocol):
    """What the model says about one sample."""

    @property
    def id(self) -> str: ...

    @property
    def error(self) -> str | None:
        """Why it could not be read."""
        ...

    def record(self) -> dict[str, Any]:
        """As JSON says it."""
        ...

    def cells(self) -> list[list[str]]:
        """As lines of a table, under the columns of its `Outcome`."""
        ...


Ask = Callable[[Iterator[np.ndarray]], Iterator[np.ndarray]]
"""Decoded samples, one by one -> the net's answers to them, in their order."""


class Spotter(Protocol):
    """Goes through samples that are much longer than what the net takes at once, and says what occurs where."""

    def long(self, item: Any) -> bool:
        """Whether an item is such a sample."""
        ...

    def spot(self, name: str, item: Any, task: Task, ask: Ask) -> Prediction:
        """The answer for one, in memory that does not grow with it. Raises DataError where it cannot be read."""
        ...


Look = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
"""Places among the measured rows -> their raw samples, stored targets, and the net's answers."""


class Outcome(Protocol):
    """How the answers of one kind are shown: labels, maps, boxes.

    files: whether an answer brings files of its own, so that they go into a folder; "optional": unless a table alone
    is asked for.
    """

    @property
    def files(self) -> bool | Literal["optional"]: ...

    def columns(self, classes: Sequence[str]) -> list[str]:
        """Of a prediction's lines in a table."""
        ...

    def tell(self, name: str, item: Any, reader: Reader, task: Task, answer: Any) -> Prediction:
        """One sample's answer for a person; that of a reader of pieces comes piece by piece, as an iterator."""
        ...

    def keep(self, prediction: Any, folder: Path | None) -> Prediction:
        """Write an answer's own files below `folder`, if there is one; returns what a table says of it."""
        ...

    def finish(self, predictions: Sequence[Any], folder: Path) -> None:
        """Write what tells of all kept answers at once, beside their table, if there is such a file."""
        ...

    def write(
        self, folder: RunFolder, part: str, task: Task, table: Table, rows: np.ndarray, judged: np.ndarray, look: Look
    ) -> None:
        """The evaluation's files beside PART.json: what was said of each sample, and pictures."""
        ...

    def baselines(
        self, task: Task, reader: Reader, table: Table, splits: Splits, store: Store, judged: np.ndarray
    ) -> dict[str, np.ndarray]:
        """What learners that need no network would be judged on the test part, by their names.

        judged: the network's own judgements there.
        """
        ...


class Told(NamedTuple):
    """How a bundle tells answers without multicnn, with numpy alone.

    rows: `(name, item, reader, ask, facts) -> lines of the outcome's table`; `ask` answers a raw batch, as those that
    `multicnn.insight.export.feeding.batches` makes of an item. With facts["out"], a folder, it writes the answer's own
    files there.  facts: `(task) -> what rows has to know`, as JSON.
    """

    rows: Callable[..., list[list[str]]]
    facts: Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """One task of a modality: where its data come from and how its answers are shown.

    task: `(classes, *, settings) -> Task`.  datasets: named sets, `(path: Path | None) -> Table`; None stands for
    where the set usually lies on disk.  open: any folder or table file in one of the task's layouts.
    plan_reader: `(table, rows, *, settings) -> Reader`, settled from the training rows only.
    plan_answer: `(table, reader) -> Reader` of the table's answers, see `multicnn.data.table.asked`; None where the
    answers are the class numbers.  cut: `(table, reader) -> (table, of)`, the pieces that `reader` reads of the samples
    as rows, and the row of the sample that each is of; None where samples are read whole.
    defaults: `(table, reader, n_train) -> {table: {key: value}}`, which a user may override.
    readings: settings of the reader that a network needs, by its name; a user may override them.
    presets: the same as defaults by name, instead of the defaults, whose own name is "balanced".
    spot: `(reader, *, every, threshold) -> Spotter`, each of the two None unless the user says; None, it or what it
    makes, where samples have no times.
    views: of `multicnn.zoo.views`, that test-time augmentation may show to its nets.  numbers: that an answer has for
    each cell of a sample, at most; None: as many as there are classes.  unit: what its classes are called; only
    classes proper can be out of balance.  augments: of the modality's, those that its answers follow; None: all.
    sketch: `(task, reader, table, rows, judged, look)`, small drawings of measured rows with truth and answer; look
    sees places among these rows. None where answers are words beside the sample itself.
    told: how a bundle tells answers, by the reader's name.
    """

    task: Callable[..., Task]
    default_data: str
    datasets: Mapping[str, Callable[[Path | None], Table]]
    open: Callable[..., Table]
    plan_reader: Callable[..., Reader]
    defaults: Callable[[Table, Any, int], dict[str, dict[str, Any]]]
    outcome: Outcome
    plan_answer: Callable[[Table, Any], Reader] | None = None
    cut: Callable[[Table, Any], tuple[Table, np.ndarray]] | None = None
    spot: Callable[..., Spotter | None] | None = None
    views: Sequence[str] = ()
    numbers: int | None = None
    unit: str = "classes"
    augments: Sequence[str] | None = None
    told: Mapping[str, Told] = field(default_factory=dict)
    presets: Mapping[str, Callable[[Table, Any, int], dict[str, dict[str, Any]]]] = field(default_factory=dict)
    readings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sketch: Callable[[Any, Any, Table, np.ndarray, np.ndarray, Look], list[Html]] | None = None

    def preset(self, name: str) -> Callable[[Table, Any, int], dict[str, dict[str, Any]]]:
        """The defaults, or what stands in for them. Raises UsageError with near names."""
        return find("preset", {"balanced": self.defaults, **self.presets}, name)


@dataclass(frozen=True)
class Inputs:
    """What `predict` takes for samples of one reader.

    suffixes: of the files in a folder.  expand: `(path) -> [(name, item)]`, the samples of a file that holds several,
    or the one of a file that might be taken for a table; None for a file that is what its suffix says.
    """

    suffixes: frozenset[str]
    expand: Callable[[Path], Sequence[tuple[str, str | Path]] | None] = lambda path: None


@dataclass(frozen=True)
class Heat:
    """How explanations are made and shown.

    method: of `multicnn.insight.explain.METHODS`, that suits most networks.  absent: what stands for nothing in the
    samples of a reader.  draw: writes a PNG of a sample with its heat.  mark: the same for a page, from that PNG.
    spell: the heat as JSON says it, where a person can read it so.
    """

    method: str
    absent: Callable[[Reader], Absence]
    draw: Callable[[Seen, Any, Path], None]
    mark: Callable[[Seen, Any, bytes], Html]
    spell: Callable[[Seen, Any], dict[str, Any]]


@dataclass(frozen=True)
class Modality:
    """The parts that differ between images, audio and text.

    item: what the readers take, a file's path or a text.  suffixes: of the sample files, lower case with the dot.
    readers: by the name that model.json gives them.  inputs: of those readers that do not take the files above.
    frontends: `(reader: Reader, *, settings) -> nn.Module` with `.rank`, `.channels`, of sounds `.step`, and
      `fit(batches)` that measures what it needs on training batches and stores it in buffers.
    augments: `(*, settings) -> augment`, see `multicnn.train.augment`.  tasks: the first is the default.
    media: `(item, reader)` -> a sample small enough for a page: a thumbnail, a player and a spectrum, lines, the text.
    sizes: `(table, rows, reader)` -> how large the samples in these rows are, and how much of that the net gets.
    imagined: `(usual, *, settings of the readers) -> (c, *grid)` of samples that are not there, for a plan; usual: of
      the network's published form.
    fingerprint: of all samples, for the audit.  cells: an item as columns of a table file.
    A front-end or an augment with an attribute `reads` is for samples of that class of readers alone.
    instead: classes that a bundle does without, and what stands for them, see `multicnn.insight.export.source`.
    """

    name: str
    item: Literal["path", "text"]
    suffixes: frozenset[str]
    readers: Mapping[str, Callable[..., Reader]]
    frontends: Mapping[str, Callable[..., Any]]
    augments: Mapping[str, Callable[..., Any]]
    tasks: Mapping[str, Kind]
    heat: Heat
    media: Callable[[Any, Reader], Html]
    sizes: Callable[[Table, np.ndarray, Reader], Sizes]
    imagined: Callable[..., tuple[int, ...]]
    fingerprint: Callable[[Table, Any, Store, Tick], Fingerprint]
    inputs: Mapping[str, Inputs] = field(default_factory=dict)
    cells: Callable[[Any], Mapping[str, str]] = lambda item: {"path": str(item)}
    instead: Mapping[Callable[..., Any], Callable[..., Any]] = field(default_factory=dict)

    @property
    def task(self) -> str:
        """The default task."""
        return next(iter(self.tasks))

    def kind(self, task: str | None) -> Kind:
        """The task by name, the default one for None. Raises UsageError with near names."""
        return find("task", self.tasks, task or self.task)

    def taken(self, reader: str) -> Inputs:
        """What `predict` takes for the reader of that name."""
        return self.inputs.get(reader, Inputs(self.suffixes))
