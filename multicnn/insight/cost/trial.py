"""A few steps of a training that is not kept: how long an epoch will take, and how much memory."""

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from multicnn.data.batches import Batch, Batches
from multicnn.insight.cost.clocks import Seconds, foretold, timed
from multicnn.insight.cost.memory import Peak, held, size, state
from multicnn.train.augment import Augment
from multicnn.train.checkpoint import save_state, save_weights
from multicnn.train.evaluate import judgements
from multicnn.train.feed import one, resident
from multicnn.train.memory import keep_freed, out_of_memory, return_freed
from multicnn.train.settings import TrainSettings
from multicnn.train.step import Fit, hold, prepare, step
from multicnn.train.task import Task
from multicnn.train.voice import Silent
from multicnn.zoo.net import Net

STEPS = 3  # that are measured, after as many to warm up
ENOUGH = 1.0  # seconds of measured steps; where steps are short, more are
MOST = 30  # steps
SAVED = 2**30  # bytes of state up to which writing it is tried
DISK = 5e8  # bytes a second, where it is not


@dataclass(frozen=True)
class Trial:
    """What a few steps show.

    rise: bytes of memory that training takes at most, beyond the net and its data.  epoch, validation, saving: seconds
    each epoch; a step's is that of the largest batch.  batch: samples of the largest.  activations: bytes that its
    forward pass keeps.
    """

    rise: int
    epoch: Seconds
    validation: Seconds
    saving: Seconds
    step: Seconds
    steps: int
    batch: int
    weights: int
    gradients: int
    optimizer: int
    average: int
    activations: int

    @property
    def fixed(self) -> int:
        """Bytes that do not grow with the batch, the net itself left out."""
        return self.gradients + self.optimizer + self.average

    @property
    def whole(self) -> Seconds:
        """Seconds from one epoch to the next."""
        return self.epoch.plus(self.validation).plus(self.saving)


@dataclass(frozen=True)
class Tried:
    """A training under way: its parts, for more steps.  try_batch: whether a step of so many samples fits."""

    this: Fit
    train: Batches
    largest: np.ndarray
    trial: Trial

    def fits(self, n: int, room: int) -> bool:
        """Whether a step of `n` samples takes no more than `room` bytes."""
        entries = np.resize(self.largest, (n, 2))
        this = replace(self.this, settings=replace(self.this.settings, batch_size=n))
        with Peak(this.accelerator.device) as peak:
            try:
                backwards(this, self.train, entries)
            except RuntimeError as error:
                if not out_of_memory(error):
                    raise
                return False
        return peak.rise <= room


def try_out(
    net: Net, task: Task, train: Batches, val: Batches | None, augments: Sequence[Augment], accelerator: Accelerator,
    settings: TrainSettings,
) -> Tried:  # fmt: skip
    """Train a few steps, measure on a few validation batches, write a state into a folder that is removed again.

    The weights stay as they are, for the rate is 0; running statistics move. Raises Diverged as training does.
    """
    device = accelerator.device
    if device.type == "cpu":
        return_freed()  # what the preparation took and gave back would hide what the steps take
        keep_freed()
    with Peak(device) as peak:
        this = prepare(net, task, augments, accelerator, settings, Silent())
        here = resident(train.store, device)
        this.learner.train()
        hold(this.net, settings, 0)
        planning = timed(lambda: train.plan(1), device)
        plan = train.plan(0)

        def go(entries: np.ndarray) -> None:
            step(this, one(train, entries, device, here), 0.0)

        found = measured(go, plan, lambda entries: cells(train, entries), device)
        epoch = foretold(found, len(plan), sum(cells(train, entries) for entries in plan)).plus(planning)
        validation = validated(this, val) if val is not None else Seconds()
        saving = saved(this)
    largest = max(plan, key=lambda entries: cells(train, entries))
    batch = one(train, largest, device, here)
    optimizers = [t for part in this.remembering for tensors in part.state.values() for t in tensors]
    trial = Trial(
        rise=peak.rise, epoch=epoch, validation=validation, saving=saving,
        step=foretold(found, 1, cells(train, largest)), steps=len(plan), batch=len(largest),
        weights=size(state(net)), gradients=size(p for p in net.parameters() if p.requires_grad),
        optimizer=size(optimizers), average=size(state(this.ema)) if this.ema is not None else 0,
        activations=held(lambda: forward(this, batch), state(net)),
    )  # fmt: skip
    return Tried(this, train, largest, trial)


