"""A trained net as one fixed graph, raw samples in and answers out, which ONNX and torch.export start from."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram, export

from multicnn.tasks.detect import Detect
from multicnn.tasks.instances import Instances
from multicnn.train.task import Task
from multicnn.zoo.net import Net

OPSET = 18  # of ONNX: the oldest that torch writes; it has the Fourier transform
INPUT, OUTPUT = "raw", "answer"


class Answering(nn.Module):
    """What a task answers to raw samples; without a task, and of boxes, which are a set, what the net itself says."""

    def __init__(self, net: Net, task: Task | None):
        super().__init__()
        self.net, self.task = dense(net), task

    def forward(self, raw: Tensor) -> Tensor:
        numbers = raw.long() if raw.dtype == torch.int32 else raw  # ONNX gathers by no shorter ones
        out = self.net(numbers)
        return out.float() if isinstance(self.task, Detect | Instances | None) else self.task.answer(out)


def dense(net: Net) -> Net:
    """The net without what looks words up, which no graph can."""
    return Net(net.frontend, net.body, net.head) if type(net).__name__ == "Looked" else net


def traced(answering: Answering, raw: np.ndarray, *, shortest: int = 0) -> ExportedProgram:
    """The graph for batches of any size. shortest: least length of the second axis, which is open; 0: as in `raw`."""
    sizes: dict[int, Any] = {0: Dim.DYNAMIC}
    if shortest:
        sizes[1] = Dim.DYNAMIC(min=shortest)
    with quiet(), torch.no_grad():
        return export(
            answering.eval(), (torch.from_numpy(raw),), dynamic_shapes=(sizes,),
            prefer_deferred_runtime_asserts_over_guards=True,
        )  # fmt: skip


def write_onnx(program: ExportedProgram, path: Path) -> None:
    """Write the graph with its weights as one file."""
    with quiet():
        program = program.run_decompositions({torch.ops.aten.searchsorted.Tensor: halving})
        found = torch.onnx.export(
            program, dynamo=True, verbose=False, opset_version=OPSET, input_names=[INPUT], output_names=[OUTPUT]
        )
        assert found is not None
        found.save(path)


def write_torch(program: ExportedProgram, path: Path) -> None:
    """Write the graph as torch.export.load reads it."""
    with quiet():
        torch.export.save(program, path)


def halving(keys: Tensor, values: Tensor, **unused: Any) -> Tensor:
    """`torch.searchsorted(keys, values)`, which ONNX has not: the place of each value among sorted keys, by halves."""
    low = torch.zeros_like(values, dtype=torch.int64)
    step = 1 << max(0, len(keys).bit_length() - 1)
    while step:
        there = low + step
        less = keys[(there - 1).clamp(max=len(keys) - 1)] < values
        low = torch.where(less & (there <= len(keys)), there, low)
        step //= 2
    return low


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of torch's exporters, which are about their own inside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
