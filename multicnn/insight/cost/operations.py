"""How each of torch's operations changes what cells see: `(reaches of its tensors, arguments, output) -> Reach`."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from multicnn.insight.cost import reach as rules
from multicnn.insight.cost.reach import Factor, Reach

aten = torch.ops.aten
Find = Callable[[Any], Reach | None]
Rule = Callable[[Find, Mapping[str, Any], Tensor], Reach | None]


def each(value: Any, rank: int) -> list[int]:
    """A setting as one number an axis; none at all, as a pooling's stride may be, as none."""
    numbers = [int(v) for v in value] if isinstance(value, Sequence) else [int(value)]
    return numbers * rank if len(numbers) == 1 else numbers


def convolution(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """Windows along the grid, all channels of a group; a transposed one puts `stride` cells in the place of one."""
    found = find(given["input"])
    if found is None:
        return None
    rank, kernels = out.ndim - 2, given["weight"].shape[2:]
    strides, dilations = each(given["stride"], rank), each(given["dilation"], rank)
    found = rules.mixed(found, found.dims[1])
    found = rules.resized(found, 1, (Factor(-1, out.shape[1]),))
    for axis in range(rank):
        kernel, step = int(kernels[axis]), Fraction(strides[axis])
        if given["transposed"]:
            kernel, step = -(-kernel // strides[axis]), 1 / step
        found = rules.windowed(found, 2 + axis, out.shape[2 + axis], kernel=kernel, step=step, dilation=dilations[axis])
    return found


def pooling(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """Windows along the last axes."""
    x = given["self"]
    found = find(x)
    if found is None:
        return None
    name = given["name"]
    rank = int(next(n for n in "123" if f"{n}d" in name))
    kernels, dilations = each(given["kernel_size"], rank), each(given.get("dilation", 1), rank)
    strides = each(given["stride"], rank) if given.get("stride") else kernels
    for i in range(rank):
        dim = out.ndim - rank + i
        found = rules.windowed(found, dim, out.shape[dim], kernel=kernels[i], step=strides[i], dilation=dilations[i])
    return found


def adaptive(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """Windows of as many cells as divide the grid, rounded up."""
    x = given["self"]
    found = find(x)
    if found is None:
        return None
    for dim in range(out.ndim):
        n, m = x.shape[dim], out.shape[dim]
        if n != m:
            found = rules.windowed(found, dim, m, kernel=-(-n // m), step=Fraction(n, m))
    return found


def upsampled(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """Finer cells; between two old ones where the mode interpolates."""
    x = given.get("self", given.get("input"))
    found, kernel = find(x), 1 if "nearest" in given["name"] else 4 if "cubic" in given["name"] else 2
    if found is None:
        return None
    for dim in range(out.ndim):
        if x.shape[dim] != out.shape[dim]:
            step = Fraction(x.shape[dim], out.shape[dim])
            found = rules.windowed(found, dim, out.shape[dim], kernel=kernel, step=step)
    return found


FACTORS = ("mat1", "batch1", "self"), ("mat2", "batch2", "vec", "tensor")  # what torch calls the two of a product


def product(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """A matrix product: all cells along the dimension that both share."""
    left, right = (next(given[k] for k in names if k in given) for names in FACTORS)
    a, b = find(left), find(right)
    shared = max(right.ndim - 2, 0)
    sides = [rules.mixed(r, r.dims[d]) for r, d in ((a, left.ndim - 1), (b, shared)) if r is not None]
    if not sides:
        return None
    rows = a.dims[: left.ndim - 1] if a is not None else rules.blank(left.shape[:-1])
    columns = () if right.ndim == 1 else b.dims[-1:] if b is not None else rules.blank(right.shape[-1:])
    return rules.widest(sides, (*rows, *columns))


def concatenated(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """Side by side along one dimension."""
    known = [r for t in given["tensors"] if (r := find(t)) is not None and len(r.dims) == out.ndim]
    if not known:
        return None
    dim = int(given.get("dim") or 0) % out.ndim
    runs = [next((f for f in r.dims[dim] if f.axis >= 0), None) for r in known]
    run = next((f for f in runs if f is not None), Factor(-1, 1))
    others = [rules.resized(r, dim, (Factor(-1, 1),)) for r in known]
    found = rules.joined(others, [1 if d == dim else n for d, n in enumerate(out.shape)])
    return rules.resized(found, dim, (run._replace(size=out.shape[dim]),))


def permuted(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """The same cells, dimensions in another order."""
    found, n = find(given["self"]), out.ndim
    if found is None:
        return None
    order = [*range(n)]
    if "dims" in given:
        order = [int(d) % n for d in given["dims"]]
    elif n > 1:
        a, b = (int(given.get(k, k == "dim1")) % n for k in ("dim0", "dim1"))
        order[a], order[b] = order[b], order[a]
    return found._replace(dims=tuple(found.dims[d] for d in order))


def viewed(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """The same cells in the same order under another shape."""
    found = find(given["self"])
    return None if found is None else found._replace(dims=rules.reshaped(found.dims, out.shape))


def chosen(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """One place along a dimension, which is gone."""
    found = find(given["self"])
    if found is None:
        return None
    dim = int(given["dim"]) % len(found.dims)
    return found._replace(dims=found.dims[:dim] + found.dims[dim + 1 :])


def sliced(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """Every step-th place along a dimension."""
    found = find(given["self"])
    if found is None:
        return None
    dim = int(given.get("dim") or 0) % out.ndim
    return rules.windowed(found, dim, out.shape[dim], kernel=1, step=int(given.get("step") or 1))


def padded(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """More or fewer cells at the ends of some dimensions."""
    found = find(given["self"])
    if found is None:
        return None
    for dim in range(out.ndim):
        found = rules.windowed(found, dim, out.shape[dim], kernel=1)
    return found


def spread(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """Dimensions of one place repeated, new ones in front."""
    found = find(given["self"])
    return None if found is None else rules.joined([found], out.shape)


def reduced(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """One number of all places along some dimensions, or of all."""
    found = find(given["self"])
    if found is None:
        return None
    n, dim = len(found.dims), given.get("dim")
    dims = [*range(n)] if dim is None or dim == [] else [int(d) % n for d in ([dim] if isinstance(dim, int) else dim)]
    return rules.collapsed(found, dims, keep=out.ndim == n)


def along(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """Each place sees all others along one dimension."""
    found = find(given["self"])
    return None if found is None else rules.mixed(found, found.dims[int(given["dim"]) % len(found.dims)])


def cellwise(find: Find, given: Mapping[str, Any], out: Tensor) -> Reach | None:
    """Cell by cell, by the rules of broadcasting; where shapes do not say which cell is whose, those of equal size."""
    values = [v for value in given.values() for v in (value if isinstance(value, list | tuple) else [value])]
    known = [r for v in values if isinstance(v, Tensor) and (r := find(v)) is not None]
    return rules.joined(known, out.shape) if known else None


RULES: dict[Any, Rule] = {
    **dict.fromkeys((aten.convolution, aten._convolution, aten.mkldnn_convolution), convolution),
    **dict.fromkeys((aten.mm, aten.addmm, aten.bmm, aten.baddbmm, aten.mv, aten.dot), product),
    **dict.fromkeys((aten.cat,), concatenated),
    **dict.fromkeys((aten.permute, aten.transpose, aten.t, aten.transpose_), permuted),
    **dict.fromkeys((aten.view, aten._unsafe_view, aten._reshape_alias, aten.reshape, aten.unsqueeze), viewed),
    **dict.fromkeys((aten.squeeze, aten.squeeze_, aten.unsqueeze_), viewed),
    **dict.fromkeys((aten.select, aten.unbind), chosen),
    **dict.fromkeys((aten.slice, aten.split, aten.split_with_sizes), sliced),
    aten.expand: spread,
    **dict.fromkeys((aten._softmax, aten._log_softmax, aten.cumsum, aten.sort, aten.topk), along),
}
NAMED: tuple[tuple[str, Rule], ...] = (
    ("_pad", padded),
    ("adaptive_", adaptive),
    ("_pool", pooling),
    ("upsample_", upsampled),
)


def rule_of(func: Any) -> Rule:
    """What an operation does; one with a `keepdim` reduces, one that nothing is known of goes cell by cell."""
    packet, name = func.overloadpacket, func.overloadpacket.__name__
    if packet in RULES:
        return RULES[packet]
    for part, rule in NAMED:
        if part in name:
            return rule
    if any(a.name == "keepdim" for a in func._schema.arguments):
        return reduced
    return cellwise


def arguments(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """An operation's arguments by name, with its own."""
    names = [a.name for a in func._schema.arguments]
    given = {a.name: a.default_value for a in func._schema.arguments if a.has_default_value()}
    return given | dict(zip(names, args, strict=False)) | dict(kwargs) | {"name": func.overloadpacket.__name__}
