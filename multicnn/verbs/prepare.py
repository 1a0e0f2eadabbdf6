"""All parts of a run, assembled from its settings: the same way to train, to resume and to measure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator

from multicnn.data.along import Along, Target
from multicnn.data.batches import Batches, Place
from multicnn.data.reader import Growing, Lengthwise, Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store, open_store
from multicnn.data.table import Table
from multicnn.data.table import asked as with_answers
from multicnn.errors import DataError, UsageError
from multicnn.names import check, find, schema
from multicnn.tasks.weights import draw_balanced
from multicnn.train.augment import Augment
from multicnn.train.device import accelerator
from multicnn.train.settings import TrainSettings
from multicnn.train.task import Sequential, Task
from multicnn.train.voice import Voice
from multicnn.verbs import sources
from multicnn.verbs.layers import Tables, check_tables, resolve, rest
from multicnn.verbs.modality import Kind, Modality
from multicnn.verbs.parts import build_augments, build_task, grid_of, refuse_unread, settle_precision, start_from
from multicnn.verbs.sources import DataSettings
from multicnn.zoo import BODIES
from multicnn.zoo.net import Net, build_body
from multicnn.zoo.official import normalisation
from multicnn.zoo.whitened import Measured

MEASURED = 50_000_000  # pixels or samples that a front-end measures its statistics on: a second's work
CAREFUL = {"optimizer": "adamw", "lr": 1e-3}  # for a network that the modality's own rate was not chosen for
MOST_IMPOSSIBLE = 0.05  # share of the training samples
EVALUATE = 4  # times the training batch, for evaluation keeps no gradients


@dataclass(frozen=True, eq=False)
class Prepared:
    """A run before its first step."""

    modality: Modality
    kind: Kind
    tables: Tables
    table: Table
    splits: Splits
    reader: Reader
    store: Store
    target: Target  # (n, ...) what the loss is given of each sample
    net: Net
    grid: tuple[int, ...] | None  # of a sample behind the front-end; None where samples differ
    task: Task
    augments: Sequence[Augment]
    settings: TrainSettings
    accelerator: Accelerator
    left_out: frozenset[int] = frozenset()  # training rows that the net could never answer rightly

    def batches(self, rows: np.ndarray) -> Batches:
        """Rows to be measured, each in all its windows."""
        return _batches(self.reader, self.store, self.target, rows, self._size() * EVALUATE, self._place())

    def training_batches(self) -> Batches:
        """The training rows, shuffled or drawn."""
        rows = np.array([row for row in self.splits.train.tolist() if row not in self.left_out], dtype=np.int64)
        draw = draw_balanced(self.table.target[rows]) if self.settings.sampler == "balanced" else None
        plain = _batches(self.reader, self.store, self.target, rows, self._size(), self._place())
        budget = self.settings.budget * self.settings.accumulate
        return replace(plain, training=True, seed=self.settings.seed, draw=draw, budget=budget)

    def _size(self) -> int:
        return self.settings.batch_size * self.settings.accumulate

    def _place(self) -> Place:
        return Place(self.accelerator.process_index, self.accelerator.num_processes)


def prepare(modality: Modality, config: Tables, flags: Tables, sets: Tables, voice: Voice) -> Prepared:
    """Read the data, settle every setting, build the net. Raises UsageError or DataError."""
    asked = resolve({}, config, flags, sets, modality.augments)
    data = from_table("data", DataSettings, asked["data"])
    seed = from_table("train", TrainSettings, asked["train"]).seed
    name = asked["task"].get("name", modality.task)
    kind = modality.kind(name)
    preset = asked["preset"].get("name", "balanced")
    settle = kind.preset(preset)
    table = sources.load_table(kind, data)
    splits = sources.split_table(table, data, seed)
    reading = {**kind.readings.get(asked["model"].get("name", ""), {}), **asked["reader"]}
    check("reader", kind.plan_reader, reading)
    reader = kind.plan_reader(table, splits.train, **reading)
    reader = reader.met(table.items) if isinstance(reader, Growing) else reader
    if kind.cut:
        table, of = kind.cut(table, reader)
        splits = pieces(splits, of)
    store, target = decode(kind, table, reader, voice, workers=asked["train"].get("workers", 0))
    splits = sources.without_bad(splits, store, table, data.on_bad)
    if store.bad:
        voice.say(
            f"warning: {len(store.bad)} samples cannot be read and are left out, such as {min(store.bad.values())}"
        )
    for line in (*sources.describe(table, splits, kind.unit), *(f"note: {said}" for said in reader.said)):
        voice.say(line)
    if twice := sources.repeated(splits, store):
        voice.say(f"warning: {twice} samples of val or test are in the training part too; results will be too good")
    first = {"frontend": {"name": next(iter(modality.frontends))}}
    own = settle(table, reader, len(splits.train))
    named = {"task": {"name": name, **own.get("task", {})}, "preset": {"name": preset}}
    defaults = suited(first | own | named | {"reader": reading}, asked, modality)
    tables = resolve(defaults, config, flags, sets, modality.augments)
    return possible(assemble(modality, kind, tables, table, splits, reader, store, target, voice), voice)


def pieces(splits: Splits, of: np.ndarray) -> Splits:
    """The parts of the samples as parts of their pieces; `of` is the sample of each piece."""
    return replace(splits, **{part: np.flatnonzero(np.isin(of, rows)) for part, rows in sources.parts(splits).items()})


def decode(kind: Kind, table: Table, reader: Reader, voice: Voice, *, workers: int = 0) -> tuple[Store, Target]:
    """The samples, and what the loss is given of each; a sample is bad where either cannot be read."""
    store = open_store(table, reader, workers=workers, tick=lambda n, of: voice.tick("decode", n, of))
    if kind.plan_answer is None:
        return store, table.truth
    written = kind.plan_answer(table, reader)
    answers = open_store(
        with_answers(table), written, workers=workers,
        tick=lambda n, of: voice.tick("decode answers", n, of),
    )  # fmt: skip
    target = Along(answers, written.width) if isinstance(written, Lengthwise) else answers.values
    return replace(store, bad={**answers.bad, **store.bad}), target


def suited(defaults: Tables, asked: Tables, modality: Modality) -> Tables:
    """The defaults without what suits only their own network and front-end, where the user takes others."""
    other = asked["model"].get("name", defaults["model"]["name"]) != defaults["model"]["name"]
    if other or asked["train"].get("weights"):
        defaults = defaults | {"train": defaults["train"] | CAREFUL}
    own = asked["model"].get("name")
    if own in modality.frontends and not asked["frontend"].get("name"):  # a network that brings its front-end
        defaults = defaults | {"frontend": {"name": own}, "augment": raw_only(defaults, modality)}
    front = modality.frontends.get(asked["frontend"].get("name", defaults["frontend"]["name"]))
    if asked["train"].get("weights") == "imagenet" and front and "normalise" in schema(front):
        learnt = normalisation(asked["model"].get("name", defaults["model"]["name"]))
        defaults = defaults | {"frontend": {**defaults["frontend"], "normalise": learnt}}
    if asked["frontend"].get("name", defaults["frontend"]["name"]) != defaults["frontend"]["name"]:
        defaults = defaults | {"augment": raw_only(defaults, modality)}
    return defaults


def raw_only(defaults: Tables, modality: Modality) -> dict[str, Any]:
    """The augments that act on raw samples, whatever the front-end makes of them."""
    return {n: s for n, s in defaults["augment"].items() if getattr(modality.augments[n], "stage", "") == "raw"}


def assemble(
    modality: Modality,
    kind: Kind,
    tables: Tables,
    table: Table,
    splits: Splits,
    reader: Reader,
    store: Store,
    target: Target,
    voice: Voice,
) -> Prepared:
    """Net, task, augments and device from settings that are all decided."""
    check_tables(modality, kind, tables, find("model", BODIES, tables["model"]["name"]).build)
    settings = from_table("train", TrainSettings, tables["train"])
    task = build_task(kind, tables["task"], table, splits.train)
    torch.manual_seed(settings.seed)
    refuse_unread(modality, tables, reader)
    frontend = modality.frontends[tables["frontend"]["name"]](reader, **rest(tables["frontend"]))
    for line in getattr(frontend, "said", ()):
        voice.say(f"warning: {line}")
    measured = _batches(reader, store, target, some(splits.train, store, settings.seed), settings.batch_size, Place())
    frontend.fit(batch.x for batch in measured.epoch())
    grid = grid_of(frontend, reader, next(measured.epoch()).x)
    body = build_body(tables["model"]["name"], frontend.rank, frontend.channels, grid, rest(tables["model"]))
    if isinstance(body, Measured):
        body.fit(frontend(batch.x) for batch in measured.epoch())
    net = task.net(frontend, body)
    if settings.weights:
        start_from(settings.weights, tables["model"]["name"], net, voice)
    augments = build_augments(modality, task, tables)
    settings = settle_precision(settings, net, next(measured.epoch()).x)
    tables["train"] = {f.name: getattr(settings, f.name) for f in fields(settings)}
    return Prepared(
        modality, kind, tables, table, splits, reader, store, target, net, grid, task, augments, settings,
        accelerator(settings.device, settings.precision),
    )  # fmt: skip


def possible(ready: Prepared, voice: Voice) -> Prepared:
    """Without training samples whose answer is longer than what the net can say of them.

    Raises DataError naming one where they are more than 5 %.
    """
    if not isinstance(ready.task, Sequential):
        return ready
    rows = ready.splits.train
    lengths = ready.batches(rows).padded(rows)
    cells = {n: ready.net.frontend(torch.zeros(1, n, dtype=torch.int16)).shape[-1] for n in np.unique(lengths).tolist()}
    assert isinstance(ready.target, np.ndarray)
    bad = rows[ready.task.impossible(ready.target[rows], np.array([cells[n] for n in lengths.tolist()]))]
    if not len(bad):
        return ready
    first = ready.table.ids[bad[0]]
    what = f"{len(bad)} of {len(rows)} training sounds are too short for their texts, such as {first}"
    if len(bad) > MOST_IMPOSSIBLE * len(rows):
        raise DataError(f"{what}; check the texts, or take a smaller frontend.hop or a smaller stride of the model")
    voice.say(f"warning: {what}; they are left out")
    return replace(ready, left_out=frozenset(bad.tolist()))


def some(rows: np.ndarray, store: Store, seed: int) -> np.ndarray:
    """As many training rows as statistics need; all of a small set."""
    n = max(1, MEASURED * len(store) // max(1, store.values.size))
    if len(rows) <= n:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, n, replace=False))


def from_table(name: str, kind: Any, settings: dict[str, Any]) -> Any:
    """A dataclass of settings from its table. Raises UsageError on a key it does not have, or a value of no use."""
    check(name, kind, settings)
    try:
        return kind(**settings)
    except TypeError as error:
        raise UsageError(f"[{name}]: {error}") from error


def _batches(reader: Reader, store: Store, target: Target, rows: np.ndarray, size: int, place: Place) -> Batches:
    return Batches(store, target, rows, size, window=reader.window, quantum=reader.quantum, place=place)
