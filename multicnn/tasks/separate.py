"""The sources of a mixture, each as a signal as long as the mixture."""

from collections.abc import Sequence
from itertools import permutations
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.names import find
from multicnn.tasks import sdr
from multicnn.tasks.signals import LOSSES, silent
from multicnn.zoo.body import Body
from multicnn.zoo.net import Net
from multicnn.zoo.stems import aligned, stem_net

FULL = 32768  # of a 16-bit sample, where the waveform is 1
MOST = 5  # sources whose assignments are all tried: 120


class Separate:
    """A signal for each of s sources.  out: b s t.  y: b s t stems, or b (s + 1) t where the last is in no stem.

    The stems and the rest add up to the mixture. loss: names of LOSSES, as a list or joined by "+"; their sum is
    minimised. permute: the sources are of one kind, so that any order of the answers is right; all are tried, as in
    Kolbaek et al. 2017, arXiv 1703.06284. mask: of a spectrum, "sigmoid" or "softmax" (masks that sum to one). weights:
    of the stems. drop: probability to drop a channel before the last layer of a mask's net. Raises UsageError.
    """

    monitor = "si_sdr_improvement"
    mixes = False  # what becomes of stems when two sounds are mixed is a matter of `remix`

    def __init__(
        self,
        classes: Sequence[str],
        *,
        loss: str | Sequence[str] = "sdr",
        permute: bool = False,
        mask: Literal["sigmoid", "softmax"] = "sigmoid",
        weights: Tensor | None = None,
        drop: float = 0.0,
    ):
        if permute and len(classes) > MOST:
            raise UsageError(
                f"task.permute tries all orders of at most {MOST} sources, not of {len(classes)}; unset it"
            )
        if permute and weights is not None:
            raise UsageError("task.permute: sources in any order cannot have weights; leave --class-weights out")
        names = loss.split("+") if isinstance(loss, str) else loss
        self.terms = [find("loss", LOSSES, name.strip()) for name in names]
        self.classes, self.permute, self.mask = tuple(classes), permute, mask
        self.weights, self.drop = weights, drop

    def net(self, frontend: nn.Module, body: Body) -> Net:
        """See `multicnn.zoo.stems`. Raises UsageError for a front-end without a way back to sound, and as `cells`."""
        net = stem_net(frontend, body, len(self.classes), share=self.mask, drop=self.drop)
        if net is None:
            name = type(frontend).__name__.lower()
            raise UsageError(
                f"separate needs a way back to sound, which {name} has not; take --frontend invertible or waveform"
            )
        return net

    def encode(self, y: Tensor) -> Tensor:
        """16-bit samples as -1 to 1.  b s t -> b s t"""
        return y.float() if y.is_floating_point() else y.float() / FULL

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """As they are: no augment of sounds moves a grid."""
        return y

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """Mean over the stems, in the order that costs least if `permute`.  b s t, b (s or s + 1) t -> b"""
        true = y[:, : len(self.classes)]
        out, mixture = aligned(out.float(), y.shape[-1]), y.sum(1, keepdim=True)
        if not self.permute:
            costs = self._cost(out, true, mixture)
            return costs.mean(1) if self.weights is None else (costs * self.weights.to(costs.device)).mean(1)
        costs = self._cost(out[:, :, None], true[:, None], mixture[:, None])  # b answers references
        orders = torch.tensor([*permutations(range(len(self.classes)))], device=out.device)
        places = torch.arange(len(self.classes), device=out.device)
        return costs[:, orders, places].mean(-1).amin(1)

    def _cost(self, out: Tensor, true: Tensor, mixture: Tensor) -> Tensor:
        return torch.stack([term(out, true, mixture) for term in self.terms]).sum(0)

    def answer(self, out: Tensor) -> Tensor:
        """The signals themselves.  b s t -> b s t"""
        return out.float()

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """Inner products, see `sdr`.  b s t, b (s or s + 1) t -> b (s s + 3 s + 3)"""
        y = self.encode(y)
        out = aligned(out.float(), y.shape[-1])
        return sdr.pack(out, y[:, : len(self.classes)], y.sum(1), self.loss(out, y))

    def unpack(self, judged: np.ndarray) -> sdr.Products:
        """What `judge` has packed."""
        return sdr.unpack(judged, len(self.classes))

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """si_sdr, its improvement over the mixture, and sdr_mdx, see `sdr.measured`; the truth is in `judged`."""
        return sdr.measured(self.unpack(judged), self.classes, weight, permute=self.permute)

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss of each sound: the mean over its windows."""
        return self.unpack(judged).loss

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """The metrics of each stem, and how many of its references sound and how many are silent."""
        return sdr.by_stem(self.unpack(judged), self.classes, permute=self.permute)

    def decode(self, answer: np.ndarray) -> list[str]:
        """The level of each stem, full scale being 0 dB: `speech -21 dB, drums -18 dB`.  n s t -> n"""
        return [", ".join(map(level, self.classes, stems)) for stems in answer]


def level(name: str, stem: np.ndarray) -> str:
    """`speech -21 dB`.  t -> text"""
    if silent(torch.from_numpy(np.asarray(stem, dtype=np.float32))):
        return f"{name} silent"
    return f"{name} {10 * np.log10(np.mean(np.square(stem, dtype=np.float64))):.0f} dB"
