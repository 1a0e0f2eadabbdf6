"""The head whose answers along time depend on each other."""

import torch
from torch import Tensor, nn

from multicnn.zoo.timed import Timed

FORBIDDEN = -1e4  # the score of what must not be: e to it is 0


class Chained(nn.Module):
    """Scores of tags in each cell as `Timed` has them, and behind them what the chain learns: b tags (t + tags + 2).

    Column t + j: the score of each row's tag to be followed by tag j; then those to begin, and to end, with it. With
    the whole chain in every answer, losses and decoding know no state. channels: of the body's levels. level: the one
    that is read. forbidden: tags (tags + 2), which of these scores are FORBIDDEN, whatever is learnt; None: none is.
    list of b channels[i] t -> b tags (t + tags + 2)
    """

    forbidden: Tensor

    def __init__(
        self,
        channels: list[int],
        tags: int,
        *,
        level: int = 0,
        drop: float = 0.0,
        forbidden: Tensor | None = None,
    ):
        super().__init__()
        self.each = Timed(channels, tags, level=level, drop=drop)
        self.chain = nn.Parameter(torch.zeros(tags, tags + 2))
        none = torch.zeros(tags, tags + 2, dtype=torch.bool)
        self.register_buffer("forbidden", none if forbidden is None else forbidden, persistent=False)

    def forward(self, levels: list[Tensor]) -> Tensor:
        each = self.each(levels)
        chain = self.chain.masked_fill(self.forbidden, FORBIDDEN).expand(each.shape[0], -1, -1)  # len fixes a graph
        return torch.cat([each.to(chain.dtype), chain], 2)
