"""The weights in an ONNX file, read without its package: a few fields of its protocol buffers.

The format: github.com/onnx/onnx/blob/main/onnx/onnx.proto. Nothing in a file is executed.
"""

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from torch import Tensor

from multicnn.errors import DataError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types
MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_INITIALIZER = 1, 5
NODE_INPUT, NODE_OUTPUT, NODE_TYPE = 1, 2, 4
TENSOR_DIMS, TENSOR_TYPE, TENSOR_FLOATS, TENSOR_NAME, TENSOR_RAW, TENSOR_OUTSIDE = 1, 2, 4, 8, 9, 13
ENTRY_KEY, ENTRY_VALUE = 1, 2
FLOAT = 1  # the type of tensors that are weights
LAYERS = ("Conv", "Gemm")  # what has a weight and a bias
PASSED = ("QuantizeLinear", "DequantizeLinear", "Identity")  # what a weight may go through

Beside = Callable[[str], bytes]  # the bytes of a file beside the model's


@dataclass
class Node:
    """One operation: its kind, and the names of what goes in and comes out."""

    kind: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


def read_layers(path: Path) -> dict[str, Tensor]:
    """Weight and bias of each convolution and affine layer, `0.weight`, `0.bias`, `1.weight`, ... in the graph's order.

    path: a .onnx file, beside which larger tensors may lie in files of their own, or a .zip that holds both. Raises
    DataError for a damaged file and for one without such layers.
    """
    try:
        model, beside = _open(path)
        found = dict(_layers(model, beside))
    except (KeyError, IndexError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: no readable ONNX ({error}); fetch or export the file anew") from error
    if not found:
        raise DataError(f"{path}: no layers with weights in it; export a network of convolutions there")
    return found


def _open(path: Path) -> tuple[bytes, Beside]:
    """The model's bytes, and what reads the files beside it."""
    if path.suffix != ".zip":
        return path.read_bytes(), cache(lambda name: (path.parent / PurePosixPath(name).name).read_bytes())
    archive = zipfile.ZipFile(path)
    inside = next((name for name in archive.namelist() if name.endswith(".onnx")), None)
    if inside is None:
        raise ValueError("no .onnx file inside")
    folder = PurePosixPath(inside).parent
    return archive.read(inside), cache(lambda name: archive.read(str(folder / PurePosixPath(name).name)))


def _layers(model: bytes, beside: Beside) -> Iterator[tuple[str, Tensor]]:
    graph = next((value for number, value in fields(model) if number == MODEL_GRAPH and isinstance(value, bytes)), b"")
    nodes, tensors = [], {}
    for number, value in fields(graph):
        if number == GRAPH_NODE:
            nodes.append(_node(whole(value)))
        elif number == GRAPH_INITIALIZER:
            name, tensor = _tensor(whole(value), beside)
            tensors[name] = tensor
    source = {node.outputs[0]: node.inputs[0] for node in nodes if node.kind in PASSED}
    for place, node in enumerate(n for n in nodes if n.kind in LAYERS):
        for part, name in zip(("weight", "bias"), node.inputs[1:], strict=False):
            while name in source:
                name = source[name]
            if (tensor := tensors[name]) is None:
                raise ValueError(f"{name} holds no float32")
            yield f"{place}.{part}", tensor


def _node(data: bytes) -> Node:
    node = Node()
    for number, value in fields(data):
        if number in (NODE_INPUT, NODE_OUTPUT):
            (node.inputs if number == NODE_INPUT else node.outputs).append(whole(value).decode())
        elif number == NODE_TYPE:
            node.kind = whole(value).decode()
    return node


def _tensor(data: bytes, beside: Beside) -> tuple[str, Tensor | None]:
    """Its name and, where it is one of float32, its numbers."""
    shape: list[int] = []
    name, kind, raw, outside = "", 0, b"", {}
    for number, value in fields(data):
        if number == TENSOR_DIMS:
            shape += [value] if isinstance(value, int) else list(varints(value))
        elif number == TENSOR_TYPE:
            kind = value
        elif number == TENSOR_NAME:
            name = whole(value).decode()
        elif number in (TENSOR_RAW, TENSOR_FLOATS):
            raw += whole(value)
        elif number == TENSOR_OUTSIDE:
            entry = {n: whole(v).decode() for n, v in fields(whole(value))}
            outside[entry[ENTRY_KEY]] = entry[ENTRY_VALUE]
    if kind != FLOAT:
        return name, None
    if outside:
        start = int(outside.get("offset", 0))
        raw = beside(outside["location"])[start : start + int(outside["length"])]
    return name, torch.from_numpy(np.frombuffer(raw, "<f4").reshape(shape).copy())


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a message. Raises ValueError or IndexError where it is damaged."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = varint(data, at)
            yield number, value
            continue
        if wire == BYTES:
            size, at = varint(data, at)
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
        else:
            raise ValueError(f"byte {at} is no field")
        if at + size > len(data):
            raise ValueError(f"ends {at + size - len(data)} bytes early")
        yield number, data[at : at + size]
        at += size


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the lowest first, and where it ends."""
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError(f"byte {at} is no number")


def varints(data: bytes) -> Iterator[int]:
    """Numbers packed one behind the other."""
    at = 0
    while at < len(data):
        value, at = varint(data, at)
        yield value


def whole(value: int | bytes) -> bytes:
    """A field that has to be bytes."""
    if isinstance(value, int):
        raise ValueError("a number where bytes belong")
    return value
