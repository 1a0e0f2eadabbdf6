"""From stored pixels to what a net learns from: numbers round zero, by the training set's own statistics."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from multicnn.image.reader import ImageReader
from multicnn.image.video import VideoReader
from multicnn.image.volume import VolumeReader
from multicnn.names import find


class Pixels(nn.Module):
    """The picture, volume or clip itself, its values normalised by what `fit` measures on training pictures.

    normalise: "standard" subtracts each channel's mean and divides by its deviation, "mean-image" subtracts the mean
    picture and divides by white, "none" divides by white (0 to 1); "imagenet", "half" and "signed" take
    fixed numbers, for weights that learnt with them.
    b c *grid, uint8 or uint16 -> b c *grid, float32 even under autocast
    """

    def __init__(self, reader: ImageReader | VolumeReader | VideoReader, *, normalise: str = "standard"):
        super().__init__()
        self.channels = reader.channels
        self.rank = len(reader.shape) - 1
        self.measure = find("normalisation", NORMALISATIONS, normalise)
        self.white = 2**reader.depth - 1
        single = (1, reader.channels, *[1] * self.rank)
        self.offset: Tensor
        self.scale: Tensor
        self.register_buffer("offset", torch.zeros((1, *reader.shape) if normalise == "mean-image" else single))
        self.register_buffer("scale", torch.full(single, float(self.white)))

    def fit(self, batches: Iterable[Tensor]) -> None:
        """Measure on raw training batches, one pass, in float64."""
        offset, scale = self.measure(batches, self.white)
        self.offset.copy_(self._placed(offset))
        self.scale.copy_(self._placed(scale))

    def _placed(self, numbers: Tensor) -> Tensor:
        """A number a channel as it meets a batch; the mean picture as it is.  c or 1 c *grid -> 1 c *grid"""
        return numbers.view(1, -1, *[1] * self.rank) if numbers.ndim == 1 else numbers

    def forward(self, raw: Tensor) -> Tensor:
        return raw.to(torch.float32, copy=True).sub_(self.offset).div_(self.scale)  # in place: memory is slow


def standard(batches: Iterable[Tensor], white: int) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel, in whole numbers up to the last division; 1 for no deviation.

    -> c, c
    """
    count, sums = 0, np.zeros((2, 1), dtype=object)  # Python's integers: no picture is too many
    for raw in batches:
        x = raw.to(torch.int64).flatten(2)
        count += x.numel() // x.shape[1]
        sums = sums + np.array([x.sum((0, 2)).tolist(), x.square().sum((0, 2)).tolist()], dtype=object)
    total, squares = sums
    mean = torch.tensor((total / count).astype(float))
    variance = torch.tensor(((count * squares - total**2) / count**2).astype(float))
    deviation = torch.where(variance > 0, variance.sqrt(), 1.0)
    return mean, deviation


def mean_image(batches: Iterable[Tensor], white: int) -> tuple[Tensor, Tensor]:
    """The mean picture, and white. Krizhevsky et al. 2012.  -> 1 c *grid, 1"""
    count, total = 0, torch.zeros(1)
    for raw in batches:
        total = total.to(raw.device, torch.float64) + raw.to(torch.float64).sum(0, keepdim=True)
        count += len(raw)
    return total / count, torch.tensor([float(white)])


def unit(batches: Iterable[Tensor], white: int) -> tuple[Tensor, Tensor]:
    """Black 0, white 1; nothing to measure.  -> 1, 1"""
    return torch.zeros(1), torch.tensor([float(white)])


def imagenet(batches: Iterable[Tensor], white: int) -> tuple[Tensor, Tensor]:
    """Mean and deviation of ImageNet's colours, as torchvision's weights learnt with.  -> 3, 3"""
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return mean * white, deviation * white


def half(batches: Iterable[Tensor], white: int) -> tuple[Tensor, Tensor]:
    """Black -1, white 1, near enough, as TensorFlow's weights learnt with.  -> 1, 1"""
    return torch.tensor([127.0 / 255 * white]), torch.tensor([128.0 / 255 * white])


def signed(batches: Iterable[Tensor], white: int) -> tuple[Tensor, Tensor]:
    """Black -1, white 1.  -> 1 1 1 1, 1 1 1 1"""
    return torch.full((1, 1, 1, 1), white / 2), torch.full((1, 1, 1, 1), white / 2)


NORMALISATIONS = {
    "standard": standard,
    "mean-image": mean_image,
    "none": unit,
    "imagenet": imagenet,
    "half": half,
    "signed": signed,
}
