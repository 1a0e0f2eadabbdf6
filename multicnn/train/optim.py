"""Optimizers, the schedule, and the average of the weights."""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from multicnn.names import find


def adamw(net: nn.Module, lr: float, decay: float) -> list[torch.optim.Optimizer]:
    """Loshchilov and Hutter 2019, arXiv 1711.05101."""
    return [torch.optim.AdamW(groups(net.named_parameters(), decay), lr=lr, betas=(0.9, 0.99), fused=fusible(net))]


def sgd(net: nn.Module, lr: float, decay: float) -> list[torch.optim.Optimizer]:
    """Stochastic gradient descent with Nesterov's momentum 0.9."""
    found = groups(net.named_parameters(), decay)
    return [torch.optim.SGD(found, lr=lr, momentum=0.9, nesterov=True, fused=fusible(net))]


def muon(net: nn.Module, lr: float, decay: float) -> list[torch.optim.Optimizer]:
    """Muon for the body's matrices and filters, AdamW for the rest."""
    matrices = [p for n, p in net.named_parameters() if n.startswith("body.") and p.ndim > 1 and p.requires_grad]
    chosen = {id(p) for p in matrices}
    rest = groups(((n, p) for n, p in net.named_parameters() if id(p) not in chosen), decay)
    others = torch.optim.AdamW(rest, lr=lr * ADAM_SHARE, betas=(0.9, 0.99), fused=fusible(net))
    return [Muon(matrices, lr, decay), others] if matrices else [others]


OPTIMIZERS: dict[str, Callable[[nn.Module, float, float], list[torch.optim.Optimizer]]] = {
    "adamw": adamw,
    "sgd": sgd,
    "muon": muon,
}
ADAM_SHARE = 0.1  # of Muon's rate, for the parameters that Muon leaves out


def build_optimizers(name: str, net: nn.Module, lr: float, decay: float) -> list[torch.optim.Optimizer]:
    """The optimizers of a net by name; each parameter belongs to one."""
    made = find("optimizer", OPTIMIZERS, name)(net, lr, decay)
    for optimizer in made:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return made


def groups(named: Iterable[tuple[str, nn.Parameter]], decay: float) -> list[dict]:
    """Weights of two or more axes decay; biases, scales of norms and embeddings do not."""
    params = [(n, p) for n, p in named if p.requires_grad]
    decays = [p.ndim > 1 and "embedding" not in n for n, p in params]
    found = [
        {"params": [p for (_, p), d in zip(params, decays, strict=True) if d], "weight_decay": decay},
        {"params": [p for (_, p), d in zip(params, decays, strict=True) if not d], "weight_decay": 0.0},
    ]
    return [g for g in found if g["params"]]


def fusible(net: nn.Module) -> bool:
    """Whether torch has one kernel for all parameters' steps on their device."""
    return all(p.device.type in ("cpu", "cuda") and p.is_floating_point() for p in net.parameters())


class Muon(torch.optim.Optimizer):
    """Momentum whose step is made orthogonal (Jordan 2024, github.com/KellerJordan/Muon); filters as matrices.

    A filter bank (c_out, c_in, *kernel) is the matrix c_out x (c_in * kernel).
    """

    def __init__(self, params: Iterable[nn.Parameter], lr: float, decay: float, momentum: float = 0.95):
        super().__init__(params, {"lr": lr, "weight_decay": decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._move(p, p.grad, group)

    def _move(self, p: nn.Parameter, grad: Tensor, group: dict) -> None:
        state = self.state[p]
        if not state:
            state["momentum"] = torch.zeros_like(grad)
        state["momentum"].lerp_(grad, 1 - group["momentum"])
        step = orthogonal(grad.lerp(state["momentum"], group["momentum"]).flatten(1))
        p.mul_(1 - group["lr"] * group["weight_decay"])
        p.add_(step.view_as(p), alpha=-group["lr"] * max(1.0, step.shape[0] / step.shape[1]) ** 0.5)


def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """The nearest matrix with singular values near 1, by a quintic Newton-Schulz iteration.  m n -> m n"""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x


def rate(done: float, warmup: float) -> float:
    """Share of the peak rate after `done` of the run: a line up, then half a cosine down to 0."""
    if done < warmup:
        return done / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (done - warmup) / (1 - warmup))))


def set_rate(optimizers: Iterable[torch.optim.Optimizer], share: float) -> float:
    """Set every group to its share of the peak; returns the first group's rate."""
    rates = []
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * share
            rates.append(group["lr"])
    return rates[0]


@torch.no_grad()
def average(ema: nn.Module, net: nn.Module, decay: float, step: int) -> None:
    """Move the averaged weights and running statistics towards the net's; faster in the first steps."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    ours, theirs = ema.state_dict(), net.state_dict()
    moving = [k for k, v in ours.items() if v.is_floating_point()]
    torch._foreach_lerp_([ours[k] for k in moving], [theirs[k] for k in moving], share)
    for k in ours.keys() - set(moving):
        ours[k].copy_(theirs[k])
