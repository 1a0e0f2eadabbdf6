"""Optimizers over torch's own kernels.

They are plain objects, for torch.optim.Optimizer imports torch's compiler, which takes longer than torch itself.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw as adamw_kernel
from torch.optim.sgd import sgd as sgd_kernel

from multicnn.names import find
from multicnn.train.rows import adam_rows

MOMENTUM = 0.9
BETAS = (0.9, 0.99)  # the second below torch's 0.999, for runs of a few thousand steps
ADAM_SHARE = 0.1  # of Muon's rate, for the parameters that Muon leaves out


class Optimizer(Protocol):
    """Moves parameters along their gradients.

    share: of the peak rate, set before each step.  state: tensors to save, a list a name.
    param_groups: the parameters, where torch's gradient scaler looks for them.
    """

    share: float
    state: dict[str, list[Tensor]]
    param_groups: list[dict[str, Any]]

    def step(self) -> None: ...


class AdamW:
    """Loshchilov and Hutter 2019, arXiv 1711.05101; torch's kernel, and `adam_rows` for gradients of rows."""

    def __init__(self, params: Sequence[nn.Parameter], lr: float, decay: float):
        self.param_groups = [{"params": list(params)}]
        self.lr, self.decay, self.share = lr, decay, 1.0
        steps = [torch.zeros((), device=p.device) for p in params]
        first, second = ([torch.zeros_like(p, memory_format=torch.preserve_format) for p in params] for _ in range(2))
        self.state = {"step": steps, "exp_avg": first, "exp_avg_sq": second}

    def step(self) -> None:
        params, places = moved(self.param_groups[0]["params"], sparse=True)
        for p, i in zip(params, places, strict=True):
            moments = self.state["exp_avg"][i], self.state["exp_avg_sq"][i]
            with torch.no_grad():
                adam_rows(p, *moments, self.state["step"][i], lr=self.lr * self.share, decay=self.decay, betas=BETAS)
        params, places = moved(self.param_groups[0]["params"])
        if not params:
            return
        steps, first, second = ([self.state[name][i] for i in places] for name in ("step", "exp_avg", "exp_avg_sq"))
        adamw_kernel(
            params, gradients(params), first, second, [], steps, fused=fusible(params), amsgrad=False, beta1=BETAS[0],
            beta2=BETAS[1], lr=self.lr * self.share, weight_decay=self.decay, eps=1e-8, maximize=False,
        )  # fmt: skip


class SGD:
    """Stochastic gradient descent with Nesterov's momentum; torch's kernel."""

    def __init__(self, params: Sequence[nn.Parameter], lr: float, decay: float):
        self.param_groups = [{"params": list(params)}]
        self.lr, self.decay, self.share = lr, decay, 1.0
        self.state = {"momentum": [torch.zeros_like(p, memory_format=torch.preserve_format) for p in params]}

    def step(self) -> None:
        params, places = moved(self.param_groups[0]["params"])
        buffers: list[Tensor | None] = [self.state["momentum"][i] for i in places]
        sgd_kernel(
            params, gradients(params), buffers, fused=fusible(params), weight_decay=self.decay, momentum=MOMENTUM,
            lr=self.lr * self.share, dampening=0.0, nesterov=True, maximize=False,
        )  # fmt: skip


class Muon:
    """Momentum whose step is made orthogonal (Jordan 2024, github.com/KellerJordan/Muon); filters as matrices.

    A filter bank (c_out, c_in, *kernel) is the matrix c_out x (c_in * kernel).
    """

    def __init__(self, params: Sequence[nn.Parameter], lr: float, decay: float, momentum: float = 0.95):
        self.param_groups = [{"params": list(params)}]
        self.lr, self.decay, self.momentum, self.share = lr, decay, momentum, 1.0
        self.state = {"momentum": [torch.zeros_like(p, memory_format=torch.preserve_format) for p in params]}

    @torch.no_grad()
    def step(self) -> None:
        params, places = moved(self.param_groups[0]["params"])
        rate = self.lr * self.share
        for p, grad, i in zip(params, gradients(params), places, strict=True):
            momentum = self.state["momentum"][i].lerp_(grad, 1 - self.momentum)
            step = orthogonal(grad.lerp(momentum, self.momentum).flatten(1))
            p.mul_(1 - rate * self.decay)
            p.add_(step.view_as(p), alpha=-rate * max(1.0, step.shape[0] / step.shape[1]) ** 0.5)


