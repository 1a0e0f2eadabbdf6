"""What a net answers on whole splits."""

from collections.abc import Callable

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch import Tensor

from multicnn.data.batches import Batch, Batches
from multicnn.train.feed import Resident, feed
from multicnn.train.memory import out_of_memory
from multicnn.train.task import Task
from multicnn.train.voice import Voice
from multicnn.zoo.lookup import looked
from multicnn.zoo.net import Net


def judgements(
    net: Net, task: Task, batches: Batches, accelerator: Accelerator, voice: Voice, here: Resident | None = None
) -> np.ndarray:
    """What the task's metrics read, for each of `batches.rows`; windows of one sample are averaged.  -> n ..."""
    return by_sample(
        batches.rows, *_each(net, batches, accelerator, voice, here, lambda out, batch: task.judge(out, batch.y))
    )


def answers(
    net: Net, task: Task, batches: Batches, accelerator: Accelerator, voice: Voice, here: Resident | None = None
) -> np.ndarray:
    """The answer for each of `batches.rows`, in their order; windows of one sample are averaged.  -> n ..."""
    return by_sample(batches.rows, *_each(net, batches, accelerator, voice, here, lambda out, batch: task.answer(out)))


def outputs(
    net: Net, batches: Batches, accelerator: Accelerator, voice: Voice, here: Resident | None = None
) -> np.ndarray:
    """What the net itself says of each of `batches.rows`; windows of one sample are averaged.  -> n ..."""
    return by_sample(batches.rows, *windows(net, batches, accelerator, voice, here))


def windows(
    net: Net, batches: Batches, accelerator: Accelerator, voice: Voice, here: Resident | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The row of each window of `batches.rows`, and what the net itself says of it.  -> m, m ..."""
    return _each(net, batches, accelerator, voice, here, lambda out, batch: out.float())


@torch.inference_mode()
def _each(
    net: Net,
    batches: Batches,
    accelerator: Accelerator,
    voice: Voice,
    here: Resident | None,
    read: Callable[[Tensor, Batch], Tensor],
) -> tuple[np.ndarray, np.ndarray]:
    """`read` of every batch of every process: rows, and an entry a window."""
    net = looked(net).eval()
    rows, found = [], []
    total = len(batches.plan())
    for number, batch in enumerate(feed(batches, accelerator.device, here=here), start=1):
        with accelerator.autocast():
            out = output(net, batch.x)
        real = batch.weight > 0
        rows.append(batch.index[real])
        found.append(read(out, batch)[real])
        voice.tick("evaluate", number, total)
    shares = gather_object([(torch.cat(rows).cpu().numpy(), torch.cat(found).cpu().numpy())])
    return np.concatenate([r for r, _ in shares]), np.concatenate([a for _, a in shares])


@torch.inference_mode()
def shown(net: Net, task: Task, raw: np.ndarray, accelerator: Accelerator) -> np.ndarray:
    """The answers to a few raw samples, by this process alone.  b ... -> b ..."""
    net.eval()
    with accelerator.autocast():
        out = output(net, torch.from_numpy(raw).to(accelerator.device))
    return task.answer(out).cpu().numpy()


def output(net: Net, x: Tensor) -> Tensor:
    """What the net makes of a batch, by halves where the whole does not fit into memory."""
    try:
        return net(x)
    except RuntimeError as error:
        if len(x) == 1 or not out_of_memory(error):
            raise
    half = len(x) // 2
    return torch.cat([output(net, x[:half]), output(net, x[half:])])


def by_sample(rows: np.ndarray, index: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Mean answer of each row over its windows.  n, m, m ... -> n ..."""
    place = places(rows, index)
    total = np.zeros((len(rows), *answer.shape[1:]))
    np.add.at(total, place, answer)
    count = np.bincount(place, minlength=len(rows))
    return total / count.reshape(-1, *[1] * (answer.ndim - 1))


def places(rows: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Where each of `index` stands in `rows`.  n, m -> m"""
    order = np.argsort(rows, kind="stable")
    return order[np.searchsorted(rows, index, sorter=order)]
