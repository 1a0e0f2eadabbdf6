"""Networks whose answers are signals: as long as the sound they come from, one for each source."""

from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional

from multicnn.zoo.body import Body
from multicnn.zoo.cellnet import CellNet
from multicnn.zoo.cells import cells
from multicnn.zoo.net import Net


@runtime_checkable
class Separating(Protocol):
    """A body that works on frames of the waveform and brings the way back from them."""

    def frames(self, x: Tensor) -> list[Tensor]:
        """What its own head reads.  b c t -> levels"""
        ...

    def stem_head(self, k: int) -> nn.Module:
        """levels -> b k t, t no less than the sound's"""
        ...


@runtime_checkable
class Heard(Protocol):
    """A front-end that hands on the waveform itself, divided by a constant."""

    def restore(self, signals: Tensor) -> Tensor:
        """In the units of the sound.  b k t -> b k t"""
        ...


@runtime_checkable
class Seen(Protocol):
    """A front-end that hands on levels of spectra, with a way back from the spectra themselves."""

    def spectrum(self, raw: Tensor) -> Tensor:
        """Real and imaginary parts.  b t -> b 2 f n"""
        ...

    def levels(self, spectrum: Tensor) -> Tensor:
        """What the body reads.  b 2 f n -> b 1 f n"""
        ...

    def sound(self, spectra: Tensor) -> Tensor:
        """b k 2 f n -> b k t, t no less than the sound's"""
        ...


class FrameStems(Net):
    """Waveform in, waveforms out, by a body that brings its own way back.  b t -> b k t"""

    def forward(self, x: Tensor) -> Tensor:
        return self.answer(self.frontend(x))[..., : x.shape[-1]]

    def answer(self, grid: Tensor) -> Tensor:
        body, frontend = _parts(self)
        return frontend.restore(self.head(body.frames(grid)))


class CellStems(CellNet):
    """Waveform in, waveforms out, by any body that keeps cells, as Wave-U-Net does: Stoller et al. 2018, 1806.03185.

    b t -> b k t
    """

    def answer(self, grid: Tensor) -> Tensor:
        return _parts(self)[1].restore(super().answer(grid))


class MaskStems(CellNet):
    """Soft masks of the mixture's spectrum, and its phase. Jansson et al. 2017, 18th ISMIR.

    share: "sigmoid" for a mask of each source by itself, "softmax" for masks that sum to one.
    b t -> b k t
    """

    def __init__(self, frontend: nn.Module, body: Body, k: int, *, share: str, width: int | None, drop: float):
        super().__init__(Both(frontend), body, cells(2, body, k, width=width, drop=drop))
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        return self.answer(self.frontend(x))[..., : x.shape[-1]]

    def answer(self, grid: Tensor) -> Tensor:
        masks = super().answer(grid[:, :-2]).float()
        masks = masks.softmax(1) if self.share == "softmax" else masks.sigmoid()
        inner: Any = self.frontend
        with torch.autocast(grid.device.type, enabled=False):
            return inner.frontend.sound(masks[:, :, None] * grid[:, None, -2:])


class Both(nn.Module):
    """Levels of spectra for the body, and behind them the spectra themselves.  b t -> b (1 + 2) f n"""

    rank = 2

    def __init__(self, frontend: Any):
        super().__init__()
        self.frontend, self.channels = frontend, frontend.channels

    def forward(self, raw: Tensor) -> Tensor:
        spectrum = self.frontend.spectrum(raw)
        return torch.cat([self.frontend.levels(spectrum), spectrum], dim=1)


def stem_net(
    frontend: nn.Module, body: Body, k: int, *, share: str = "softmax", width: int | None = None, drop: float = 0.0
) -> Net | None:
    """The net for k sources that suits front-end and body; None for a front-end that has no way back to the sound.

    share, width, drop: see `MaskStems` and `cells`. Raises UsageError as `cells`.
    """
    if isinstance(frontend, Seen):
        return MaskStems(frontend, body, k, share=share, width=width, drop=drop)
    if not isinstance(frontend, Heard):
        return None
    if isinstance(body, Separating):
        return FrameStems(frontend, body, body.stem_head(k))
    return CellStems(frontend, body, cells(1, body, k, width=width, drop=drop))


def aligned(out: Tensor, t: int) -> Tensor:
    """Answers as long as the sound: cut, or zeros behind them.  b k any -> b k t"""
    return functional.pad(out, (0, t - out.shape[-1]))


def _parts(net: Net) -> tuple[Any, Any]:
    return net.body, net.frontend
