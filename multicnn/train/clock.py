"""Time in a run: what it took, what it waits for, when it must end, and whether the user wants it to stop."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar, cast

import torch
from accelerate import Accelerator
from torch import Tensor

from multicnn.train.settings import TrainSettings

T = TypeVar("T")
AGREE_EVERY = 16  # batches between the processes' votes, for a vote makes all of them wait


class Clock:
    """Seconds of a run, counted over all its starts."""

    def __init__(self, before: float, settings: TrainSettings):
        self.before, self.limit, self.epochs = before, settings.time, settings.epochs
        self.save_every = settings.checkpoint
        self.started = self.epoch_started = self.saved = time.perf_counter()
        self.data = 0.0  # seconds of this epoch spent waiting for batches

    def start_epoch(self) -> None:
        self.epoch_started, self.data = time.perf_counter(), 0.0

    def seconds(self) -> float:
        """Of training, over all starts."""
        return self.before + time.perf_counter() - self.started

    def epoch_seconds(self) -> float:
        return time.perf_counter() - self.epoch_started

    def over(self) -> bool:
        """Whether the time limit is reached."""
        return bool(self.limit) and self.seconds() >= self.limit

    def done(self, epochs: float) -> float:
        """Share of the run that is behind, by epochs or by time, whichever ends it first."""
        by_time = self.seconds() / self.limit if self.limit else 0.0
        return min(1.0, max(epochs / self.epochs, by_time))

    def start_saving(self) -> None:
        """Count anew the seconds to the next saved state."""
        self.saved = time.perf_counter()

    def save_due(self) -> bool:
        return time.perf_counter() - self.saved >= self.save_every

    def timed(self, batches: Iterator[T]) -> Iterator[T]:
        """The same batches; the wait for each is added to `data`."""
        while True:
            start = time.perf_counter()
            batch = next(batches, None)
            self.data += time.perf_counter() - start
            if batch is None:
                return
            yield batch


def agree(accelerator: Accelerator, batch: int, flag: bool) -> bool:
    """Whether any process raises the flag; several processes vote every few batches, so that all act at once."""
    if accelerator.num_processes == 1:
        return flag
    if batch % AGREE_EVERY:
        return False
    return total(accelerator, float(flag)) > 0


def total(accelerator: Accelerator, value: float) -> float:
    """The sum of a number over all processes."""
    if accelerator.num_processes == 1:
        return value
    kind = torch.float32 if accelerator.device.type == "mps" else torch.float64
    mine = torch.tensor(value, dtype=kind, device=accelerator.device)
    return float(cast(Tensor, accelerator.reduce(mine, "sum")))


@contextmanager
def stop_requests() -> Iterator[threading.Event]:
    """An event that Ctrl-C or a termination signal sets; a second one ends the process at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked  # signals reach the main thread only
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {s: signal.signal(s, ask) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
