"""The head of one class and one box a sample."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import Dropout, GlobalPool

CELLS = 4  # along each axis, that the last level is averaged to: a mean over all cells would forget where things are
WIDTH = 128  # of the hidden layer


class Located(nn.Module):
    """Logits from the last level's mean, and a box from its mean in each of 4 x 4 parts.

    channels: of the body's levels. The box is left, top, right, bottom as shares of the grid, in order and within it
    by construction: a middle and a size, cut at the border.
    list of b channels[i] *grid_i -> b (k + 4)
    """

    def __init__(self, channels: list[int], k: int, *, drop: float = 0.0):
        super().__init__()
        self.pool = GlobalPool("average")
        self.drop = Dropout(drop)
        self.fc = nn.Linear(channels[-1], k)
        self.hidden = nn.Linear(channels[-1] * CELLS**2, WIDTH)
        self.box = nn.Linear(WIDTH, 4)

    def pooled(self, levels: list[Tensor]) -> Tensor:
        return self.pool(levels[-1])

    def forward(self, levels: list[Tensor]) -> Tensor:
        x = levels[-1]
        logits = self.fc(self.drop(self.pooled(levels)))
        parts = functional.adaptive_avg_pool2d(x, CELLS).flatten(1)
        middle, size = self.box(self.drop(self.hidden(parts).relu())).float().sigmoid().split(2, dim=1)
        box = torch.cat([middle - size / 2, middle + size / 2], dim=1).clamp(0, 1)
        return torch.cat([logits.float(), box], dim=1)
