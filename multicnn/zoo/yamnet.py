"""YAMNet: MobileNet on the spectra of sounds, for 521 of AudioSet's classes.

Howard et al. 2017, arxiv.org/abs/1704.04861; Plakal and Ellis 2019, github.com/tensorflow/models/.../audioset/yamnet.
Its grids are frequency, then time; the original's the other way round.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from multicnn.blocks import SamePad, conv, kaiming, nd
from multicnn.errors import DataError
from multicnn.zoo.body import Body

EPS = 1e-4  # of the batch norms
STEM = 32  # channels
ROWS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))


class Centred(nn.Module):
    """Batch norm with a shift but no scale, as TensorFlow's with scale=False.  b c *grid -> b c *grid"""

    def __init__(self, rank: int, c: int):
        super().__init__()
        self.norm = nd("BatchNorm", rank)(c, eps=EPS, affine=False)
        self.shift = nn.Parameter(torch.zeros(c, *[1] * rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x) + self.shift


def block(rank: int, c_in: int, c_out: int, kernel: int, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution, centred norm, ReLU; padded as TensorFlow pads.  b c_in *grid -> b c_out *ceil(grid / stride)"""
    layer = conv(
        rank, c_in, c_out, kernel, stride=stride, groups=groups, padding="same" if stride == 1 else 0, bias=False
    )
    pad = nn.Identity() if stride == 1 else SamePad(kernel, stride)
    return nn.Sequential(pad, layer, Centred(rank, c_out), nn.ReLU(inplace=True))


class Yamnet(Body):
    """A convolution and thirteen pairs of a depthwise and a 1x1 one. Levels: what each halving leaves, before the next.

    b c_in *grid -> list of b channels[i] *ceil(grid / 2^(i + 1)), of 5
    """

    def __init__(self, rank: int, c_in: int):
        super().__init__()
        widths = [STEM, *[c for c, _ in ROWS]]
        self.stem = block(rank, c_in, STEM, 3, stride=2)
        self.rows = nn.ModuleList(
            nn.Sequential(block(rank, a, a, 3, stride=stride, groups=a), block(rank, a, b, 1))
            for a, (b, stride) in zip(widths, ROWS, strict=False)
        )
        self.ends = [i - 1 for i, (_, stride) in enumerate(ROWS) if stride == 2] + [len(ROWS) - 1]
        self.channels, self.strides = [ROWS[i][0] for i in self.ends], [2, 4, 8, 16, 32]
        kaiming(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        x, levels = self.stem(x), []
        for place, row in enumerate(self.rows):
            x = row(x)
            if place in self.ends:
                levels.append(x)
        return levels


def yamnet(rank: int, c_in: int) -> Yamnet:
    """YAMNet: 3,729,481 parameters for 521 classes, made for 64 bands and 96 frames of 10 ms; grids of any size.

    b c_in *grid -> list of b channels[i] *ceil(grid / 2^(i + 1)), of 5
    """
    return Yamnet(rank, c_in)


def from_onnx(layers: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of the exported network, whose norms are folded into its convolutions, under our names.

    layers: `0.weight`, `0.bias`, `1.weight`, ... in the graph's order, as `multicnn.zoo.onnx_file` reads them. Their
    grids are time, then frequency. A norm that changes nothing stands where theirs was folded in. Raises DataError for
    another network's layers.
    """
    names = [f"body.{name}" for name in blocks()]
    if len(layers) != 2 * len(names) + 2:
        raise DataError(f"{len(layers) // 2} layers, not YAMNet's {len(names) + 1}; give the file of a YAMNet")
    found = {"head.fc.weight": layers[f"{len(names)}.weight"], "head.fc.bias": layers[f"{len(names)}.bias"]}
    for place, name in enumerate(names):
        kernel, shift = layers[f"{place}.weight"], layers[f"{place}.bias"]
        found[f"{name}.1.weight"] = kernel.mT.contiguous()
        found[f"{name}.2.shift"] = shift[:, None, None]
        found[f"{name}.2.norm.running_mean"] = torch.zeros_like(shift)
        found[f"{name}.2.norm.running_var"] = torch.full_like(shift, 1 - EPS)
    return found


def blocks() -> list[str]:
    """The names of the convolutions' blocks, first to last."""
    return ["stem", *[f"rows.{i}.{j}" for i in range(len(ROWS)) for j in range(2)]]
