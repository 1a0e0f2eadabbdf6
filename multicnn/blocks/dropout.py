"""Dropout by element, by channel and by residual branch: drop with probability p, and scale the rest by 1 / (1 - p)."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.errors import UsageError


class Dropout(nn.Module):
    """Drop single elements. Srivastava et al. 2014, jmlr.org/papers/v15/srivastava14a.html.

    p: 0 <= p < 1, else UsageError.
    b c *grid -> b c *grid
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = probability(p)

    def forward(self, x: Tensor) -> Tensor:
        return functional.dropout(x, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class ChannelDropout(nn.Module):
    """Drop whole channels of single samples. Tompson et al. 2015, arxiv.org/abs/1411.4280.

    p: 0 <= p < 1, else UsageError.
    b c *grid -> b c *grid
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = probability(p)

    def forward(self, x: Tensor) -> Tensor:
        return thin(x, self.p, x.shape[:2]) if self.training else x

    def extra_repr(self) -> str:
        return f"p={self.p}"


class BranchDropout(nn.Module):
    """Drop a whole residual branch of single samples (stochastic depth). Huang et al. 2016, arxiv.org/abs/1603.09382.

    p: 0 <= p < 1, else UsageError. The paper scales by 1 - p when evaluating, we by 1 / (1 - p) when training.
    b c *grid -> b c *grid
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = probability(p)

    def forward(self, x: Tensor) -> Tensor:
        return thin(x, self.p, x.shape[:1]) if self.training else x

    def extra_repr(self) -> str:
        return f"p={self.p}"


DROPS: dict[str, type[nn.Module]] = {"element": Dropout, "channel": ChannelDropout, "branch": BranchDropout}


def thin(x: Tensor, p: float, kept: tuple[int, ...]) -> Tensor:
    """Zero all behind an index of the leading axes `kept` with probability p, scale the rest by 1 / (1 - p)."""
    if p == 0:
        return x
    shape = (*kept, *[1] * (x.ndim - len(kept)))
    return torch.where(torch.rand(shape, device=x.device) < p, 0.0, x / (1 - p))


def probability(p: float) -> float:
    """The probability itself. Raises UsageError unless 0 <= p < 1."""
    if not 0 <= p < 1:
        raise UsageError(f"cannot drop with probability {p}; choose 0 <= p < 1")
    return p
