"""Weights and the state of a run as plain tensors: written beside, then renamed; nothing is unpickled, ever."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from multicnn.errors import DataError
from multicnn.train.run import unwritable


class Stateful(Protocol):
    """Has tensors to save, a list a name."""

    state: dict[str, list[Tensor]]


@dataclass
class Progress:
    """How far a run is; with the tensors, all that resume needs."""

    epoch: int = 0  # finished epochs
    batch: int = 0  # finished batches of the epoch under way
    step: int = 0  # finished steps of the optimizer
    micro: int = 0  # samples that fit into memory at once; 0: not known to be fewer than a batch
    loss_sum: float = 0.0  # of the epoch under way
    loss_count: int = 0
    seconds: float = 0.0  # spent in training, before this start
    lr: float = 0.0  # of the last step
    done: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)  # one row an epoch, as in metrics.jsonl


def save_weights(path: Path, net: nn.Module) -> None:
    """Write a net's parameters and buffers."""
    _write(path, {k: v.detach().contiguous().cpu() for k, v in net.state_dict().items()}, {})


def load_weights(path: Path, net: nn.Module) -> None:
    """Read them back. Raises DataError when the file is none, or belongs to another net."""
    tensors, _ = _read(path)
    ours = net.state_dict()
    wrong = sorted(k for k in ours.keys() | tensors.keys() if k not in ours or k not in tensors)
    wrong += [k for k in ours if k in tensors and ours[k].shape != tensors[k].shape]
    if wrong:
        raise DataError(
            f"{path}: the weights belong to another network (they differ in {wrong[0]!r} and {len(wrong) - 1} more)"
        )
    net.load_state_dict(tensors)


def save_state(path: Path, net: nn.Module, ema: nn.Module | None, others: Sequence[Stateful], at: Progress) -> None:
    """Write the whole state of a run into one file, so that no kill can leave half of it."""
    tensors = {f"net.{k}": v for k, v in net.state_dict().items()}
    if ema is not None:
        tensors |= {f"ema.{k}": v for k, v in ema.state_dict().items()}
    for place, other in enumerate(others):
        for name, values in other.state.items():
            tensors |= {f"optim.{place}.{name}.{number}": v for number, v in enumerate(values)}
    # cloned: a parameter in channels_last is not contiguous, and two names may share one tensor
    plain = {k: v.detach().cpu().clone(memory_format=torch.contiguous_format) for k, v in tensors.items()}
    _write(path, plain, {"progress": json.dumps(asdict(at))})


def load_state(path: Path, net: nn.Module, ema: nn.Module | None, others: Sequence[Stateful]) -> Progress:
    """Put a saved state back into its parts."""
    tensors, metadata = _read(path)
    net.load_state_dict(_below("net.", tensors))
    if ema is not None:
        ema.load_state_dict(_below("ema.", tensors))
    for place, other in enumerate(others):
        for name, values in other.state.items():
            for number, value in enumerate(values):
                value.copy_(tensors[f"optim.{place}.{name}.{number}"])
    return Progress(**json.loads(metadata["progress"]))


def read_progress(path: Path) -> Progress:
    """How far a saved run is, without its tensors."""
    try:
        with safe_open(path, framework="pt") as file:
            return Progress(**json.loads(file.metadata()["progress"]))
    except (OSError, SafetensorError, TypeError, KeyError, ValueError) as error:
        raise DataError(f"{path}: no saved state of a run ({error}); train it anew") from error


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _write(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Raises DataError when the disk refuses; what was there before stays."""
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, partial, metadata=metadata)
        os.replace(partial, path)
    except (OSError, SafetensorError) as error:
        with suppress(OSError):
            partial.unlink()
        raise unwritable(path, error) from error


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            return {k: file.get_tensor(k) for k in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise DataError(f"{path}: no readable weights ({error}); train the run anew") from error
