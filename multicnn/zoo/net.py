"""Joins a front-end, a body and a head to a network that takes raw samples."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.names import check, find, schema
from multicnn.zoo.body import Body
from multicnn.zoo.heads import reader
from multicnn.zoo.types import ByTypes, Grid, Typed, Types


class Net(nn.Module):
    """A front-end (raw batch -> grid), a body (grid -> levels) and a head (levels -> answers) in a row.

    multiple: cells that the body's grid has whole multiples of; zeros at its far ends are added up to there.
    """

    multiple: int = 1

    def __init__(self, frontend: nn.Module, body: nn.Module, head: nn.Module):
        super().__init__()
        self.frontend, self.body, self.head = frontend, body, head

    def forward(self, x: Tensor) -> Tensor:
        return self.answer(self.grid(x))

    def grid(self, x: Tensor) -> Grid:
        """What the front-end makes of a raw batch: distinct vectors where it and the body know how, on a CPU."""
        types = None
        if x.device.type == "cpu" and isinstance(self.body, ByTypes) and isinstance(self.frontend, Typed):
            types = None if torch.compiler.is_compiling() else self.frontend.types(x)  # ours cannot be traced
        return self.frontend(x) if types is None else types

    def answer(self, grid: Any) -> Tensor:
        """What body and head make of the front-end's grid, a Tensor or Types."""
        return self.read(self.levels(grid), grid)

    def levels(self, grid: Any) -> list[Tensor]:
        """What the body makes of the front-end's grid, finest first."""
        levels: Any = self.body.by_types if isinstance(grid, Types) else self.body  # pyright: ignore
        return levels(grid)

    def read(self, levels: list[Tensor], grid: Any) -> Tensor:
        """What the head makes of the levels of a grid."""
        return self.head(levels)


def classifier(body: Body, classes: int, *, drop: float = 0.0) -> Net:
    """A network for float grids that answers with logits, to use like torchvision's.

    drop: probability to drop a feature before the affine layer.
    b c_in *grid -> b classes; in training, of a body with side levels, b (1 + sides) classes
    """
    return Net(nn.Identity(), body, reader(body, classes, drop=drop))


def build_body(name: str, rank: int, c_in: int, grid: tuple[int, ...] | None, settings: Mapping[str, Any]) -> Body:
    """The member called `name` for grids of `rank` axes and `c_in` channels.

    grid: its cells along each axis, None where samples differ. Raises UsageError for an unknown name or setting, a
    rank that the member does not read, and a grid that is too small for it or that it would have to know.
    """
    from multicnn.zoo import BODIES  # here, as the table's file imports this one

    member = find("model", BODIES, name)
    if rank not in member.ranks:
        ranks = " or ".join(str(r) for r in member.ranks)
        raise UsageError(f"{name} reads grids of {ranks} axes, not {rank}; choose another model, or another --frontend")
    check_settings(name, member.build, settings)
    if "grid" not in schema(member.build):
        return member.build(rank, c_in, **settings)
    if grid is None:
        raise UsageError(
            f"{name} needs samples of one size; bring them to one, or choose a model for any size (resnet18)"
        )
    return member.build(rank, c_in, grid=grid, **settings)


def check_settings(name: str, build: Callable[..., Body], settings: Mapping[str, Any]) -> None:
    """Raise UsageError for a setting that the member does not take, of another type, or a count below 1."""
    check(f"model {name}", build, settings)
    if "grid" in settings:
        raise UsageError(f"the grid of {name} follows from the samples; leave out the setting 'grid'")
    for key, default in schema(build).items():
        if type(default) is int and settings.get(key, default) < 1:
            raise UsageError(f"{key} of model {name} is {settings[key]}; give at least 1")


def count(net: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(p.numel() for p in net.parameters())
