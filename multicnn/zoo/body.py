"""What a body is: a grid goes in, levels of features come out, finest first."""

from math import prod

from torch import Tensor, nn

from multicnn.errors import UsageError

WHOLE = 0  # the stride of a level of one cell, which sees the whole grid


class Body(nn.Module):
    """A network without its head: called with a grid it returns a list of levels, finest first.

    channels: of each level. strides: cells of the grid that a level's cell stands for, along every axis; WHOLE for a
    level of vectors, whose grid is one cell. padded: False where layers leave out cells at the grid's rim, or shrink
    other axes more than the last, so that levels are smaller, and no answer for each cell can be read from them.
    b c_in *grid -> list of b channels[i] *ceil(grid / strides[i])
    """

    channels: list[int]
    strides: list[int]
    padded: bool = True


def vector(x: Tensor, rank: int) -> Tensor:
    """Vectors as a level of one cell.  b c -> b c *1"""
    return x.reshape(*x.shape, *[1] * rank)


def spell(grid: tuple[int, ...]) -> str:
    """`28 x 28`."""
    return " x ".join(str(n) for n in grid)


def at_least(network: str, grid: tuple[int, ...], smallest: int, usual: int) -> None:
    """Raise UsageError when an axis of `grid` has fewer cells than `smallest`; `usual` is the size it is made for."""
    if min(grid) < smallest:
        raise UsageError(
            f"{network} needs a grid of at least {spell((smallest,) * len(grid))} cells, got {spell(grid)}; "
            f"give larger samples (for pictures --image-size {usual}) or choose another model"
        )


def exactly(network: str, grid: tuple[int, ...], x: Tensor) -> None:
    """Raise UsageError when a batch does not have the grid that the layers of `network` were built for."""
    if tuple(x.shape[2:]) != grid:
        got = spell(tuple(x.shape[2:]))
        raise UsageError(
            f"{network} was built for a grid of {spell(grid)} cells, got {got}; "
            f"bring the samples to that size, or choose a model for grids of any size (compact)"
        )


def multiple_of(network: str, setting: str, value: int, step: int) -> None:
    """Raise UsageError unless the channels that follow from a setting of `network` come out whole."""
    if value % step:
        raise UsageError(f"{setting} of model {network} is {value}; give a multiple of {step}")


def volume(c: int, grid: tuple[int, ...]) -> int:
    """Numbers in one sample of `c` channels."""
    return c * prod(grid)
