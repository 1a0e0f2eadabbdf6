"""One class and one box a sample."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.tasks import boxed, boxes, metrics
from multicnn.tasks.aim import Aim, box_cells
from multicnn.zoo.body import Body
from multicnn.zoo.located import Located
from multicnn.zoo.net import Net

ENOUGH = 0.5  # overlap of a box that is in the right place


class Localize:
    """One of k classes, and where it is.  out: b (k + 4) logits, then the box.  y: b 1 5, see `boxes`.

    weights: of the classes. drop: probability to drop a feature before the last layers.
    """

    monitor = "localized"
    mixes = False

    def __init__(self, classes: Sequence[str], *, weights: Tensor | None = None, drop: float = 0.0):
        self.classes, self.weights, self.drop = tuple(classes), weights, drop
        self.threshold = 0.0  # its one box is always shown

    def net(self, frontend: nn.Module, body: Body) -> Net:
        """`Located` behind the body."""
        return Net(frontend, body, Located(body.channels, len(self.classes), drop=self.drop))

    def encode(self, y: Tensor) -> Tensor:
        """As stored.  b 1 5 -> b 1 5"""
        return y

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """See `boxes.moved`; a sample whose box has left the grid does not teach.  b 1 5 -> b 1 5"""
        return boxes.moved(y, matrix)

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """Cross-entropy, 1 - giou and the box's summed distances from the true edges (smooth L1).

        b (k + 4), b 1 5 -> b
        """
        logits, found = out.float().split([len(self.classes), 4], dim=1)
        weights = None if self.weights is None else self.weights.to(out.device)
        true = y[:, 0, 1:]
        known = y[:, 0, 0] >= 0
        costs = F.cross_entropy(logits, y[:, 0, 0].long().clamp(min=0), weights, reduction="none")
        costs = costs + 1 - boxes.giou(found, true)
        costs = costs + F.smooth_l1_loss(found, true, beta=0.1, reduction="none").sum(1)
        return costs * known

    def answer(self, out: Tensor) -> Tensor:
        """Class, its probability, box.  b (k + 4) -> b 1 6"""
        logits, found = out.float().split([len(self.classes), 4], dim=1)
        p, which = logits.softmax(1).max(1, keepdim=True)
        return torch.cat([which.to(p.dtype), p, found.clamp(0, 1)], 1)[:, None]

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """See `boxed.pack`.  b (k + 4), b 1 5 -> b 13"""
        return boxed.pack(self.answer(out), y, self.loss(out, self.encode(y)))

    def unpack(self, judged: np.ndarray) -> boxed.Judged:
        """What `judge` has packed."""
        return boxed.unpack(judged, 1)

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """localized (right class and an overlap of at least 0.5), accuracy, iou_mean, over the samples."""
        right, share = self._right(judged)
        columns = {"localized": right & (share >= ENOUGH), "accuracy": right, "iou_mean": share}
        return {name: float(np.average(column, weights=weight)) for name, column in columns.items()}

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss of each sample, as `loss` has it."""
        return self.unpack(judged).loss

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """localized, recall, mean overlap and samples of each true class."""
        right, share = self._right(judged)
        true = self.unpack(judged).true[:, 0, 0]
        found = {}
        for i, c in enumerate(self.classes):
            mine = true == i
            sums = np.array([(right & (share >= ENOUGH))[mine].sum(), right[mine].sum(), share[mine].sum()])
            shares = metrics.ratio(sums, np.full(3, mine.sum()))
            found[c] = {**dict(zip(("localized", "recall", "iou_mean"), map(float, shares), strict=True))}
            found[c]["samples"] = int(mine.sum())
        return found

    def _right(self, judged: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whether the class is right, and the box's overlap, whatever its class.  -> samples, samples"""
        found, _, true, _ = self.unpack(judged)
        share = boxes.iou(torch.from_numpy(found[:, 0, 2:]), torch.from_numpy(true[:, 0, 1:])).numpy()
        return found[:, 0, 0] == true[:, 0, 0], share

    def decode(self, answer: np.ndarray) -> list[str]:
        """The class of each sample.  n 1 6 -> n"""
        return [self.classes[int(line[0, 0])] for line in answer]

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """Each class's logit; they are about the one box.  1 (k + 4)"""
        k = len(self.classes)
        order = [c for c in out[0, :k].argsort(descending=True).tolist() if self.classes[c] in names]
        where = box_cells(self.answer(out)[0, 0, 2:].tolist())
        return [
            Aim(self.classes[c], lambda out, c=c: out[:, c], lambda out, c=c: out[:, :k].softmax(1)[:, c], where)
            for c in order
        ]
