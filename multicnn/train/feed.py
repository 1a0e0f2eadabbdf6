"""Batches on the device: from the store that lies there if it fits, else copied asynchronously, a batch ahead."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from multicnn.data.batches import Batch, Batches, ahead, share
from multicnn.data.store import Store

ROOM = 0.4  # share of a GPU's free memory that a resident store may take


@dataclass(frozen=True, eq=False)
class Resident:
    """A store's samples in the device's memory."""

    values: Tensor
    offsets: Tensor | None

    def gather(self, entries: np.ndarray, length: int) -> Tensor:
        """The samples of some (row, start) pairs; ragged ones cut or padded to `length`."""
        rows, starts = torch.from_numpy(entries.T.copy()).to(self.values.device, non_blocking=True)
        if self.offsets is None:
            return self.values[rows]
        first = self.offsets[rows] + starts
        place = first[:, None] + torch.arange(length, device=rows.device)
        inside = (place < self.offsets[rows + 1][:, None]).view(*place.shape, *[1] * (self.values.ndim - 1))
        found = self.values[place.clamp(max=len(self.values) - 1)]
        return torch.where(inside, found, torch.nan if found.is_floating_point() else 0)


def resident(store: Store, device: torch.device) -> Resident | None:
    """The store on a GPU, if it fits there."""
    if device.type != "cuda" or store.values.nbytes > ROOM * torch.cuda.mem_get_info(device)[0]:
        return None
    offsets = None if store.offsets is None else torch.from_numpy(store.offsets).to(device)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not writable")  # a file that is read, and the copy is elsewhere
        values = torch.from_numpy(np.ascontiguousarray(store.values))
    return Resident(values.to(device), offsets)


def feed(
    batches: Batches, device: torch.device, *, epoch: int = 0, start: int = 0, here: Resident | None = None
) -> Iterator[Batch]:
    """The epoch's batches from number `start` on, on the device."""
    if here is not None:
        return (one(batches, entries, device, here) for entries in batches.plan(epoch)[start:])
    if device.type != "cuda":
        return (_to(batch, device) for batch in batches.epoch(epoch, start))
    return (_to(batch, device) for batch in ahead(map(_pin, batches.epoch(epoch, start))))


def one(batches: Batches, entries: np.ndarray, device: torch.device, here: Resident | None = None) -> Batch:
    """This process's share of one batch of the plan, on the device."""
    mine, real = share(entries, batches.place)
    if here is not None:
        return batches.around(here.gather(mine, batches.length(mine)), mine, real, len(entries), device)
    return _to(batches.gather(mine, real, len(entries)), device)


def _pin(batch: Batch) -> Batch:
    return replace(batch, x=batch.x.pin_memory(), y=batch.y.pin_memory())


def _to(batch: Batch, device: torch.device) -> Batch:
    x, y, index, weight = (t.to(device, non_blocking=True) for t in (batch.x, batch.y, batch.index, batch.weight))
    return Batch(x, y, index, weight, batch.count)
