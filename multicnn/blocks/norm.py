"""Normalisation by batch, by group of channels, by neighbouring channels; batch norm over processes, or frozen."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from multicnn.blocks.nd import nd
from multicnn.errors import UsageError
from multicnn.names import check, find

Net = TypeVar("Net", bound=nn.Module)


def batch(rank: int, c: int) -> nn.Module:
    """Each channel by its mean and variance over batch and grid. Ioffe, Szegedy 2015, arxiv.org/abs/1502.03167."""
    return nd("BatchNorm", rank)(c)


def group(rank: int, c: int, *, groups: int | None = None) -> nn.Module:
    """Each sample by groups of channels, so that the batch size does not matter. Wu, He 2018, arxiv.org/abs/1803.08494.

    groups: must divide c, else UsageError; None: as many as can be, up to the paper's 32, with 4 channels or more each.
    """
    if groups is None:
        groups = max(g for g in range(1, 33) if c % g == 0 and (g == 1 or c // g >= 4))
    if c % groups:
        raise UsageError(f"{groups} groups do not divide {c} channels; choose a divisor of {c}")
    return nn.GroupNorm(groups, c)


def lrn(rank: int, c: int, *, n: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75) -> nn.Module:
    """Local response norm: x / (k + alpha * sum of x^2 over n neighbouring channels)^beta. Krizhevsky et al. 2012.

    The letters are the paper's: alpha weighs the sum. torch's own layer divides its alpha by n (and starts from k = 1),
    so it gets n * alpha here; code written for torch with the paper's 1e-4 normalises n times less than the paper.
    """
    return nn.LocalResponseNorm(n, alpha=n * alpha, beta=beta, k=k)


def none(rank: int, c: int) -> nn.Module:
    """No norm."""
    return nn.Identity()


NORMS: dict[str, Callable[..., nn.Module]] = {"batch": batch, "group": group, "lrn": lrn, "none": none}


def norm(name: str, rank: int, c: int, *, groups: int | None = None) -> nn.Module:
    """The norm called `name` for c channels; `groups` is for "group" alone. Raises UsageError.

    b c *grid -> b c *grid
    """
    build = find("norm", NORMS, name)
    if groups is None:
        return build(rank, c)
    check(f"norm {name!r}", build, {"groups": groups})
    return build(rank, c, groups=groups)


def epsilon(net: Net, eps: float) -> Net:
    """Set what every batch norm in `net` adds to the variance; returns the net."""
    for layer in net.modules():
        if isinstance(layer, _BatchNorm):
            layer.eps = eps
    return net


def synchronise(net: nn.Module) -> nn.Module:
    """`net` with every batch norm replaced by one that trains on the joined batch of all processes, on any backend.

    Outputs, gradients and running statistics are those of one process with the whole batch, also where the processes'
    parts differ in size; parameters and buffers stay the same tensors under the same names.
    """
    if isinstance(net, _BatchNorm):
        return GlobalBatchNorm(net)
    for name, child in list(net._modules.items()):
        if child is not None:
            net._modules[name] = synchronise(child)
    return net


def freeze_norms(net: Net) -> Net:
    """`net` with every batch norm inside it replaced by one that does not learn; names of tensors stay the same."""
    for name, child in list(net._modules.items()):
        if child is not None:
            net._modules[name] = FrozenNorm(child) if isinstance(child, _BatchNorm) else freeze_norms(child)
    return net


class FrozenNorm(nn.Module):
    """A batch norm whose scales and statistics stay as they are, in training too; takes the tensors of `learnt`.

    b c *grid -> b c *grid
    """

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, learnt: _BatchNorm):
        super().__init__()
        self.eps = learnt.eps
        for name in ("weight", "bias", "running_mean", "running_var"):
            self.register_buffer(name, getattr(learnt, name).detach())

    def forward(self, x: Tensor) -> Tensor:
        return functional.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, training=False, eps=self.eps
        )


class GlobalBatchNorm(_BatchNorm):
    """Batch norm over the joined batch of all processes of torch.distributed; takes the tensors of `local`.

    torch's SyncBatchNorm does so on GPUs only. Without processes, and in evaluation, this is torch's batch norm.
    b c *grid -> b c *grid
    """

    def __init__(self, local: _BatchNorm):
        super().__init__(local.num_features, local.eps, local.momentum, local.affine, local.track_running_stats)
        self.weight, self.bias = local.weight, local.bias
        self.running_mean, self.running_var = local.running_mean, local.running_var
        self.num_batches_tracked = local.num_batches_tracked
        self.train(local.training)

    def _check_input_dim(self, input: Tensor) -> None:
        """Any rank will do."""

    def forward(self, input: Tensor) -> Tensor:
        if not (self.training and distributed.is_initialized() and distributed.get_world_size() > 1):
            return super().forward(input)
        y, count, mean, variance = Normalise.apply(input, self.weight, self.bias, self.eps)
        if self.running_mean is not None:
            self.follow(count, mean, variance)
        return y

    @torch.no_grad()
    def follow(self, count: Tensor, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics towards a batch's; the running variance is the unbiased one, as in torch."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        unbiased = variance * count / (count - 1).clamp(min=1)
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_(unbiased.to(self.running_var.dtype), share)


class Normalise(torch.autograd.Function):
    """Batch norm by the moments of all processes.

    Returns the output, and the joined batch's count, mean and (biased) variance.  b c *grid -> b c *grid, 1, c, c
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float) -> tuple[Tensor, ...]:
        count, mean, variance = joined(moments(x))
        scale = (variance + eps).rsqrt()
        ctx.save_for_backward(x, weight, count, mean, scale)
        y = (x - wide(mean, x)) * wide(scale, x)
        if weight is not None and bias is not None:
            y = y * wide(weight, x) + wide(bias, x)
        ctx.mark_non_differentiable(count, mean, variance)
        return y.to(x.dtype), count, mean, variance

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Ioffe, Szegedy 2015, section 3, with the sums over all processes; those of weight and bias stay local."""
        (dy, *_), (x, weight, count, mean, scale) = grads, ctx.saved_tensors
        cells = (0, *range(2, x.ndim))
        z = (x - wide(mean, x)) * wide(scale, x)
        sums = torch.stack([dy.to(z.dtype).sum(cells), (dy * z).sum(cells)])
        d_bias, d_weight = sums.clone()
        distributed.all_reduce(sums)
        by_mean, by_scale = sums / count
        dx = (dy - wide(by_mean, x) - z * wide(by_scale, x)) * wide(scale, x)
        if weight is None:
            return dx.to(x.dtype), None, None, None
        return (dx * wide(weight, x)).to(x.dtype), d_weight.to(weight.dtype), d_bias.to(weight.dtype), None


def moments(x: Tensor) -> Tensor:
    """Count, mean and sum of squared deviations of each channel, in float32 or wider.  b c *grid -> 3 c"""
    x = x.to(torch.promote_types(x.dtype, torch.float32))
    cells = (0, *range(2, x.ndim))
    count = x.new_full(x.shape[1:2], x.numel() // x.shape[1])
    mean = x.sum(cells) / count.clamp(min=1)  # a process may have no sample left
    return torch.stack([count, mean, (x - wide(mean, x)).square().sum(cells)])


def joined(own: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Count, mean and variance over all processes' moments. Chan et al. 1979: stable, unlike sums of squares."""
    parts = [torch.empty_like(own) for _ in range(distributed.get_world_size())]
    distributed.all_gather(parts, own)
    counts, means, squares = torch.stack(parts, dim=1)
    count = counts.sum(0)
    mean = (counts * means).sum(0) / count
    return count, mean, (squares + counts * (means - mean).square()).sum(0) / count


def wide(per_channel: Tensor, x: Tensor) -> Tensor:
    """c -> 1 c *1, to meet a grid like x."""
    return per_channel.view(1, -1, *[1] * (x.ndim - 2))
