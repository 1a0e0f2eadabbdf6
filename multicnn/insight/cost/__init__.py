"""What a net costs: parameters, operations, memory, and what its cells see, layer by layer."""

from multicnn.insight.cost.layer import Layer, Totals, totals
from multicnn.insight.cost.trace import layers

__all__ = ["Layer", "Totals", "layers", "totals"]
