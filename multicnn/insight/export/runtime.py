"""Graphs as onnxruntime and torch run them."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import UsageError

NEEDED = ("onnx", "onnxscript", "onnxruntime")
Ask = Callable[[np.ndarray], np.ndarray]


def refuse_missing() -> None:
    """Raises UsageError with the command that installs what exporting needs."""
    for name in NEEDED:
        library(name)


def library(name: str) -> Any:
    """A library of the extra `export`. Raises UsageError with the command that installs it."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise UsageError(
            f"export needs {name}, which is not installed; install it with: pip install 'multicnn[export]'"
        ) from None


def by_onnx(path: Path) -> Ask:
    """What onnxruntime answers on the CPU, a raw batch in and an answer out."""
    runtime = library("onnxruntime")
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (name,) = (i.name for i in session.get_inputs())
    return lambda raw: session.run(None, {name: raw})[0]


def by_torch(path: Path) -> Ask:
    """What the graph of a .pt2 answers."""
    import torch

    from multicnn.insight.export.graph import quiet

    with quiet():
        graph = torch.export.load(path).module()

    def ask(raw: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return graph(torch.from_numpy(raw)).numpy()

    return ask
