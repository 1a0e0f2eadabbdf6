"""All parts of a run, assembled from its settings: the same way to train, to resume and to measure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator

from multicnn.data.batches import Batches, Place
from multicnn.data.reader import Reader
from multicnn.data.splits import Splits
from multicnn.data.store import Store, open_store
from multicnn.data.table import Table
from multicnn.data.table import asked as with_answers
from multicnn.errors import UsageError
from multicnn.names import check, find, schema
from multicnn.tasks.classify import Classify, Tag
from multicnn.tasks.weights import class_weights, draw_balanced
from multicnn.train.augment import Augment
from multicnn.train.device import accelerator, faster_precision
from multicnn.train.run import RunFolder
from multicnn.train.settings import TrainSettings
from multicnn.train.task import Task
from multicnn.train.voice import Voice
from multicnn.verbs import sources
from multicnn.verbs.layers import Tables, check_tables, resolve, rest
from multicnn.verbs.modality import Kind, Modality
from multicnn.verbs.sources import DataSettings
from multicnn.zoo import BODIES
from multicnn.zoo.net import Net, build_body
from multicnn.zoo.official import fetch, normalisation
from multicnn.zoo.weights import fit_weights, read_weights, translated
from multicnn.zoo.whitened import Measured

MEASURED = 50_000_000  # pixels or samples that a front-end measures its statistics on: a second's work
CAREFUL = {"optimizer": "adamw", "lr": 1e-3}  # for a network that the modality's own rate was not chosen for
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
    target: np.ndarray  # (n, ...) what the loss is given of each sample
    net: Net
    grid: tuple[int, ...] | None  # of a sample behind the front-end; None where samples differ
    task: Task
    augments: Sequence[Augment]
    settings: TrainSettings
    accelerator: Accelerator

    def batches(self, rows: np.ndarray) -> Batches:
        """Rows to be measured, each in all its windows."""
        return _batches(self.reader, self.store, self.target, rows, self._size() * EVALUATE, self._place())

    def training_batches(self) -> Batches:
        """The training rows, shuffled or drawn."""
        rows = self.splits.train
        draw = draw_balanced(self.table.target[rows]) if self.settings.sampler == "balanced" else None
        plain = _batches(self.reader, self.store, self.target, rows, self._size(), self._place())
        return replace(plain, training=True, seed=self.settings.seed, draw=draw)

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
    check("reader", kind.plan_reader, asked["reader"])
    reader = kind.plan_reader(table, splits.train, **asked["reader"])
    if kind.cut:
        table, of = kind.cut(table, reader)
        splits = pieces(splits, of)
    store, target = decode(kind, table, reader, voice, workers=asked["train"].get("workers", 0))
    splits = sources.without_bad(splits, store, table, data.on_bad)
    if store.bad:
        voice.say(
            f"warning: {len(store.bad)} samples cannot be read and are left out, such as {min(store.bad.values())}"
        )
    for line in (*sources.describe(table, splits), *(f"note: {said}" for said in reader.said)):
        voice.say(line)
    if twice := sources.repeated(splits, store):
        voice.say(f"warning: {twice} samples of val or test are in the training part too; results will be too good")
    first = {"frontend": {"name": next(iter(modality.frontends))}}
    own = settle(table, reader, len(splits.train))
    named = {"task": {"name": name, **own.get("task", {})}, "preset": {"name": preset}}
    defaults = suited(first | own | named, asked, modality)
    tables = resolve(defaults, config, flags, sets, modality.augments)
    return assemble(modality, kind, tables, table, splits, reader, store, target, voice)


def pieces(splits: Splits, of: np.ndarray) -> Splits:
    """The parts of the samples as parts of their pieces; `of` is the sample of each piece."""
    return replace(splits, **{part: np.flatnonzero(np.isin(of, rows)) for part, rows in sources.parts(splits).items()})


def decode(kind: Kind, table: Table, reader: Reader, voice: Voice, *, workers: int = 0) -> tuple[Store, np.ndarray]:
    """The samples, and what the loss is given of each; a sample is bad where either cannot be read."""
    store = open_store(table, reader, workers=workers, tick=lambda n, of: voice.tick("decode", n, of))
    if kind.plan_answer is None:
        return store, table.truth
    answers = open_store(
        with_answers(table), kind.plan_answer(table, reader), workers=workers,
        tick=lambda n, of: voice.tick("decode answers", n, of),
    )  # fmt: skip
    return replace(store, bad={**answers.bad, **store.bad}), answers.values


def suited(defaults: Tables, asked: Tables, modality: Modality) -> Tables:
    """The defaults without what suits only their own network and front-end, where the user takes others."""
    other = asked["model"].get("name", defaults["model"]["name"]) != defaults["model"]["name"]
    if other or asked["train"].get("weights"):
        defaults = defaults | {"train": defaults["train"] | CAREFUL}
    front = modality.frontends.get(asked["frontend"].get("name", defaults["frontend"]["name"]))
    if asked["train"].get("weights") == "imagenet" and front and "normalise" in schema(front):
        learnt = normalisation(asked["model"].get("name", defaults["model"]["name"]))
        defaults = defaults | {"frontend": {**defaults["frontend"], "normalise": learnt}}
    if asked["frontend"].get("name", defaults["frontend"]["name"]) != defaults["frontend"]["name"]:
        raw = {n: s for n, s in defaults["augment"].items() if getattr(modality.augments[n], "stage", "") == "raw"}
        defaults = defaults | {"augment": raw}
    return defaults


def assemble(
    modality: Modality,
    kind: Kind,
    tables: Tables,
    table: Table,
    splits: Splits,
    reader: Reader,
    store: Store,
    target: np.ndarray,
    voice: Voice,
) -> Prepared:
    """Net, task, augments and device from settings that are all decided."""
    check_tables(modality, kind, tables, find("model", BODIES, tables["model"]["name"]).build)
    settings = from_table("train", TrainSettings, tables["train"])
    task = build_task(kind, tables["task"], table, splits.train)
    torch.manual_seed(settings.seed)
    frontend = modality.frontends[tables["frontend"]["name"]](reader, **rest(tables["frontend"]))
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
    """In the order of the settings. Raises UsageError for one that would mix answers that have no mean."""
    found = []
    for name, given in tables["augment"].items():
        augment = modality.augments[name](**given)
        if getattr(augment, "mixes", False) and not task.mixes:
            raise UsageError(
                f"--augment {name} mixes two samples' answers, which {tables['task']['name']} cannot; leave it out"
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


def _batches(reader: Reader, store: Store, target: np.ndarray, rows: np.ndarray, size: int, place: Place) -> Batches:
    return Batches(store, target, rows, size, window=reader.window, quantum=reader.quantum, place=place)
