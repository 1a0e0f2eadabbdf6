"""Padding that depends on the grid, so that a stride drops no cell."""

from torch import Tensor, nn
from torch.nn import functional


class SamePad(nn.Module):
    """Zeros so that ceil(grid / stride) windows fit, the odd cell behind the grid: TensorFlow's "SAME".

    kernel: at least stride.
    b c *grid -> b c *((ceil(grid / stride) - 1) stride + kernel)
    """

    def __init__(self, kernel: int, stride: int):
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        cells = []
        for n in reversed(x.shape[2:]):  # torch counts axes from the last one
            lacks = (-(-n // self.stride) - 1) * self.stride + self.kernel - n
            cells += [lacks // 2, lacks - lacks // 2]
        return functional.pad(x, cells)

    def extra_repr(self) -> str:
        return f"kernel={self.kernel}, stride={self.stride}"
