"""Memory: of feature maps by the lectures' formula, of what a step of training holds, and of what a process took."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from math import prod
from types import TracebackType
from typing import Any

import psutil
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.nn.modules import activation

from multicnn.insight.cost.layer import Layer

SIZE = 4  # bytes of a number in float32
MAPS = (*activation.__all__, "Conv", "Pool", "Linear", "Picking", "Widening")  # in the names of layers that make maps
LOOKS = 0.002  # seconds between two looks at a process


def maps(layers: Sequence[Layer]) -> int:
    """Bytes of one sample's feature maps: (input + convolutions + activations + poolings) x sizeof(float32)."""
    first = next((x for x in layers if x.field), None)
    inside = sum(x.numbers for x in layers if x.field and any(part in x.kind for part in MAPS))
    return SIZE * (inside + (prod(first.input) if first else 0))


def held(run: Callable[[], Any], known: Iterable[Tensor]) -> int:
    """Bytes of the tensors that a forward pass keeps for its gradients, each storage once, `known` ones left out.

    Those of another precision that autocast makes of the weights count. On device "meta" they are counted, not taken.
    """
    before = {t.untyped_storage()._cdata for t in known}
    kept: dict[int, Any] = {}

    def keep(tensor: Tensor) -> None:
        storage = tensor.untyped_storage()  # kept, lest another take its place
        kept[storage._cdata] = storage

    with saved_tensors_hooks(keep, lambda nothing: nothing):
        out = run()
    del out
    return sum(storage.nbytes() for place, storage in kept.items() if place not in before)


def size(tensors: Iterable[Tensor]) -> int:
    """Bytes of tensors."""
    return sum(t.numel() * t.element_size() for t in tensors)


def state(net: nn.Module) -> list[Tensor]:
    """Parameters and buffers."""
    return [*net.state_dict(keep_vars=True).values()]


class Peak:
    """The largest memory of the process while it is open; on a GPU, of torch's tensors.

    On a CPU a thread looks every 2 ms at the process's own memory: pages of files, such as decoded samples, which the
    system takes back when it needs them, do not count.
    """

    def __init__(self, device: torch.device):
        self.device, self.process, self.done = device, psutil.Process(), threading.Event()
        self.base = self.largest = 0

    def __enter__(self) -> "Peak":
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
            torch.cuda.reset_peak_memory_stats(self.device)
        self.base = self.largest = self.now()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.done.set()
        self.thread.join()
        self.largest = max(self.largest, self.now())

    @property
    def rise(self) -> int:
        """Bytes above what there was at the beginning."""
        return max(self.largest, self.now()) - self.base

    def now(self) -> int:
        """Bytes."""
        if self.device.type == "cuda":
            return torch.cuda.max_memory_allocated(self.device)
        found = self.process.memory_info()
        return found.rss - getattr(found, "shared", 0)

    def _watch(self) -> None:
        while not self.done.is_set():
            self.largest = max(self.largest, self.now())
            time.sleep(LOOKS)


def free(device: torch.device) -> int:
    """Bytes that may still be taken: of the GPU, or of the machine, where it limits this process, of that limit."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return min([psutil.virtual_memory().available, *limits()])


def limits() -> list[int]:
    """What the control group of this process leaves of its memory, file pages counted as free."""
    try:
        with (
            open("/sys/fs/cgroup/memory.max", encoding="ascii") as most,
            open("/sys/fs/cgroup/memory.current", encoding="ascii") as now,
            open("/sys/fs/cgroup/memory.stat", encoding="ascii") as stat,
        ):
            files = next((int(line.split()[1]) for line in stat if line.startswith("inactive_file ")), 0)
            return [max(0, int(most.read()) - int(now.read()) + files)]
    except (OSError, ValueError):  # no control group, or none with a limit
        return []
