"""Whole batches gathered from the store: the order of samples, windows of long ones, shares of several processes."""

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from multicnn.data.along import Along, Target
from multicnn.data.random import keys, uniform
from multicnn.data.reader import blank
from multicnn.data.store import Store

T = TypeVar("T")
WINDOW_SALT = 1  # the purpose of the random window's key, see multicnn.data.random


@dataclass(frozen=True, eq=False)
class Batch:
    """x: raw samples (b, ...).  y: targets (b, ...), of answers along time (b, width, t).  index: (b,) rows.

    weight: (b,) 1, or 0 for a filler that keeps the processes in step.  count: samples of the batch in all processes.
    """

    x: Tensor
    y: Tensor
    index: Tensor
    weight: Tensor
    count: int

    def part(self, start: int, stop: int) -> "Batch":
        """Some of its samples, with the count of the whole."""
        return Batch(
            self.x[start:stop], self.y[start:stop], self.index[start:stop], self.weight[start:stop], self.count
        )


class Place(NamedTuple):
    """Which process this is, of how many."""

    rank: int = 0
    world: int = 1


ALONE = Place()


@dataclass(frozen=True, eq=False)
class Batches:
    """The batches of some rows of a store, the same for the same (seed, epoch) whatever ran before.

    Samples of different length meet only others of their own length rounded up to `quantum`, see `rounded`; with
    `window`, a sample is cut to (training: one random place an epoch, with answers along time as many as it holds
    windows; else: as many windows as cover it) or padded to that length. Padding is 0, or NaN in floating samples, so
    that a net can tell it from a zero.
    draw: probability of each row for sampling with replacement; None takes every row once an epoch.
    budget: numbers that a batch of samples of different length may hold, padding included: long ones come fewer
    together, one at least; 0: no limit.
    """

    store: Store
    target: Target
    rows: np.ndarray
    batch_size: int
    training: bool = False
    seed: int = 0
    window: int | None = None
    quantum: int | Sequence[int] = 1
    draw: np.ndarray | None = None
    budget: int = 0
    place: Place = ALONE

    def plan(self, epoch: int = 0) -> list[np.ndarray]:
        """The epoch's batches over all processes, as (n, 2) arrays of row and start."""
        entries = self._entries(epoch)
        random = np.random.default_rng([self.seed, epoch])
        if self.training:
            entries = entries[random.permutation(len(entries))]
        batches = [b for group in self._groups(entries) for b in cut(group, self._size(group), self.training)]
        if self.training and self._by_length:
            batches = [batches[i] for i in random.permutation(len(batches))]
        return batches

    def epoch(self, epoch: int = 0, start: int = 0) -> Iterator[Batch]:
        """This process's share of the epoch's batches, from batch `start` on."""
        for entries in self.plan(epoch)[start:]:
            mine, real = share(entries, self.place)
            yield self.gather(mine, real, len(entries))

    def gather(self, entries: np.ndarray, real: bool, count: int) -> Batch:
        """The samples of some (row, start) pairs as one batch."""
        return self.around(torch.from_numpy(self._values(entries)), entries, real, count, torch.device("cpu"))

    @property
    def truth(self) -> np.ndarray:
        """The target of each of the rows; of answers along time, read batch by batch, the row's number."""
        return self.rows if isinstance(self.target, Along) else self.target[self.rows]

    def first(self, rows: np.ndarray) -> Batch:
        """Some rows as one batch, of long samples their first window."""
        return self.gather(np.stack([rows, np.zeros_like(rows)], axis=1), True, len(rows))

    def around(self, x: Tensor, entries: np.ndarray, real: bool, count: int, device: torch.device) -> Batch:
        """A batch of samples gathered already, with its targets, rows and weights."""
        rows = entries[:, 0]
        y = torch.from_numpy(self._answers(entries))
        y = y.float() if y.dtype == torch.bool else y
        weight = torch.full((len(rows),), float(real))
        return Batch(x, y.to(device), torch.from_numpy(rows.copy()).to(device), weight.to(device), count)

    def _answers(self, entries: np.ndarray) -> np.ndarray:
        if isinstance(self.target, Along):
            return self.target.windows(entries, self.length(entries))
        return self.target[entries[:, 0]]

    def length(self, entries: np.ndarray) -> int:
        """What the samples of these pairs are cut or padded to; 0 where all have one shape."""
        if self.store.offsets is None:
            return 0
        return self.window or int(self.padded(entries[:1, 0])[0])

    def _size(self, group: np.ndarray) -> int:
        """Samples of a batch of one group."""
        if not self.budget or not self.length(group[:1]):
            return self.batch_size
        return min(self.batch_size, max(1, self.budget // self.length(group[:1])))

    @property
    def _by_length(self) -> bool:
        return self.store.offsets is not None and self.window is None

    def _entries(self, epoch: int) -> np.ndarray:
        rows = self.rows
        if self.training and self.draw is not None:
            rows = np.random.default_rng([self.seed, epoch, 1]).choice(rows, len(rows), p=self.draw)
        if self.window is None or self.store.offsets is None:
            return np.stack([rows, np.zeros_like(rows)], axis=1)
        return self._random_windows(rows, epoch) if self.training else self._all_windows(rows)

    def _random_windows(self, rows: np.ndarray, epoch: int) -> np.ndarray:
        rows, turn = self._turns(rows)
        key = keys(self.seed, epoch, torch.from_numpy(rows + turn * len(self.store)), WINDOW_SALT)
        room = np.maximum(self.store.lengths(rows) - self.window, 0)
        starts = (uniform(key, 1)[:, 0].double().numpy() * (room + 1)).astype(np.int64)
        return np.stack([rows, starts], axis=1)

    def _turns(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Each row as often as an epoch takes it, and which of its turns that is."""
        if not isinstance(self.target, Along):
            return rows, np.zeros_like(rows)
        counts = np.maximum(self.store.lengths(rows) // (self.window or 1), 1)
        return np.repeat(rows, counts), ordinals(counts)

    def _all_windows(self, rows: np.ndarray) -> np.ndarray:
        """Windows end to end, the last one moved back to end with its sample."""
        window = self.window or 0
        room = np.maximum(self.store.lengths(rows) - window, 0)
        counts = -(-room // window) + 1
        places = ordinals(counts)
        starts = np.minimum(places * window, np.repeat(room, counts))
        return np.stack([np.repeat(rows, counts), starts], axis=1)

    def _groups(self, entries: np.ndarray) -> Iterable[np.ndarray]:
        if not self._by_length:
            return [entries]
        lengths = self.padded(entries[:, 0])
        return [entries[lengths == n] for n in np.unique(lengths)]

    def padded(self, rows: np.ndarray) -> np.ndarray:
        """(n,) each sample's own length, rounded up to the quantum."""
        return rounded(self.store.lengths(rows), self.quantum)

    def _values(self, entries: np.ndarray) -> np.ndarray:
        if self.store.offsets is None:
            return self.store.values[entries[:, 0]]
        length = self.length(entries)
        values = self.store.values.view(np.ndarray)  # to take a part of a memmap costs ten times as much
        out = np.full((len(entries), length, *values.shape[1:]), blank(values.dtype), dtype=values.dtype)
        first, last = self.store.offsets[entries[:, 0]] + entries[:, 1], self.store.offsets[entries[:, 0] + 1]
        for line, begin, end in zip(out, first.tolist(), np.minimum(last, first + length).tolist(), strict=True):
            line[: end - begin] = values[begin:end]
        return out


def rounded(lengths: np.ndarray, quantum: int | Sequence[int]) -> np.ndarray:
    """Lengths, 1 at least, rounded up to multiples of `quantum`, or to the next of a rising list of lengths.

    Beyond its end the list goes on in steps like its last one.  n -> n
    """
    lengths = np.maximum(lengths, 1)
    if isinstance(quantum, int):
        return -(-lengths // quantum) * quantum
    known = np.asarray(quantum)
    last, step = known[-1], known[-1] - known[-2]
    beyond = last + -(-(lengths - last) // step) * step
    return np.where(lengths <= last, known[np.searchsorted(known, lengths).clip(max=len(known) - 1)], beyond)


def ordinals(counts: np.ndarray) -> np.ndarray:
    """0 1 2 0 1 for the counts 3 2."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def cut(entries: np.ndarray, size: int, training: bool) -> list[np.ndarray]:
    """Batches of `size`; in training a last batch of one sample joins the one before, for batch norm needs two."""
    batches = [entries[i : i + size] for i in range(0, len(entries), size)]
    if training and len(batches) > 1 and len(batches[-1]) == 1:
        batches[-2:] = [np.concatenate(batches[-2:])]
    return batches


def share(entries: np.ndarray, place: Place) -> tuple[np.ndarray, bool]:
    """This process's part of a batch, pairs kept whole; an empty part becomes one filler."""
    size = -(-len(entries) // place.world)
    size += size % 2 if place.world > 1 else 0  # so that rows 2j and 2j + 1, which mixing pairs, stay together
    mine = entries[place.rank * size : (place.rank + 1) * size]
    return (mine, True) if len(mine) else (entries[:1], False)


def ahead(items: Iterator[T], depth: int = 2) -> Iterator[T]:
    """The same items, prepared by a thread up to `depth` ahead, which has ended when the iterator has.

    A thread left inside torch while the interpreter ends would abort the process.
    """
    line: queue.Queue = queue.Queue(depth)
    done, stop = object(), threading.Event()

    def work() -> None:
        try:
            for item in items:
                line.put(item)
                if stop.is_set():
                    return
            line.put(done)
        except BaseException as error:
            line.put(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while (item := line.get()) is not done:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        while thread.is_alive():
            while not line.empty():  # it may wait for room
                line.get_nowait()
            thread.join(0.01)
