"""Activations by name."""

from collections.abc import Callable
from functools import partial

from torch import nn

from multicnn.names import find

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "logistic": nn.Sigmoid,
    "silu": nn.SiLU,
    "softmax": partial(nn.Softmax, dim=1),  # over the channels of each cell
    "none": nn.Identity,
}


def activation(name: str) -> nn.Module:
    """The activation called `name`; softmax is over channels. Raises UsageError with near names."""
    return find("activation", ACTIVATIONS, name)()