def adamw(net: nn.Module, params: Sequence[nn.Parameter], lr: float, decay: float) -> list[Optimizer]:
    """AdamW for all of `params`."""
    decayed, plain = divide(net, params)
    return [AdamW(decayed, lr, decay), AdamW(plain, lr, 0.0)]


def sgd(net: nn.Module, params: Sequence[nn.Parameter], lr: float, decay: float) -> list[Optimizer]:
    """SGD with Nesterov's momentum for all of `params`."""
    decayed, plain = divide(net, params)
    return [SGD(decayed, lr, decay), SGD(plain, lr, 0.0)]


def muon(net: nn.Module, params: Sequence[nn.Parameter], lr: float, decay: float) -> list[Optimizer]:
    """Muon for the body's matrices and filters, AdamW for the rest."""
    body = body_of(net)
    matrices = [p for p in params if id(p) in body and p.ndim > 1]
    chosen = {id(p) for p in matrices}
    decayed, plain = divide(net, [p for p in params if id(p) not in chosen])
    return [Muon(matrices, lr, decay), AdamW(decayed, lr * ADAM_SHARE, decay), AdamW(plain, lr * ADAM_SHARE, 0.0)]


OPTIMIZERS: dict[str, Callable[[nn.Module, Sequence[nn.Parameter], float, float], list[Optimizer]]] = {
    "adamw": adamw,
    "sgd": sgd,
    "muon": muon,
}


def build_optimizers(name: str, net: nn.Module, lr: float, decay: float, body_rate: float = 1.0) -> list[Optimizer]:
    """The optimizers of a net by name; each parameter belongs to one, the body's at `body_rate` times the rate."""
    build, free = find("optimizer", OPTIMIZERS, name), [p for p in net.parameters() if p.requires_grad]
    body = body_of(net) if body_rate != 1 else set()
    parts = [p for p in free if id(p) in body], [p for p in free if id(p) not in body]
    found = [*build(net, parts[0], lr * body_rate, decay), *build(net, parts[1], lr, decay)]
    return [o for o in found if o.param_groups[0]["params"]]


def body_of(net: nn.Module) -> set[int]:
    """The identities of the body's parameters."""
    return {id(p) for name, p in net.named_parameters() if name.startswith("body.")}


def divide(net: nn.Module, params: Sequence[nn.Parameter]) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Those that decay, weights of two or more axes, and those that do not: biases, scales of norms, word vectors."""
    vectors = {id(m.weight) for m in net.modules() if isinstance(m, nn.Embedding)}
    decays = [p.ndim > 1 and id(p) not in vectors for p in params]
    pairs = list(zip(params, decays, strict=True))
    return [p for p, d in pairs if d], [p for p, d in pairs if not d]


def moved(params: Sequence[nn.Parameter], *, sparse: bool = False) -> tuple[list[Tensor], list[int]]:
    """The parameters that have a gradient, a dense one or a sparse one, and their places."""
    places = [i for i, p in enumerate(params) if p.grad is not None and p.grad.is_sparse == sparse]
    return [params[i] for i in places], places


def gradients(params: Sequence[Tensor]) -> list[Tensor]:
    """Their gradients, laid out in memory as they are."""
    return [p.grad for p in params if p.grad is not None]


def fusible(params: Sequence[Tensor]) -> bool:
    """Whether torch has one kernel for the whole step on their device."""
    return all(p.device.type in ("cpu", "cuda") for p in params)


@torch.no_grad()
def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """The nearest matrix with singular values near 1, by a quintic Newton-Schulz iteration.  m n -> m n"""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x
