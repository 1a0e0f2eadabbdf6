"""Trained weights from files, and what of them fits a network. Nothing in a file is ever executed."""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from multicnn.errors import DataError
from multicnn.zoo.body import spell
from multicnn.zoo.onnx_file import read_layers
from multicnn.zoo.squeezenet import from_paper
from multicnn.zoo.torchvision_names import NAMES, from_torchvision
from multicnn.zoo.unpickle import read_arrays
from multicnn.zoo.yamnet import from_onnx

WRAPPERS = ("state_dict", "model_state_dict", "model")  # entries of a checkpoint under which the weights may lie
PREFIXES = ("_orig_mod.", "module.", "model.")  # of torch.compile, of DataParallel, of most training frameworks
# what other makers call the layers of a head, the rarer name first
HEAD = {
    "head.norm": ("classifier.0",),
    "head.fc": ("classifier.6", "classifier.2", "classifier.1", "_fc", "fc", "classifier", "head"),
}


def read_weights(path: Path) -> dict[str, Tensor]:
    """Tensors by name from .safetensors, .pth, .pt, .bin or .ckpt (torch.save), .pkl (arrays of NumPy), .onnx or .zip.

    A checkpoint may hold them under `state_dict` or `model`; prefixes such as `module.` are taken off. In a .pkl a
    layer may be a pair of kernel and bias with the axes in Keras's order. Of an ONNX graph, which a .zip may hold, the
    layers' weights are named by their place, `0.weight`. Raises DataError for a file that is missing,
    damaged, of another kind, or would have to be executed.
    """
    if path.suffix not in READERS:
        raise DataError(
            f"{path}: weights come as {', '.join(READERS)}, not as {path.suffix or 'a file without suffix'}"
        )
    if not path.is_file():
        raise DataError(f"{path}: no such file of weights; check the path")
    found = {bare(name): value for name, value in unwrapped(READERS[path.suffix](path)).items()}
    if not found:
        raise DataError(f"{path}: no tensors in it; save a network's state_dict() there")
    return found


def _safetensors(path: Path) -> Any:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise DataError(f"{path}: no readable weights ({error}); fetch or save the file anew") from error


