"""The training loop. It sees a net, a task and batches; it never asks which modality they come from."""

import math
from collections.abc import Sequence
from typing import Any

from accelerate import Accelerator

from multicnn.data.batches import Batches
from multicnn.errors import Interrupted
from multicnn.train.augment import Augment
from multicnn.train.checkpoint import Progress, load_state, save_state, save_weights
from multicnn.train.clock import Clock, agree, stop_requests, total
from multicnn.train.evaluate import judgements
from multicnn.train.feed import feed, resident
from multicnn.train.memory import keep_freed
from multicnn.train.run import RunFolder
from multicnn.train.schedule import rate
from multicnn.train.settings import TrainSettings
from multicnn.train.step import Fit, hold, prepare, read_losses, step
from multicnn.train.task import Task
from multicnn.train.voice import Voice
from multicnn.zoo.net import Net


def fit(
    net: Net,
    task: Task,
    train: Batches,
    val: Batches | None,
    augments: Sequence[Augment],
    accelerator: Accelerator,
    settings: TrainSettings,
    folder: RunFolder,
    voice: Voice,
) -> Progress:
    """Train `net`; keep the best weights and all that resume needs in `folder`, from where it goes on if it can.

    Raises Diverged on a loss that is no number, Interrupted after saving when the user stops the run.
    """
    if accelerator.device.type == "cpu":
        keep_freed()
    this = prepare(net, task, augments, accelerator, settings, voice)
    if folder.state.exists():
        this.at = load_state(folder.state, this.net, this.ema, this.remembering)
        folder.write_metrics(this.at.history)
    here = resident(train.store, accelerator.device)
    clock = Clock(this.at.seconds, settings)
    with stop_requests() as stop:
        while not this.at.done:
            epoch, of = this.at.epoch, len(train.plan(this.at.epoch))
            this.learner.train()
            hold(this.net, settings, epoch)
            clock.start_epoch()
            for batch in clock.timed(feed(train, accelerator.device, epoch=epoch, start=this.at.batch, here=here)):
                step(
                    this,
                    batch,
                    rate(clock.done(epoch + (this.at.batch + 0.5) / of), settings.warmup, settings.schedule),
                )
                voice.tick(f"epoch {epoch + 1}/{settings.epochs}", this.at.batch, of)
                if agree(accelerator, this.at.batch, stop.is_set()):
                    save(this, folder, clock)
                    raise Interrupted(
                        f"stopped in epoch {epoch + 1}, all is saved; go on with: multicnn resume {folder.quoted}"
                    )
                if agree(accelerator, this.at.batch, clock.save_due()):
                    save(this, folder, clock)
                if agree(accelerator, this.at.batch, clock.over()):
                    break
            finish_epoch(this, val, folder, clock)
    return this.at


def finish_epoch(this: Fit, val: Batches | None, folder: RunFolder, clock: Clock) -> None:
    """Measure, keep the weights if they are the best so far, decide whether to go on, save."""
    settle(this)
    if this.average is not None:
        this.average.settle()
    row: dict[str, Any] = {
        "epoch": this.at.epoch + 1,
        "step": this.at.step,
        "lr": this.at.lr,
        "train_loss": this.at.loss_sum / max(1, this.at.loss_count) * this.accelerator.num_processes,
    }
    trained = {"seconds": round(clock.epoch_seconds(), 3), "data_seconds": round(clock.data, 3)}
    if val is not None:
        judged = judgements(this.ema or this.net, this.task, val, this.accelerator, this.voice)
        truth = val.truth
        row |= {
            "n": len(truth),
            "loss": float(this.task.losses(judged, truth).mean()),
            **this.task.metrics(judged, truth),
        }
    row |= trained
    this.at.history.append(row)
    this.at.epoch, this.at.batch = this.at.epoch + 1, 0
    this.at.loss_sum, this.at.loss_count = 0.0, 0
    best = best_row(this.at.history, this.task.monitor)
    this.at.done = (
        this.at.epoch >= this.settings.epochs
        or agree(this.accelerator, 0, clock.over())
        or bool(this.settings.patience and stale(this.at.history, this.task.monitor) >= this.settings.patience)
    )
    if best is row and this.accelerator.is_main_process:
        save_weights(folder.best, this.ema or this.net)
    save(this, folder, clock)
    if this.accelerator.is_main_process:
        folder.write_metrics(this.at.history)
    this.voice.say(tell(row, this.settings.epochs, this.task.monitor))


def best_row(history: Sequence[dict[str, Any]], monitor: str) -> dict[str, Any]:
    """The epoch to keep: of those whose metric is within a standard error of the highest so far, the lowest loss.

    On few validation samples the highest metric alone is chance. Without validation, the last epoch.
    """
    key, sign = monitor.removeprefix("-"), -1 if monitor.startswith("-") else 1
    if key not in history[-1]:
        return history[-1]
    kept, top = history[0], -math.inf
    for row in history:
        top = max(top, sign * row[key])
        near = top - standard_error(top, row["n"])
        if sign * row[key] >= near and (row["loss"] < kept["loss"] or sign * kept[key] < near):
            kept = row
    return kept


def standard_error(share: float, n: int) -> float:
    """Of a share measured on `n` samples; 0 for what is no share."""
    return math.sqrt(share * (1 - share) / n) if 0 <= share <= 1 else 0.0


def stale(history: Sequence[dict[str, Any]], monitor: str) -> int:
    """Epochs since the kept one, or since the loss was lowest: while it falls, a run still learns."""
    improved = [best_row(history, monitor)["epoch"]]
    improved += [min(history, key=lambda r: r["loss"])["epoch"]] if "loss" in history[-1] else []
    return history[-1]["epoch"] - max(improved)


def settle(this: Fit) -> None:
    """Read the waiting losses and share the epoch's sum among the processes."""
    read_losses(this)
    this.at.loss_sum = total(this.accelerator, this.at.loss_sum) / this.accelerator.num_processes


def save(this: Fit, folder: RunFolder, clock: Clock) -> None:
    """Write all that resume needs."""
    settle(this)
    this.at.seconds = clock.seconds()
    if this.accelerator.is_main_process:
        save_state(folder.state, this.net, this.ema, this.remembering, this.at)
    clock.start_saving()


def tell(row: dict[str, Any], epochs: int, monitor: str) -> str:
    """An epoch in one line."""
    key = monitor.removeprefix("-")
    measured = f"  val loss {row['loss']:.4f}  {key} {row[key]:.4f}" if key in row else ""
    waits = f"{row['data_seconds'] / max(row['seconds'], 1e-9):.0%} waiting for data"
    return (
        f"epoch {row['epoch']}/{epochs}  train loss {row['train_loss']:.4f}{measured}  "
        f"lr {row['lr']:.2e}  {row['seconds']:.1f} s ({waits})"
    )
