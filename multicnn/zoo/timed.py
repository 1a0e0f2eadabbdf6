"""The head that answers for each step of time."""

from torch import Tensor, nn

from multicnn.blocks import Dropout


class Timed(nn.Module):
    """k answers a step: one level's mean over all axes but the last, which is time, dropout, one affine layer `fc`.

    channels: of the body's levels. level: the one that is read.
    list of b channels[i] *grid_i -> b k t
    """

    def __init__(self, channels: list[int], k: int, *, level: int = -1, drop: float = 0.0):
        super().__init__()
        self.level = level
        self.drop = Dropout(drop)
        self.fc = nn.Linear(channels[level], k)

    def forward(self, levels: list[Tensor]) -> Tensor:
        x = levels[self.level].flatten(2, -2).mean(2) if levels[self.level].ndim > 3 else levels[self.level]
        return self.fc(self.drop(x.mT)).mT
