"""Runs a net once and writes down what each of its layers does."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import ceil
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry
from torch.utils.hooks import RemovableHandle

from multicnn.insight.cost import operations, reach
from multicnn.insight.cost.layer import Layer
from multicnn.insight.cost.parameters import parameters, recurrent
from multicnn.insight.cost.reach import Reach
from multicnn.zoo.net import Net


@dataclass
class Call:
    """A module on its way through a forward pass."""

    module: nn.Module
    flops: int = 0
    works: bool = False  # whether it computes something itself


@dataclass
class Row:
    """What is known so far of a module that has been called."""

    module: nn.Module
    input: tuple[int, ...]
    output: tuple[int, ...]
    reach: Reach | None = None  # the widest of all calls
    flops: int = 0
    numbers: int = 0
    calls: int = 0
    works: bool = False


@dataclass
class Tracer(TorchDispatchMode):
    """Sees every operation of a forward pass, and every call of a module."""

    rows: dict[int, Row] = field(default_factory=dict)
    stack: list[Call] = field(default_factory=list)
    reaches: dict[int, tuple[Tensor, Reach]] = field(default_factory=dict)  # with the tensor, lest its id be another's

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No need to hide from torch's compiler, whose import alone takes five seconds; other torch ignores this."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = kwargs or {}
        if func.overloadpacket not in flop_registry and func is not torch.ops.prim.device.default:
            with self:
                out = func.decompose(*args, **given)
            if out is not NotImplemented:
                return out
        out = func(*args, **given)
        if self.stack:
            self._count(func, args, given, out)
        self._follow(func, args, given, out)
        return out

    def _count(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        call, counted = self.stack[-1], flop_registry.get(func.overloadpacket)
        call.works |= func.overloadpacket not in RESHAPING
        if counted is not None:
            call.flops += counted(*args, **kwargs, out_val=out)

    def _follow(self, func: Any, args: Any, kwargs: Any, out: Any) -> None:
        rule, given = operations.rule_of(func), operations.arguments(func, args, kwargs)
        for result in tensors(out):
            if result.is_floating_point() and (found := rule(self.find, given, result)) is not None:
                self.put(result, found)

    def find(self, tensor: Any) -> Reach | None:
        """What a tensor's cells see, if they see anything of the grid."""
        return self.reaches[id(tensor)][1] if id(tensor) in self.reaches else None

    def put(self, tensor: Tensor, found: Reach) -> None:
        """Write down what a tensor's cells see."""
        self.reaches[id(tensor)] = tensor, found

    def enter(self, module: nn.Module, args: Any) -> None:
        """A module is called."""
        self.stack.append(Call(module))

    def leave(self, module: nn.Module, args: Any, out: Any) -> None:
        """A module has answered."""
        call, entered, left = self.stack.pop(), tensors(args), tensors(out)
        if isinstance(module, nn.RNNBase):
            call.flops = self._recur(module, entered[0], left)
        if not left:
            return
        shape = tuple(entered[0].shape[1:]) if entered else ()
        row = self.rows.setdefault(id(module), Row(module, shape, tuple(left[0].shape[1:])))
        if (found := self.find(left[0])) is not None and (row.reach is None or found.field > row.reach.field):
            row.reach = found
        row.calls += 1
        row.flops += call.flops
        row.numbers += left[0].numel()
        row.works |= call.works

    def _recur(self, module: nn.RNNBase, x: Tensor, left: Sequence[Tensor]) -> int:
        """A recurrent layer sees all steps; its own kernels are counted by formula."""
        steps = 1 if module.batch_first else 0
        if (found := self.find(x)) is not None:
            found = reach.mixed(found, found.dims[steps])
            self.put(left[0], reach.resized(found, 2, (reach.Factor(-1, left[0].shape[2]),)))
        h, ways = module.hidden_size, 2 if module.bidirectional else 1
        weights = recurrent(module) - 2 * bool(module.bias) * ways * module.num_layers * gates(module) * h
        return 2 * weights * x.shape[0] * x.shape[1]


