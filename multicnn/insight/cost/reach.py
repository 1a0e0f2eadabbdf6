"""What a tensor's cells see of the grid, followed through torch's operations: receptive fields by arithmetic.

Of several ways through a net the widest counts. Statistics of norms and masks, which are whole numbers or truth values,
count for nothing, as in published receptive fields.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import NamedTuple

Number = int | Fraction


class Factor(NamedTuple):
    """A run of places along a tensor's dimension: `size` cells of the grid's `axis`, `step` apart; axis -1: none."""

    axis: int
    size: int
    step: Number = 0


Dims = tuple[tuple[Factor, ...], ...]


class Reach(NamedTuple):
    """field: cells seen, an axis.  stride: from one cell to the next; of an axis without cells, of all it had.

    dims: what each dimension of the tensor runs over.
    """

    field: tuple[Number, ...]
    stride: tuple[Number, ...]
    dims: Dims


def start(shape: Sequence[int]) -> Reach:
    """Of the grid itself.  b c *grid"""
    rank = len(shape) - 2
    plain = tuple((Factor(-1, n),) for n in shape[:2])
    return Reach((1,) * rank, (1,) * rank, (*plain, *((Factor(i, n, 1),) for i, n in enumerate(shape[2:]))))


def blank(shape: Sequence[int]) -> Dims:
    """Dimensions that run over nothing of the grid."""
    return tuple((Factor(-1, n),) for n in shape)


def widened(reach: Reach, axis: int, field: Number, stride: Number) -> Reach:
    """`field` cells more along an axis, its cells `stride` apart."""
    fields = tuple(n + field * (i == axis) for i, n in enumerate(reach.field))
    return reach._replace(field=fields, stride=tuple(stride if i == axis else n for i, n in enumerate(reach.stride)))


def mixed(reach: Reach, factors: Sequence[Factor]) -> Reach:
    """Each cell sees all cells of some factors."""
    for axis, size, step in factors:
        if axis >= 0:
            reach = widened(reach, axis, (size - 1) * step, max(reach.stride[axis], size * step))
    return reach


def collapsed(reach: Reach, dims: Sequence[int], *, keep: bool) -> Reach:
    """One cell of all along some dimensions."""
    found = mixed(reach, [f for d in dims for f in reach.dims[d]])
    left = [(Factor(-1, 1),) if d in dims else factors for d, factors in enumerate(reach.dims)]
    return found._replace(dims=tuple(f for d, f in enumerate(left) if keep or d not in dims))


def windowed(reach: Reach, dim: int, cells: int, *, kernel: int, step: Number = 1, dilation: int = 1) -> Reach:
    """Windows of `kernel` cells along a dimension, `step` cells apart, of which there are `cells`."""
    factors = [f for f in reach.dims[dim] if f.axis >= 0]
    if not factors:
        return resized(reach, dim, (Factor(-1, cells),))
    factor = min(factors, key=lambda f: f.step)
    found = widened(reach, factor.axis, (kernel - 1) * dilation * factor.step, factor.step * step)
    return resized(found, dim, (Factor(factor.axis, cells, factor.step * step),))


def resized(reach: Reach, dim: int, factors: tuple[Factor, ...]) -> Reach:
    """Another run along one dimension."""
    return reach._replace(dims=tuple(factors if d == dim else old for d, old in enumerate(reach.dims)))


def joined(reaches: Sequence[Reach], shape: Sequence[int]) -> Reach:
    """What an operation cell by cell sees, by torch's rules of broadcasting: the widest of its operands."""
    dims = []
    for back in range(len(shape), 0, -1):
        runs = [r.dims[-back] for r in reaches if len(r.dims) >= back and size(r.dims[-back]) == shape[-back]]
        gridded = [run for run in runs if any(f.axis >= 0 for f in run)]
        dims.append((gridded or runs or [(Factor(-1, shape[-back]),)])[0])
    return widest(reaches, tuple(dims))


def widest(reaches: Sequence[Reach], dims: Dims) -> Reach:
    """The largest field of several, an axis; the stride of what the dimensions run over."""
    fields = tuple(max(r.field[i] for r in reaches) for i in range(len(reaches[0].field)))
    steps = [[f.step for run in dims for f in run if f.axis == i] for i in range(len(fields))]
    return Reach(fields, tuple(min(s) if s else max(r.stride[i] for r in reaches) for i, s in enumerate(steps)), dims)


def size(run: Sequence[Factor]) -> int:
    """Places along a dimension."""
    return prod(f.size for f in run)


def reshaped(dims: Dims, shape: Sequence[int]) -> Dims:
    """The same cells in the same order in other dimensions; blank where a run falls apart otherwise than evenly."""
    line = [f for run in dims for f in run if f.size > 1]
    found: list[tuple[Factor, ...]] = []
    for want in shape:
        run: list[Factor] = []
        while size(run) < want:
            if not line:
                return blank(shape)
            factor, left = line.pop(0), want // size(run)
            if left % factor.size:
                if factor.size % left:
                    return blank(shape)
                line.insert(0, factor._replace(size=factor.size // left))
                factor = factor._replace(size=left, step=factor.step * (factor.size // left))
            run.append(factor)
        found.append(tuple(run) or (Factor(-1, 1),))
    return tuple(found)
