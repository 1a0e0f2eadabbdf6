"""Arrays from a pickle, without running what a pickle can run.

A pickle is a program that may call anything importable. Here no name in it is ever looked up: the few that NumPy's
arrays need stand for the classes below, every other name is refused.
"""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from multicnn.errors import DataError

PLAIN = "biufc"  # kinds of numbers; no objects, records or texts


class Kind:
    """Stands for numpy.dtype: a code such as f4, and its byte order."""

    def __init__(self, code: str, *_: Any):
        self.code = code
        self.order: Any = "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1].replace("|", "=")

    def plain(self) -> np.dtype[Any]:
        """The real thing. Raises ValueError when its cells are no numbers."""
        kind = np.dtype(self.code).newbyteorder(self.order)
        if kind.kind not in PLAIN:
            raise ValueError(f"cells of kind {self.code!r} are no numbers")
        return kind


class Array:
    """Stands for numpy.ndarray, and for the functions that make one."""

    def __init__(self, *_: Any):
        self.values = np.empty(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, columns_first, cells = state
        self.fill(
            cells.encode("latin1") if isinstance(cells, str) else cells, kind, shape, "F" if columns_first else "C"
        )

    def fill(self, cells: bytes, kind: Kind, shape: tuple[int, ...], order: Any) -> "Array":
        """Take the bytes of all cells."""
        self.values = np.frombuffer(cells, kind.plain()).reshape(shape, order=order).copy()
        return self


def from_buffer(cells: bytes, kind: Kind, shape: tuple[int, ...], order: str) -> Array:
    """Stands for how a pickle of protocol 5 makes an array."""
    return Array().fill(cells, kind, shape, order)


def latin1(text: str, encoding: str) -> bytes:
    """Stands for _codecs.encode, by which old protocols write bytes."""
    if encoding != "latin1":
        raise ValueError(f"bytes written as {encoding!r}")
    return text.encode("latin1")


def no_bytes() -> bytes:
    """Stands for bytes(), by which old protocols write no bytes."""
    return b""


ADMITTED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "dtype"): Kind,
    ("numpy", "ndarray"): Array,
    ("_codecs", "encode"): latin1,
    ("__builtin__", "bytes"): no_bytes,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): Array for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): from_buffer for core in ("core", "_core")},
}


class Refused(Exception):
    """A pickle names something that it has no need for."""


class Unpickler(pickle.Unpickler):
    """Reads containers, numbers, texts and arrays of numbers."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        try:
            return ADMITTED[module_name, global_name]
        except KeyError:
            raise Refused(f"{module_name}.{global_name}") from None


def read_arrays(path: Path) -> Any:
    """What a pickle of arrays in plain containers holds. Nothing in the file is executed.

    Raises DataError for a file that is no pickle, or holds anything but numbers, texts, containers and arrays.
    """
    try:
        with open(path, "rb") as file:
            return bare(Unpickler(file, encoding="latin1").load())
    except Refused as error:
        raise DataError(
            f"{path}: this pickle asks to run {error}, which could do anything, so it was not read; "
            "save the arrays as .safetensors"
        ) from None
    except Exception as error:  # a damaged pickle can fail in any way
        raise DataError(f"{path}: no readable pickle of arrays ({error}); save the arrays as .safetensors") from error


def bare(value: Any) -> Any:
    """A container with its stand-ins replaced by what they stand for."""
    if isinstance(value, Array):
        return value.values
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [bare(v) for v in value]
    return value
