"""Conv-TasNet: a learnt transform of the waveform, masks from dilated convolutions over it, and the way back."""

from torch import Tensor, nn
from torch.nn import functional

from multicnn.blocks import norm as named_norm
from multicnn.errors import UsageError
from multicnn.zoo.body import Body, multiple_of

MASKS = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}
GLOBAL = "global"  # the paper's norm: over channels and time of each sample


class Block(nn.Module):
    """1x1, PReLU, norm, dilated depthwise convolution, PReLU, norm; then 1x1 onwards, and 1x1 to the sum of all blocks.

    b c t -> b c t or None behind the last one, b c t
    """

    def __init__(self, c: int, hidden: int, kernel: int, dilation: int, *, norm: str, last: bool):
        super().__init__()
        reach = dilation * (kernel - 1) // 2
        self.layers = nn.Sequential(
            nn.Conv1d(c, hidden, 1),
            nn.PReLU(),
            normal(norm, hidden),
            nn.Conv1d(hidden, hidden, kernel, padding=reach, dilation=dilation, groups=hidden),
            nn.PReLU(),
            normal(norm, hidden),
        )
        self.onward = None if last else nn.Conv1d(hidden, c, 1)
        self.skip = nn.Conv1d(hidden, c, 1)

    def forward(self, x: Tensor) -> tuple[Tensor | None, Tensor]:
        made = self.layers(x)
        return None if self.onward is None else self.onward(made), self.skip(made)


class ConvTasNet(Body):
    """The encoder's frames, and what the blocks make of them: masks are read from the second, and lie on the first.

    A frame is `kernel` samples, two frames overlap by half; zeros behind the sound fill the last one.
    b c_in t -> [b filters ceil(t / stride), b width ceil(t / stride)]
    """

    def __init__(
        self,
        c_in: int,
        *,
        filters: int,
        kernel: int,
        width: int,
        hidden: int,
        reach: int,
        depth: int,
        repeats: int,
        norm: str,
        mask: str,
    ):
        super().__init__()
        self.stride, self.mask = kernel // 2, mask
        self.channels, self.strides = [filters, width], [self.stride, self.stride]
        self.encoder = nn.Conv1d(c_in, filters, kernel, self.stride, padding=self.stride, bias=False)
        self.norm = normal(norm, filters)
        self.narrow = nn.Conv1d(filters, width, 1)
        dilations = [2**i for _ in range(repeats) for i in range(depth)]
        last = len(dilations) - 1
        self.blocks = nn.ModuleList(
            Block(width, hidden, reach, d, norm=norm, last=i == last) for i, d in enumerate(dilations)
        )

    def frames(self, x: Tensor) -> list[Tensor]:
        """All frames, half of the first one before the sound.  b c_in t -> [b filters n, b width n], n = ceil + 1"""
        encoded = self.encoder(functional.pad(x, (0, -x.shape[-1] % self.stride)))
        here = self.narrow(self.norm(encoded))
        total = None
        for block in self.blocks:
            onward, skip = block(here)
            here = here if onward is None else here + onward
            total = skip if total is None else total + skip
        assert total is not None
        return [encoded, total]

    def forward(self, x: Tensor) -> list[Tensor]:
        return [level[..., 1:] for level in self.frames(x)]

    def stem_head(self, k: int) -> "MaskedFrames":
        """Masks for k sources, and the decoder."""
        return MaskedFrames(self.channels, k, kernel=2 * self.stride, mask=self.mask)


class MaskedFrames(nn.Module):
    """A mask of the encoder's frames for each of k sources, and the waveform that the masked frames add up to.

    [b filters n, b width n] -> b k (n - 1) stride
    """

    def __init__(self, channels: list[int], k: int, *, kernel: int = 16, mask: str = "sigmoid"):
        super().__init__()
        filters, width = channels
        self.k = k
        self.relu = nn.PReLU()
        self.conv = nn.Conv1d(width, filters * k, 1)
        self.mask = MASKS[mask]()
        self.decoder = nn.ConvTranspose1d(filters, 1, kernel, kernel // 2, padding=kernel // 2, bias=False)

    def forward(self, levels: list[Tensor]) -> Tensor:
        encoded, made = levels
        masks = self.mask(self.conv(self.relu(made))).unflatten(1, (self.k, -1))
        return self.decoder((masks * encoded[:, None]).flatten(0, 1)).view(len(encoded), self.k, -1)


def convtasnet(
    rank: int,
    c_in: int,
    *,
    filters: int = 512,
    kernel: int = 16,
    width: int = 128,
    hidden: int = 512,
    reach: int = 3,
    depth: int = 8,
    repeats: int = 3,
    norm: str = GLOBAL,
    mask: str = "sigmoid",
) -> ConvTasNet:
    """Conv-TasNet, not causal: 4,984,881 parameters for two sources. Luo, Mesgarani 2019, arxiv.org/abs/1809.07454.

    The paper's letters: filters N, kernel L (samples, even), width B and Sc, hidden H, reach P (odd), depth X,
    repeats R. norm: "global" as in the paper, over the whole of a sample, so that its answer depends on where it is
    cut; with "batch" it does not. mask: "sigmoid", or "relu" as torchaudio's pipelines. Raises UsageError.
    b c_in t -> [b filters ceil(t / stride), b width ceil(t / stride)], stride = kernel / 2
    """
    multiple_of("convtasnet", "kernel", kernel, 2)
    if reach % 2 == 0:
        raise UsageError(f"reach of model convtasnet is {reach}; give an odd number")
    if mask not in MASKS:
        raise UsageError(f"mask of model convtasnet is {mask!r}; give {' or '.join(MASKS)}")
    return ConvTasNet(
        c_in, filters=filters, kernel=kernel, width=width, hidden=hidden, reach=reach, depth=depth, repeats=repeats,
        norm=norm, mask=mask,
    )  # fmt: skip


def normal(name: str, c: int) -> nn.Module:
    """b c t -> b c t"""
    return nn.GroupNorm(1, c, eps=1e-8) if name == GLOBAL else named_norm(name, 1, c)


PLACES = {  # of torchaudio's parameters, by the starts of their names
    "mask_generator.input_norm": "body.norm",
    "mask_generator.input_conv": "body.narrow",
    "mask_generator.output_prelu": "head.relu",
    "mask_generator.output_conv": "head.conv",
    "mask_generator.conv_layers": "body.blocks",
    "encoder": "body.encoder",
    "decoder": "head.decoder",
}
PARTS = {"conv_layers.": "layers.", "res_out.": "onward.", "skip_out.": "skip."}


def from_torchaudio(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights of torchaudio.models.ConvTasNet under the names that a net of this body has."""
    found = {}
    for name, value in state.items():
        start = next(s for s in PLACES if name.startswith(s))
        end = name.removeprefix(start)
        for theirs, ours in PARTS.items():
            end = end.replace(theirs, ours)
        found[PLACES[start] + end] = value
    return found
