"""One class for every cell: pictures, volumes, spectrograms, series."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.names import find
from multicnn.tasks import maps
from multicnn.tasks.aim import Aim
from multicnn.tasks.metrics import ratio
from multicnn.tasks.overlap import LOSSES
from multicnn.zoo.body import Body
from multicnn.zoo.cellnet import CellNet
from multicnn.zoo.cells import cells


class Segment:
    """One of k classes a cell, background being one.  out: b k *grid logits.  y: b *grid class numbers.

    loss: names of LOSSES, as a list or joined by "+"; their sum is minimised. ignore: the number of cells whose class
    nobody knows, which neither teach nor count. weights: of the classes. drop: probability to drop a channel before
    the last layer. width: channels of the path that joins the levels of a body that has several (a classifier's); 0: as
    many as its finest level has. Raises UsageError for an unknown loss, fewer than two classes, a negative width, and
    an `ignore` that is a class.
    """

    monitor = "iou_mean"
    mixes = False  # class numbers have no mean

    def __init__(
        self,
        classes: Sequence[str],
        *,
        loss: str | Sequence[str] = "cross-entropy+dice",
        ignore: int = 255,
        weights: Tensor | None = None,
        drop: float = 0.0,
        width: int = 0,
    ):
        if len(classes) < 2:
            raise UsageError(f"segmentation tells at least two classes apart, background being one; got {[*classes]}")
        if 0 <= ignore < len(classes):
            raise UsageError(f"task.ignore is {ignore}, the number of class {classes[ignore]!r}; give another, as 255")
        if width < 0:
            raise UsageError(f"task.width is {width}; give at least 1, or 0 for as many as the finest level has")
        names = loss.split("+") if isinstance(loss, str) else loss
        self.terms = [find("loss", LOSSES, name.strip()) for name in names]
        self.classes, self.ignore, self.weights, self.drop = tuple(classes), ignore, weights, drop
        self.width = width
        self.side_weight = 0.0  # of the answers of side heads; the body of `net` knows

    def net(self, frontend: nn.Module, body: Body) -> CellNet:
        """The body's levels brought to the grid of the front-end. Raises UsageError for a body without cells."""
        rank: Any = frontend.rank
        self.side_weight = getattr(body, "side_weight", 0.0)
        return CellNet(frontend, body, cells(rank, body, len(self.classes), width=self.width or None, drop=self.drop))

    def encode(self, y: Tensor) -> Tensor:
        """Class numbers as torch's losses take them.  b *grid -> b *grid"""
        return y.long()

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """The map follows its moved sample; what comes from outside it is not known.  b *grid -> b *grid"""
        return maps.moved(y, matrix, self.ignore)

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """The sum of the named losses over each sample's known cells, 0 where it has none; see `overlap`.

        With answers of side heads, theirs too, times the body's `side_weight`.
        b k *grid | b (1 + sides) k *grid, b *grid -> b
        """
        if out.ndim == y.ndim + 1:
            return self._summed(out, y)
        main, *sides = out.unbind(1)
        return self._summed(main, y) + self.side_weight * torch.stack([self._summed(s, y) for s in sides]).sum(0)

    def _summed(self, out: Tensor, y: Tensor) -> Tensor:
        weights = None if self.weights is None else self.weights.to(out.device)
        return torch.stack([loss(out.float(), y, weights, self.ignore) for loss in self.terms]).sum(0)

    def answer(self, out: Tensor) -> Tensor:
        """Probabilities.  b k *grid -> b k *grid"""
        return out.float().softmax(dim=1)

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """Counts of cells and the summed cross-entropy, see `maps`.  b k *grid, b *grid -> b (3 k + 1)"""
        return maps.tally(out.float(), y.long(), self.ignore)

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """See `multicnn.tasks.maps.measured`; the truth is in `judged`."""
        return maps.measured(judged, self.classes, weight)

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Mean cross-entropy of each sample's known cells, without weights.  n (3 k + 1) -> n"""
        return ratio(judged[:, -1], maps.counts(judged)[2].sum(axis=1))

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """Intersection over union, Dice, precision, recall and true cells of each class."""
        return maps.by_class(judged, self.classes)

    def decode(self, answer: np.ndarray) -> list[str]:
        """The classes of each map by the share of its cells: `background 91.2 %, nucleus 8.8 %`.  n k *grid -> n"""
        return [shares(self.classes, line.argmax(axis=0)) for line in answer]

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """The mean logit of each class over the cells that it is said of, the surest first; the background only where
        it is asked for by itself, or is all there is.  1 k *grid
        """
        chances = self.answer(out)[0]
        said = chances.argmax(0)
        found = [k for k, name in enumerate(self.classes) if name in names and (said == k).any()]
        real = [k for k in found if k] or found
        return [self._of(k, said == k) for k in sorted(real, key=lambda k: -float(chances[k][said == k].mean()))]

    def _of(self, k: int, cells: Tensor) -> Aim:
        """Of a class over some cells."""
        return Aim(
            self.classes[k],
            lambda out: out[:, k, cells].float().mean(1),
            lambda out: self.answer(out)[:, k, cells].mean(1),
            cells.cpu().numpy(),
        )


def shares(classes: Sequence[str], answer: np.ndarray) -> str:
    """The classes that occur in a map, the largest first."""
    share = np.bincount(answer.ravel(), minlength=len(classes)) / answer.size
    order = np.argsort(-share, kind="stable")
    return ", ".join(f"{classes[i]} {share[i]:.1%}".replace("%", " %") for i in order if share[i] > 0)
