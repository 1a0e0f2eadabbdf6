"""Convolution over a grid of any rank, alone and with its norm, activation and dropout."""

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks.activation import activation
from multicnn.blocks.dropout import ChannelDropout
from multicnn.blocks.nd import NARROW, PICKING, WIDE, WIDENING, Size, axes, nd, same
from multicnn.blocks.norm import norm as norm_layer
from multicnn.errors import UsageError
from multicnn.names import find

Padding = Size | Literal["same"]
PADDING_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


class Pad(nn.Module):
    """Widen the grid by `before` and `after` cells, one number an axis; `mode` as in PADDING_MODES.

    b c *grid -> b c *(before + grid + after)
    """

    def __init__(self, before: Sequence[int], after: Sequence[int], *, mode: str = "zeros"):
        super().__init__()
        self.mode = find("padding mode", PADDING_MODES, mode)
        # torch counts axes from the last one
        self.cells = [n for pair in reversed(list(zip(before, after, strict=True))) for n in pair]

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x, self.cells, self.mode)

    def extra_repr(self) -> str:
        return f"{self.cells}, mode={self.mode!r}"


def conv(
    rank: int,
    c_in: int,
    c_out: int,
    kernel: Size = 3,
    *,
    stride: Size = 1,
    dilation: Size = 1,
    groups: int = 1,
    padding: Padding = "same",
    padding_mode: str = "zeros",
    bias: bool = True,
) -> nn.Module:
    """torch's own convolution; "same" pads so that only the stride shrinks the grid, for even kernels too.

    Where "same" needs one cell more behind than before (an even kernel at odd dilation), the convolution comes in a
    Sequential behind a Pad, as torch's layers pad evenly. Raises UsageError for an unknown padding mode, for sizes
    that do not fit the rank, and for groups that do not divide the channels.
    b c_in *grid -> b c_out *ceil(grid / stride), or with padding in cells
    b c_in *grid -> b c_out *floor((grid + 2 padding - dilation (kernel - 1) - 1) / stride + 1)
    """
    find("padding mode", PADDING_MODES, padding_mode)
    if c_in % groups or c_out % groups:
        raise UsageError(f"{groups} groups do not divide {c_in} and {c_out} channels; choose a common divisor")
    kernel, stride, dilation = (
        axes("kernel", kernel, rank),
        axes("stride", stride, rank),
        axes("dilation", dilation, rank),
    )

    def layer(padding: tuple[int, ...]) -> nn.Module:
        picks = c_in < NARROW and max(kernel) == 1 and max(stride) > 1 and max(padding) == 0
        widens = rank in WIDENING and max(kernel) >= WIDE and max(stride) > 1 and padding_mode == "zeros"
        kind = PICKING[rank] if picks else WIDENING[rank] if widens else nd("Conv", rank)
        return kind(c_in, c_out, kernel, stride, padding, dilation, groups, bias, padding_mode)

    if padding != "same":
        return layer(axes("padding", padding, rank))
    before = tuple(same(k, d) for k, d in zip(kernel, dilation, strict=True))
    after = tuple(d * (k - 1) - n for k, d, n in zip(kernel, dilation, before, strict=True))
    if before == after:
        return layer(before)
    return nn.Sequential(Pad(before, after, mode=padding_mode), layer((0,) * rank))


class ConvBlock(nn.Module):
    """Convolution, norm, activation, channel dropout.

    bias: None means only where no norm follows, as a norm takes its mean away again.
    b c_in *grid -> b c_out *ceil(grid / stride)
    """

    def __init__(
        self,
        rank: int,
        c_in: int,
        c_out: int,
        kernel: Size = 3,
        *,
        stride: Size = 1,
        dilation: Size = 1,
        groups: int = 1,
        padding: Padding = "same",
        padding_mode: str = "zeros",
        norm: str = "batch",
        act: str = "relu",
        bias: bool | None = None,
        drop: float = 0.0,
    ):
        super().__init__()
        self.conv = conv(
            rank,
            c_in,
            c_out,
            kernel,
            stride=stride,
            dilation=dilation,
            groups=groups,
            padding=padding,
            padding_mode=padding_mode,
            bias=norm == "none" if bias is None else bias,
        )
        self.norm = norm_layer(norm, rank, c_out)
        self.act = activation(act)
        self.drop = ChannelDropout(drop) if drop else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.drop(self.act(self.norm(self.conv(x))))