def _saved(path: Path) -> Any:
    """What torch.save wrote."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        if named := re.search(r"GLOBAL (\S+)", str(error)):
            raise DataError(
                f"{path}: this file asks to run {named[1]}, which could do anything, so it was not read; "
                "save the network's state_dict() alone"
            ) from None
        raise DataError(f"{path}: no readable weights; fetch or save the file anew") from error
    except Exception as error:  # a damaged file can fail in any way
        reason = str(error).split("\n")[0]
        raise DataError(f"{path}: no readable weights ({reason}); fetch or save the file anew") from error


def _pickled(path: Path) -> Any:
    """Arrays by name, or pairs of kernel and bias by layer."""
    held = read_arrays(path)
    if not isinstance(held, dict):
        raise DataError(f"{path}: holds no arrays by name; save a dictionary of them")
    found: dict[str, Tensor] = {}
    for name, value in held.items():
        if isinstance(value, np.ndarray):
            found[name] = torch.from_numpy(value)
        elif isinstance(value, list) and len(value) == 2:
            found |= {f"{name}.weight": from_keras(value[0]), f"{name}.bias": torch.from_numpy(value[1])}
    return from_paper(found) if "conv10.weight" in found else found


def from_keras(kernel: np.ndarray) -> Tensor:
    """*kernel c_in c_out -> c_out c_in *kernel"""
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(kernel, (-1, -2), (0, 1))))


READERS: dict[str, Callable[[Path], Any]] = {
    ".safetensors": _safetensors,
    ".pth": _saved,
    ".pt": _saved,
    ".bin": _saved,
    ".ckpt": _saved,
    ".pkl": _pickled,
    ".onnx": read_layers,
    ".zip": read_layers,
}


def unwrapped(held: Any) -> dict[str, Tensor]:
    """The tensors by name inside a checkpoint; none where there are none."""
    if not isinstance(held, Mapping):
        return {}
    inner = [held[key] for key in WRAPPERS if isinstance(held.get(key), Mapping)]
    return unwrapped(inner[0]) if inner else {k: v for k, v in held.items() if isinstance(v, Tensor)}


def bare(name: str) -> str:
    """A name without what training frameworks put before it."""
    while prefix := next((p for p in PREFIXES if name.startswith(p)), ""):
        name = name.removeprefix(prefix)
    return name


def translated(model: str, found: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """torchvision's weights of the member `model`, or an exported YAMNet's, under our names; others as they are."""
    ours = any(name.startswith("body.") for name in found)
    if model == "yamnet" and "0.weight" in found:
        return from_onnx(found)
    return found if ours or model not in NAMES else from_torchvision(model, found)


def fit_weights(
    net_state: Mapping[str, Tensor], found: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], list[str], list[str]]:
    """What fits a network by name and shape; names left out of `found`; names the network has to learn anew.

    net_state: of a Net, or of a body. A name fits with and without `body.`, with the leading underscores of some
    ports, and the last layer under what others call it; a 1x1 convolution there is an affine layer's matrix. So the
    last layer for another number of classes is left out and missing. The front-end is never missing. Raises DataError
    when less than half of the body's numbers are found.
    """
    sources = {name: source for name in net_state if (source := partner(name, net_state[name], found))}
    loaded = {name: found[source].reshape(net_state[name].shape) for name, source in sources.items()}
    check_share(net_state, loaded, found)
    taken = set(sources.values())
    left_out = [name for name in found if name not in taken]
    return loaded, left_out, [name for name in net_state if name not in loaded and counts(name)]


def partner(name: str, ours: Tensor, found: Mapping[str, Tensor]) -> str | None:
    """The name in `found` of a network's tensor; None where there is none of its shape."""
    source = next((n for n in spellings(name) if n in found), None)
    return source if source and matrix(found[source]) == matrix(ours) else None


def matrix(values: Tensor) -> list[int]:
    """The shape without the axes of length 1 at its end, which a 1x1 kernel has."""
    shape = list(values.shape)
    while shape and shape[-1] == 1:
        shape.pop()
    return shape


def spellings(name: str) -> Iterator[str]:
    """What a tensor of our networks may be called, by us and by others."""
    yield name
    own = name.removeprefix("body.")
    yield own
    yield own.removeprefix("backbone.")  # of a segmenting body, which may start from a classifier
    *layers, last = own.split(".")
    yield ".".join([layer if layer.isdigit() else f"_{layer}" for layer in layers] + [last])
    yield from (f"{theirs}.{last}" for theirs in HEAD.get(".".join(layers), ()))


def counts(name: str) -> bool:
    """Whether a file of weights lacks something that lacks this: old ones have no counters of batches."""
    return not name.startswith("frontend.") and not name.endswith("num_batches_tracked")


def check_share(net: Mapping[str, Tensor], loaded: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> None:
    """Raise DataError when the weights are of another network."""
    body = [name for name in net if not name.startswith(("head.", "frontend."))]
    total, got = (sum(net[n].numel() for n in names) for names in (body, [n for n in body if n in loaded]))
    if 2 * got >= total:
        return
    lacks = next(name for name in body if name not in loaded and counts(name))
    own = lacks.removeprefix("body.")
    near = list(dict.fromkeys([*get_close_matches(own, found, n=2), *found]))[:2]
    has = " and ".join(f"{name!r} ({spell(tuple(found[name].shape))})" for name in near) or "nothing"
    raise DataError(
        f"the weights are of another network: {got / total:.0%} of this one's are in the file; it wants "
        f"{own!r} ({spell(tuple(net[lacks].shape))}), the file has {has}; choose the model they were trained in"
    )