def forward(this: Fit, batch: Batch) -> object:
    """The forward pass of a step, with the loss, of as many samples as a device takes at once."""
    piece = batch.part(0, this.at.micro or this.settings.batch_size)
    with this.accelerator.autocast():
        out, y = this.learner(piece.x, this.task.encode(piece.y), piece.index)
    return this.task.loss(out, y)


def backwards(this: Fit, train: Batches, entries: np.ndarray) -> None:
    """A step whose gradients are thrown away."""
    forward_loss = forward(this, one(train, entries, this.accelerator.device))
    this.accelerator.backward(forward_loss.sum())  # pyright: ignore[reportAttributeAccessIssue]
    for p in this.params:
        p.grad = None


def cells(batches: Batches, entries: np.ndarray) -> int:
    """Steps that a batch holds, its padding too; samples, where all have one shape."""
    return len(entries) * max(1, batches.length(entries))


def spread(plan: Sequence[np.ndarray], large: Callable[[np.ndarray], int], n: int = STEPS) -> list[np.ndarray]:
    """Some batches of an epoch, at equal distances in the order of their size: the largest first."""
    order = sorted(plan, key=large)
    return [order[place] for place in np.linspace(len(order) - 1, len(order) // 4, n).round().astype(int)]


def measured(
    go: Callable[[np.ndarray], None], plan: Sequence[np.ndarray], large: Callable[[np.ndarray], int],
    device: torch.device,
) -> list[tuple[int, int, Seconds]]:  # fmt: skip
    """Seconds of some batches of different size, until enough is measured.  -> 1, cells, seconds"""
    for entries in spread(plan, large):
        go(entries)
    found, started = [], time.perf_counter()
    for entries in alternating(spread(plan, large, MOST)):
        found.append((1, large(entries), timed(lambda entries=entries: go(entries), device)))
        if len(found) >= STEPS and time.perf_counter() - started > ENOUGH:
            break
    return found


def alternating(batches: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The same, so that the first few are large, small, and in between."""
    half = len(batches) // 2
    pairs = zip(batches[:half], reversed(batches[half:]), strict=False)
    return [entries for pair in pairs for entries in pair]


def validated(this: Fit, val: Batches) -> Seconds:
    """Seconds of a whole validation, from some of its batches and the metrics of their samples."""
    plan, device = val.plan(), this.accelerator.device
    chosen = [replace(val, rows=np.unique(b[:, 0])) for b in spread(plan, lambda b: cells(val, b))]
    judged: list[tuple[Batches, np.ndarray]] = []

    def judge(part: Batches) -> None:
        judged.append((part, judgements(this.ema or this.net, this.task, part, this.accelerator, Silent())))

    for part in chosen:
        judge(part)
    found = []
    for part in chosen:
        plans = part.plan()
        seconds = timed(lambda part=part: judge(part), device)
        found.append((len(plans), sum(cells(part, b) for b in plans), seconds))
    part, answers = judged[-1]
    metrics = [timed(lambda: scored(this.task, answers, part.truth), device) for _ in range(2)][-1]
    whole = foretold(found, len(plan), sum(cells(val, b) for b in plan))
    return whole.plus(metrics.times(len(val.rows) / len(part.rows)))


def scored(task: Task, judged: np.ndarray, truth: np.ndarray) -> None:
    """What validation makes of the judgements."""
    task.losses(judged, truth).mean()
    task.metrics(judged, truth)


def saved(this: Fit) -> Seconds:
    """Seconds to write what a run keeps of an epoch."""
    tensors = [t for part in this.remembering for values in part.state.values() for t in values]
    whole = size(tensors) + size(state(this.net)) * (2 if this.ema is not None else 1)
    if whole > SAVED:
        return Seconds(whole / DISK, whole / DISK)
    with tempfile.TemporaryDirectory(prefix="multicnn-") as folder:
        place = Path(folder)

        def save() -> None:
            save_weights(place / "best.safetensors", this.ema or this.net)
            save_state(place / "state.safetensors", this.net, this.ema, this.remembering, this.at)

        return timed(save, this.accelerator.device)
