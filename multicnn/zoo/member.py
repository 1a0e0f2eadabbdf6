"""What the table of architectures says about each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from multicnn.names import schema
from multicnn.zoo.body import Body
from multicnn.zoo.heads import Pooled
from multicnn.zoo.net import count


@dataclass(frozen=True)
class Member:
    """One architecture.

    build: `(rank, c_in, *, settings)`; it takes `grid` where its layers depend on the grid's size.
    paper: authors, year, where to read it. input: (c_in, *grid) and classes: of the form that the paper, or the best
    known code, reports. head: of that form; a task brings its own. ranks: of the grids it reads. settings: of that
    form, where they are not the usual ones.
    """

    build: Callable[..., Body]
    paper: str
    input: tuple[int, ...]
    classes: int
    head: Callable[[list[int], int], nn.Module] = Pooled
    ranks: tuple[int, ...] = (1, 2, 3)
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """Axes of the reference form's grid."""
        return len(self.input) - 1

    def reference(self, device: str = "cpu") -> tuple[Body, nn.Module]:
        """Body and head of the reference form; on device "meta" without memory or time."""
        c_in, *grid = self.input
        sized = {"grid": tuple(grid)} if "grid" in schema(self.build) else {}
        with torch.device(device):
            body = self.build(self.rank, c_in, **sized, **self.settings)
            return body, self.head(body.channels, self.classes)

    def parameters(self) -> int:
        """Of the reference form, head included."""
        return sum(count(part) for part in self.reference("meta"))

    def facts(self, name: str) -> dict[str, Any]:
        """What `multicnn models` lists."""
        facts = {"name": name, "rank": self.rank, "ranks": list(self.ranks), "parameters": self.parameters()}
        return {**facts, "input": list(self.input), "classes": self.classes, "paper": self.paper}
