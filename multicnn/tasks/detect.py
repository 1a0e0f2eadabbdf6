"""Any number of boxes a sample, each with a class: a dense single-stage detector."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.tasks import boxed, boxes, precision
from multicnn.tasks.aim import Aim, box_cells
from multicnn.tasks.assign import assign
from multicnn.tasks.boxes import NONE
from multicnn.zoo.body import Body
from multicnn.zoo.heads import Boxing
from multicnn.zoo.pyramid import BoxHead, BoxNet

MOST = 100  # boxes a sample is answered with, as COCO counts them
LOOKED_AT = 1_000  # likeliest cells and classes of a sample, of which overlapping ones are struck out
LEAST = 0.01  # score of a box that is kept at all
HEAD = {"finest": 4, "width": 64, "depth": 2}  # what the head is unless the user says otherwise
ALPHA, GAMMA = 0.25, 2.0  # of the focal loss; Lin et al.'s choice


class Detect:
    """Boxes of k classes.  out: b cells (k + 9), see `BoxHead`.  y: b m 5, see `boxes`.

    finest: stride of the finest level that answers; 8 is quicker, 4 sees boxes below 16 cells a side better. width,
    depth: of the head; a body that brings its own (`Boxing`) takes none of these three. overlap: of two boxes of a
    class, above which the weaker is struck out. threshold: score of the boxes that are shown; the metrics read all of
    them. weights: of the classes. drop: probability to drop a channel before the last layers. Raises UsageError for
    shares outside 0 to 1.
    """

    monitor = "map50"
    mixes = False  # sets of boxes have no mean

    def __init__(
        self,
        classes: Sequence[str],
        *,
        finest: int = HEAD["finest"],
        width: int = HEAD["width"],
        depth: int = HEAD["depth"],
        overlap: float = 0.5,
        threshold: float = 0.3,
        weights: Tensor | None = None,
        drop: float = 0.0,
    ):
        for name, share in (("overlap", overlap), ("threshold", threshold)):
            if not 0 <= share <= 1:
                raise UsageError(f"task.{name} is {share}; it must be from 0 to 1")
        for name, count in (("finest", finest), ("width", width), ("depth", depth)):
            if count < 1:
                raise UsageError(f"task.{name} is {count}; give at least 1")
        self.classes, self.overlap, self.threshold, self.weights = tuple(classes), overlap, threshold, weights
        self.finest, self.width, self.depth, self.drop = finest, width, depth, drop

    def net(self, frontend: nn.Module, body: Body) -> BoxNet:
        """A pyramid and a shared head behind the body, its own where it has one.

        Raises UsageError for a body without cells, and for settings of a head that the body does not take.
        """
        if isinstance(body, Boxing):
            self._refuse_head(type(body).__name__.lower())
            return BoxNet(frontend, body, body.box_head(len(self.classes), drop=self.drop))
        head = BoxHead(body, len(self.classes), finest=self.finest, width=self.width, depth=self.depth, drop=self.drop)
        return BoxNet(frontend, body, head)

    def _refuse_head(self, body: str) -> None:
        for name, usual in HEAD.items():
            if (value := getattr(self, name)) != usual:
                raise UsageError(f"task.{name} is {value}, but {body} brings a head of its own; leave it out")

    def encode(self, y: Tensor) -> Tensor:
        """As stored.  b m 5 -> b m 5"""
        return y

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """See `boxes.moved`.  b m 5 -> b m 5"""
        return boxes.moved(y, matrix)

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """Focal loss of the classes (Lin et al. 2017, arXiv 1708.02002), 1 - giou of the boxes, cross-entropy of the
        quality with each box's overlap, summed over the cells and divided by the cells that answer for a box.

        b cells (k + 9), b m 5 -> b
        """
        logits, quality, found, place = self._parts(out)
        which = assign(place[0], y)  # b cells
        mine = which >= 0
        true = y.gather(1, which.clamp(min=0)[..., None].expand(-1, -1, 5))
        wanted = mine[..., None] & (true[..., :1] == torch.arange(logits.shape[-1], device=out.device))
        share = boxes.iou(found.detach(), true[..., 1:]) * mine
        costs = self._focal(logits, wanted.float()).sum(-1)
        costs = costs + mine * (1 - boxes.giou(found, true[..., 1:]))
        costs = costs + mine * F.binary_cross_entropy_with_logits(quality, share, reduction="none")
        return costs.sum(1) / mine.sum(1).clamp(min=1)

    def _focal(self, logits: Tensor, wanted: Tensor) -> Tensor:
        """Of each class in each cell.  b cells k, b cells k -> b cells k"""
        cost = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        p = logits.sigmoid()
        miss = wanted * (1 - p) + (1 - wanted) * p
        cost = cost * miss**GAMMA * (wanted * ALPHA + (1 - wanted) * (1 - ALPHA))
        return cost if self.weights is None else cost * self.weights.to(cost.device)

    def _parts(self, out: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits, quality's logit, box, place.  b cells (k + 9) -> b cells k, b cells, b cells 4, b cells 4"""
        logits, quality, found, place = out.float().split([len(self.classes), 1, 4, 4], dim=-1)
        return logits, quality[..., 0], found, place

    def answer(self, out: Tensor) -> Tensor:
        """Class, score, box; best score first, class NONE behind the last.  b cells (k + 9) -> b MOST 6

        The score is the geometric mean of the class's probability and the box's quality.
        """
        return self.chosen(out)[..., :6]

    def chosen(self, out: Tensor) -> Tensor:
        """The same, and the number of the cell that each box is from.  b cells (k + 9) -> b MOST 7"""
        from torchvision.ops import batched_nms

        logits, quality, found, _ = self._parts(out)
        k = logits.shape[-1]
        scores = (logits.sigmoid() * quality.sigmoid()[..., None]).sqrt().flatten(1)  # b (cells k)
        score, at = scores.topk(min(LOOKED_AT, scores.shape[1]), dim=1)
        box = found.clamp(0, 1).gather(1, (at // k)[..., None].expand(-1, -1, 4))
        lines = torch.cat([(at % k)[..., None], score[..., None], box, (at // k)[..., None]], -1)
        sample, place = (score > LEAST).nonzero(as_tuple=True)
        rest = lines[sample, place]
        kept = batched_nms(rest[:, 2:6].double(), rest[:, 1].double(), sample * k + rest[:, 0].long(), self.overlap)
        return padded(rest[kept], sample[kept], len(out))

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """See `boxed.pack`.  b cells (k + 9), b m 5 -> b (7 MOST + 5 m + 1)"""
        return boxed.pack(self.answer(out), y, self.loss(out, self.encode(y)))

    def unpack(self, judged: np.ndarray) -> boxed.Judged:
        """What `judge` has packed."""
        return boxed.unpack(judged, MOST)

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """map, map50 and map75 as COCO defines them, see `precision`; the truth is in `judged`."""
        return precision.measured(self._precision(judged, weight))

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss of each sample, as `loss` has it."""
        return self.unpack(judged).loss

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """Average precision and true boxes of each class."""
        true = self.unpack(judged).true[..., 0]
        return precision.by_class(self._precision(judged, None), true, self.classes)

    def _precision(self, judged: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
        found, hits, true, _ = self.unpack(judged)
        return precision.average_precision(found[..., :2], hits, true[..., 0], len(self.classes), weight)

    def decode(self, answer: np.ndarray) -> list[str]:
        """How many boxes of each class reach the threshold: `3 tree, 1 house`.  n MOST 6 -> n"""
        return [counted(self.classes, line[line[:, 1] >= self.threshold, 0]) for line in answer]

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """The class's logit in the cell of each box that is shown, of each class the surest.  1 cells (k + 9)"""
        return [
            Aim(self.classes[k], lambda out, k=k, at=at: out[:, at, k], self._sure(k, at), box_cells(box))
            for k, box, at in self.surest(out, names)
        ]

    def surest(self, out: Tensor, names: Sequence[str]) -> list[tuple[int, list[float], int]]:
        """Class, box and cell of the surest box of each of these classes that reaches the threshold."""
        found: dict[int, tuple[int, list[float], int]] = {}
        for number, score, *box, at in self.chosen(out)[0].tolist():
            k = int(number)
            if number != NONE and score >= self.threshold and self.classes[k] in names:
                found.setdefault(k, (k, box, int(at)))
        return list(found.values())

    def _sure(self, k: int, at: int) -> Callable[[Tensor], Tensor]:
        """The score of a class in a cell."""
        quality = len(self.classes)
        return lambda out: (out[:, at, k].sigmoid() * out[:, at, quality].sigmoid()).sqrt()


def padded(lines: Tensor, sample: Tensor, b: int) -> Tensor:
    """The first MOST lines of each sample.  lines n, lines -> b MOST n"""
    out = lines.new_zeros(b, MOST, lines.shape[1])
    out[..., 0] = NONE
    for i in range(b):
        own = lines[sample == i][:MOST]
        out[i, : len(own)] = own
    return out


def counted(classes: Sequence[str], numbers: np.ndarray) -> str:
    """How many of each class, in the classes' order."""
    counts = np.bincount(numbers[numbers >= 0].astype(int), minlength=len(classes))
    return ", ".join(f"{n} {c}" for n, c in zip(counts, classes, strict=True) if n) or "nothing"
