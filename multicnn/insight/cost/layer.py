"""A layer of a net as its cost is told: shapes, parameters, operations, what it sees."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Layer:
    """What one layer costs, for one sample.

    name: its place in the net.  kind: its class.  input, output: shapes without the sample's axis, of the first call;
    output () where a net in evaluation does not call it, as classifiers beside it.  flops: 2 x multiply-adds.
    field: cells of the grid that one of its cells sees, an axis; () in front of the grid.  stride: cells of the grid
    from one of its cells to the next.  kernel, groups: of a convolution or pooling.  numbers: of its output, over all
    calls.  calls: times that a sample meets it, 0 for what only training calls.
    """

    name: str
    kind: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    parameters: int
    flops: int
    field: tuple[int, ...] = ()
    stride: tuple[float, ...] = ()
    kernel: tuple[int, ...] = ()
    groups: int = 1
    numbers: int = 0
    calls: int = 1

    def record(self) -> dict[str, Any]:
        """As JSON says it."""
        return asdict(self)


@dataclass(frozen=True)
class Totals:
    """A net's layers added up; `layers` counts those that learn."""

    parameters: int
    flops: int
    layers: int


def totals(layers: Sequence[Layer]) -> Totals:
    """The sums over all layers."""
    return Totals(
        sum(layer.parameters for layer in layers),
        sum(layer.flops for layer in layers),
        sum(1 for layer in layers if layer.parameters),
    )
