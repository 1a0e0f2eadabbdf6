"""One step of the optimizer: augment, forward, backward, in as many pieces as memory asks for."""

import math
from collections.abc import Sequence
from contextlib import nullcontext
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from multicnn.blocks import synchronise
from multicnn.data.batches import Batch
from multicnn.data.random import keys
from multicnn.errors import Diverged, UsageError
from multicnn.train import optim
from multicnn.train.augment import Augment, apply
from multicnn.train.average import Average, Lookahead
from multicnn.train.checkpoint import Progress, Stateful
from multicnn.train.freeze import freeze, frozen_parts, still_frozen
from multicnn.train.memory import out_of_memory, return_freed
from multicnn.train.optim import Optimizer
from multicnn.train.rows import by_rows, clip, merge
from multicnn.train.settings import TrainSettings
from multicnn.train.task import Task
from multicnn.train.voice import Voice
from multicnn.zoo.body import Body
from multicnn.zoo.net import Net

AUGMENT_SALT = 2  # the purpose of the augments' keys, see multicnn.data.random
UNREAD = 32  # losses that may wait on a GPU before they are read, for reading one makes the GPU wait


class Learner(nn.Module):
    """A net in training: augments before and behind its front-end.  raw x, soft y, key -> logits, mixed y"""

    def __init__(self, net: Net, task: Task, augments: Sequence[Augment]):
        super().__init__()
        self.net, self.task, self.augments = net, task, augments

    def forward(self, x: Tensor, y: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        x, y = apply(self.augments, "raw", self.task.move, x, y, key)
        if all(a.stage == "raw" for a in self.augments):
            return self.net.answer(self.net.grid(x)), y
        grid, y = apply(self.augments, "grid", self.task.move, self.net.frontend(x), y, key)
        return self.net.answer(grid), y


@dataclass
class Fit:
    """A net in training with all that moves it."""

    learner: nn.Module
    net: Net
    ema: Net | None
    average: Average | None
    lookahead: Lookahead | None
    task: Task
    optimizers: list[Optimizer]
    accelerator: Accelerator
    settings: TrainSettings
    voice: Voice
    at: Progress = field(default_factory=Progress)
    unread: list[tuple[Tensor, Batch]] = field(default_factory=list)

    @cached_property
    def params(self) -> list[nn.Parameter]:
        """All of the net's; to look for them takes as long as a small step."""
        return list(self.net.parameters())

    @property
    def remembering(self) -> list[Stateful]:
        """What has tensors of its own beside the nets'."""
        return [*self.optimizers, *(part for part in (self.lookahead, self.average) if part is not None)]


def prepare(
    net: Net,
    task: Task,
    augments: Sequence[Augment],
    accelerator: Accelerator,
    settings: TrainSettings,
    voice: Voice,
) -> Fit:
    """Put the net on the device, in the faster memory layout, and wrap it for several processes."""
    layouts = {2: torch.channels_last, 3: torch.channels_last_3d}
    layout = layouts.get(cast(int, net.frontend.rank))
    for part in (net.body, net.head) if layout else ():
        part.to(memory_format=layout)  # pyright: ignore[reportCallIssue]
    net.to(accelerator.device)
    if accelerator.num_processes > 1:
        if settings.thaw:
            raise UsageError("--thaw changes what learns, which several processes cannot; leave it out")
        synchronise(net)
    ema = deepcopy(net).requires_grad_(False).to(accelerator.device) if settings.ema else None  # packs recurrent layers
    alone = accelerator.num_processes == 1 and accelerator.device.type == "cpu"
    lazy = alone and settings.optimizer == "adamw" and not settings.lookahead  # others move all rows, or need them
    tables = by_rows(net) if lazy else []
    average = Average(ema, net, tables) if ema is not None else None
    optimizers = optim.build_optimizers(settings.optimizer, net, settings.lr, settings.weight_decay, settings.body_rate)
    lookahead = Lookahead([p for p in net.parameters() if p.requires_grad]) if settings.lookahead else None
    learner: nn.Module = Learner(net, task, augments)
    hold(net, settings, 0)
    if accelerator.num_processes > 1:  # for one, accelerate would only wrap autocast, and import torch's compiler
        learner = accelerator.prepare(learner)
    if settings.compile:
        learner = cast(nn.Module, torch.compile(learner))
    return Fit(learner, net, ema, average, lookahead, task, optimizers, accelerator, settings, voice)


def hold(net: Net, settings: TrainSettings, epoch: int) -> None:
    """Hold still what is frozen in an epoch (from 0)."""
    body = cast(Body, net.body)
    if settings.freeze != "none":
        freeze(body, still_frozen(frozen_parts(body, settings.freeze), epoch, settings.thaw))


def step(this: Fit, batch: Batch, share: float) -> None:
    """Move the weights by one batch, at a share of the peak rate.

    When memory runs out, halve the pieces and take the same batch again.
    """
    whole = len(batch.x)
    this.at.lr = this.settings.lr * share
    for optimizer in this.optimizers:
        optimizer.share = share
    while True:
        try:
            loss = backward(this, batch, this.at.micro or this.settings.batch_size)
            break
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            halve(this, whole)
    move(this)
    this.at.step += 1
    this.at.batch += 1
    if this.lookahead is not None:
        this.lookahead.update(this.at.step)
    if this.average is not None:
        this.average.update(this.settings.ema, this.at.step)
    this.unread.append((loss, batch))
    if loss.device.type == "cpu" or len(this.unread) >= UNREAD:
        read_losses(this)


def move(this: Fit) -> None:
    """Clip the gradients, move the weights, clear the gradients; in fp16 unscale first, and skip what overflowed."""
    scaler: Any = this.accelerator.scaler
    for optimizer in this.optimizers if scaler else ():
        scaler.unscale_(optimizer)
    merge(this.params)
    if this.settings.clip:
        clip(this.params, this.settings.clip)
    if this.average is not None:
        this.average.before()
    for optimizer in this.optimizers:
        scaler.step(optimizer) if scaler else optimizer.step()
    if scaler:
        scaler.update()
    for p in this.params:
        p.grad = None


def backward(this: Fit, batch: Batch, micro: int) -> Tensor:
    """Gradients of the mean loss over the whole batch, piece by piece; returns this process's share of that mean."""
    # dropout, too, is a function of the step: a resumed run repeats it
    seed(this.settings.seed * 1_000_003 + this.at.step * 1_009 + this.accelerator.process_index, batch.x.device)
    key = keys(this.settings.seed, this.at.epoch, batch.index, AUGMENT_SALT)
    total = torch.zeros((), device=batch.x.device)
    for start in range(0, len(batch.x), micro):
        piece, last = batch.part(start, start + micro), start + micro >= len(batch.x)
        with nullcontext() if last or this.accelerator.num_processes == 1 else this.accelerator.no_sync(this.learner):
            with this.accelerator.autocast():
                out, y = this.learner(piece.x, this.task.encode(piece.y), key[start : start + micro])
            loss = (this.task.loss(out, y) * piece.weight).sum() / batch.count
            # several processes average their gradients, so each gives its share times their number
            this.accelerator.backward(loss * this.accelerator.num_processes)
        total += loss.detach()
    return total


def seed(number: int, device: torch.device) -> None:
    """Seed what dropout draws from; torch.manual_seed takes a hundred times as long, for the sake of absent GPUs."""
    torch.default_generator.manual_seed(number)
    if device.type == "cuda":
        torch.cuda.manual_seed_all(number)


def read_losses(this: Fit) -> None:
    """Add the waiting losses to the epoch's. Raises Diverged, naming the batch, on one that is no number."""
    values = torch.stack([loss for loss, _ in this.unread]).tolist() if this.unread else []
    for back, (value, (_, batch)) in enumerate(zip(values, this.unread, strict=True)):
        if not math.isfinite(value):
            number = this.at.batch - len(values) + back + 1
            rows = ", ".join(map(str, batch.index[:8].tolist())) + (", ..." if len(batch.index) > 8 else "")
            raise Diverged(
                f"the loss is {value} in epoch {this.at.epoch + 1}, batch {number} (rows {rows} of splits.csv); "
                f"lower --lr (now {this.settings.lr:g}) or look at these samples"
            )
        this.at.loss_sum += value * batch.count
        this.at.loss_count += batch.count
    this.unread.clear()


def halve(this: Fit, whole: int) -> None:
    """Compute the next batches in pieces of half the size; the optimizer still sees whole batches."""
    now = min(this.at.micro or this.settings.batch_size, whole)
    if now == 1:
        raise UsageError("out of memory with one sample at a time; take a smaller model, or smaller samples")
    if this.accelerator.num_processes > 1:
        raise UsageError(
            f"out of memory with batches of {this.settings.batch_size}; "
            "lower --batch-size and raise --set train.accumulate"
        )
    this.net.zero_grad(set_to_none=True)
    return_freed()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    this.at.micro = -(-now // 2)
    this.voice.say(f"out of memory: batches of {whole} are now computed {this.at.micro} samples at a time")
