"""Heads: what reads a body's levels and answers."""

import torch
from torch import Tensor, nn

from multicnn.blocks import Dropout, GlobalPool


class Pooled(nn.Module):
    """One answer a sample: the last level pooled over its grid, dropout, one affine layer `fc`.

    channels: of the body's levels. k: answers. pool: average, max, l2 or sum.
    list of b channels[i] *grid_i -> b k
    """

    def __init__(self, channels: list[int], k: int, *, drop: float = 0.0, pool: str = "average"):
        super().__init__()
        self.pool = GlobalPool(pool)
        self.drop = Dropout(drop)
        self.fc = nn.Linear(channels[-1], k)

    def forward(self, levels: list[Tensor]) -> Tensor:
        return self.fc(self.drop(self.pool(levels[-1])))


class Codes(nn.Module):
    """Minus the squared distance of the pooled last level to each class's fixed code of +1 and -1; no parameters.

    The output layer of LeCun et al. 1998, doi.org/10.1109/5.726791, section II.C, with the random codes they name as
    the simple choice: theirs are drawn characters, which serve one alphabet only. Cross-entropy of these answers is
    their equation 9 without its class of rubbish. The codes follow from `seed` and travel in the weights.
    list of b channels[i] *grid_i -> b k
    """

    code: Tensor

    def __init__(self, channels: list[int], k: int, *, seed: int = 1998):
        super().__init__()
        self.pool = GlobalPool("average")
        bits = torch.randint(2, (k, channels[-1]), generator=torch.Generator().manual_seed(seed), device="cpu")
        self.register_buffer("code", 2.0 * bits - 1.0)

    def forward(self, levels: list[Tensor]) -> Tensor:
        return -(self.pool(levels[-1])[:, None] - self.code).square().sum(2)