RESHAPING = {
    getattr(torch.ops.aten, name)
    for name in ("view", "_unsafe_view", "permute", "transpose", "t", "unsqueeze", "squeeze", "expand", "detach",
                 "select", "slice", "alias", "_reshape_alias", "unbind", "split", "split_with_sizes")
}  # fmt: skip


def gates(module: nn.RNNBase) -> int:
    """Of a recurrent cell."""
    return {"LSTM": 4, "GRU": 3}.get(module.mode, 1)


def layers(net: nn.Module, raw: Tensor) -> list[Layer]:
    """Every layer that a raw batch meets, in the order in which it does, and then those that only training calls.

    One forward pass, in evaluation; on device "meta" it takes no memory. raw: a few samples, one is enough; of a net
    without a front-end the grid itself, b c *grid.
    """
    tracer, training = Tracer(), {module: module.training for module in net.modules()}
    with ExitStack() as stack:
        stack.callback(lambda: [setattr(module, "training", was) for module, was in training.items()])
        for hook in hooks(net, tracer):
            stack.callback(hook.remove)
        net.eval()
        stack.enter_context(torch.no_grad())
        stack.enter_context(tracer)
        if not isinstance(net, Net) and raw.is_floating_point():
            tracer.put(raw, reach.start(raw.shape))
        forward(net, raw)
    return [*called(net, tracer, len(raw)), *uncalled(net, tracer)]


def forward(net: nn.Module, raw: Tensor) -> None:
    """One pass; of a usual net through the whole grid, where training on a CPU takes distinct vectors."""
    if isinstance(net, Net) and type(net).forward is Net.forward:
        net.answer(net.frontend(raw))
    else:
        net(raw)


def hooks(net: nn.Module, tracer: Tracer) -> list[RemovableHandle]:
    """Tell the tracer of every call, and where the grid begins."""
    found = []
    if isinstance(net, Net):
        found.append(net.frontend.register_forward_hook(lambda m, args, out: grid(tracer, out)))
    for module in net.modules():
        found.append(module.register_forward_pre_hook(tracer.enter))
        found.append(module.register_forward_hook(tracer.leave))
    return found


def grid(tracer: Tracer, out: Any) -> None:
    """A front-end's answer is the grid that all else sees."""
    for tensor in tensors(out)[:1]:
        if tensor.is_floating_point() and tensor.ndim > 2:
            tracer.put(tensor, reach.start(tensor.shape))


def called(net: nn.Module, tracer: Tracer, samples: int) -> list[Layer]:
    """The layers that were called: those without parts, and whatever learns or computes beside its parts."""
    names = {id(module): name for name, module in net.named_modules()}
    return [
        layer(names[key], row, samples)
        for key, row in tracer.rows.items()
        if key in names and (row.flops or parameters(row.module) or (leaf(row.module) and row.works))
    ]


def layer(name: str, row: Row, samples: int) -> Layer:
    """A row as it is told."""
    kernel = cast(Any, row.module).kernel_size if hasattr(row.module, "kernel_size") else ()
    rank = len(row.reach.field) if row.reach else 1
    return Layer(
        name, type(row.module).__name__, row.input, row.output, parameters(row.module), row.flops // samples,
        tuple(ceil(n) for n in row.reach.field) if row.reach else (),
        tuple(plain(n) for n in row.reach.stride) if row.reach else (),
        tuple(operations.each(kernel, rank)) if kernel else (), int(getattr(row.module, "groups", 1)),
        row.numbers // samples, row.calls,
    )  # fmt: skip


def uncalled(net: nn.Module, tracer: Tracer) -> list[Layer]:
    """What learns and was not called."""
    return [
        Layer(name, type(module).__name__, (), (), parameters(module), 0, calls=0)
        for name, module in net.named_modules()
        if id(module) not in tracer.rows and parameters(module)
    ]


def leaf(module: nn.Module) -> bool:
    """Whether a module has no parts."""
    return next(module.children(), None) is None


def plain(number: reach.Number) -> float:
    """A whole number where it is one."""
    return int(number) if number == int(number) else round(float(number), 4)


def tensors(value: Any) -> list[Tensor]:
    """All tensors of a nest of tuples and lists."""
    if isinstance(value, Tensor):
        return [value]
    return [t for v in value for t in tensors(v)] if isinstance(value, list | tuple) else []
