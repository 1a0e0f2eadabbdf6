"""How many numbers a layer learns, by the formulas that lectures give."""

from collections.abc import Callable
from math import prod
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd

GATES = {nn.LSTM: 4, nn.GRU: 3, nn.RNN: 1}


def convolution(layer: Any) -> int:
    """(k k c_in / groups + 1) c_out, a transposed one likewise from its input's side."""
    weights = prod(layer.kernel_size) * layer.in_channels * layer.out_channels // layer.groups
    return weights + layer.out_channels * (layer.bias is not None)


def affine(layer: Any) -> int:
    """(n_in + 1) n_out."""
    return (layer.in_features + (layer.bias is not None)) * layer.out_features


def embedding(layer: Any) -> int:
    """A vector a word."""
    return layer.num_embeddings * layer.embedding_dim


def norm(layer: Any) -> int:
    """A scale and a shift a channel."""
    return 2 * layer.num_features * bool(layer.affine)


def recurrent(layer: Any) -> int:
    """gates h (n_in + h + 2) a direction; torch keeps two biases.  Layers above the first read all directions."""
    gates, h = next(n for kind, n in GATES.items() if isinstance(layer, kind)), layer.hidden_size
    ways = 2 if layer.bidirectional else 1
    widths = [layer.input_size] + [h * ways] * (layer.num_layers - 1)
    return sum(ways * gates * h * (width + h + 2 * bool(layer.bias)) for width in widths)


def own(layer: nn.Module) -> int:
    """Of a layer that no formula is known for, counted; without those of layers within it."""
    return sum(p.numel() for p in layer.parameters(recurse=False))


FORMULAS: dict[type[nn.Module], Callable[[Any], int]] = {
    _ConvNd: convolution,
    nn.Linear: affine,
    nn.Embedding: embedding,
    _NormBase: norm,
    nn.RNNBase: recurrent,
}


def parameters(layer: nn.Module) -> int:
    """By the formula of the layer's kind."""
    return next((f for kind, f in FORMULAS.items() if isinstance(layer, kind)), own)(layer)
