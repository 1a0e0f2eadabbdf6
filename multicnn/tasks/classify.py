"""One label a sample (digits, instruments, sentiment), or several (tags)."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.tasks import metrics
from multicnn.tasks.aim import Aim
from multicnn.tasks.temperature import checked, settled
from multicnn.zoo.body import Body
from multicnn.zoo.heads import reader
from multicnn.zoo.net import Net


class Classify:
    """One of k classes a sample.  out: b k logits.  y: (b,) class numbers.

    temperature: what the logits are divided by before they become probabilities, 0.05 to 20; 1 until `calibrate`.
    """

    monitor = "f1_macro"
    mixes = True

    def __init__(
        self,
        classes: Sequence[str],
        *,
        smoothing: float = 0.0,
        drop: float = 0.0,
        temperature: float | None = None,
        weights: Tensor | None = None,
    ):
        if not 0 <= smoothing < 1:
            raise UsageError(f"task.smoothing is {smoothing}; it must be at least 0 and below 1")
        self.classes, self.smoothing, self.drop, self.weights = tuple(classes), smoothing, drop, weights
        self.temperature, self.given = checked(temperature), temperature is not None
        self.side_weight = 0.0  # of the answers of side classifiers; the body of `net` knows

    def net(self, frontend: nn.Module, body: Body) -> Net:
        """The body's own head, or global average pooling and one linear layer."""
        self.side_weight = getattr(body, "side_weight", 0.0)
        return Net(frontend, body, reader(body, len(self.classes), drop=self.drop))

    def encode(self, y: Tensor) -> Tensor:
        """One-hot, which mixup and cutmix can mix.  b -> b k"""
        return F.one_hot(y, len(self.classes)).float()

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """Labels stay what they are wherever the sample is moved."""
        return y

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """Cross-entropy with label smoothing (Szegedy et al. 2016, arXiv 1512.00567), times the class weights.

        With answers of side classifiers, theirs too, times the body's `side_weight`.
        b k | b (1 + sides) k, b k -> b
        """
        if out.ndim == 3:
            return with_sides(self.loss, out, y, self.side_weight)
        soft = y * (1 - self.smoothing) + self.smoothing / y.shape[1]
        loss = -(soft * F.log_softmax(out.float(), dim=1)).sum(dim=1)
        return loss if self.weights is None else loss * (y @ self.weights.to(y.device))

    def answer(self, out: Tensor) -> Tensor:
        """Probabilities, of the logits divided by the temperature.  b k -> b k"""
        return (out.float() / self.temperature).softmax(dim=1)

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """The probabilities.  b k, b -> b k"""
        return self.answer(out)

    def calibrate(self, out: np.ndarray, of: np.ndarray, answer: np.ndarray, y: np.ndarray) -> str:
        """Fit the temperature, unless it is given or there is too little to fit it on.  -> what was done"""
        self.temperature, how = settled(self, out, of, answer, y)
        return how

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """See `multicnn.tasks.metrics.single_label`."""
        return metrics.single_label(judged, y, weight)

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Cross-entropy of each sample, without smoothing and weights.  n k, (n,) | (n, k) -> n"""
        return metrics.log_loss(judged, y)

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """Precision, recall, F1 and number of samples of each class."""
        table = metrics.confusion(y, judged.argmax(axis=1), len(self.classes))
        return rows(self.classes, *metrics.precision_recall_f1(table), table.sum(axis=1))

    def decode(self, answer: np.ndarray) -> list[str]:
        """The likeliest class of each sample."""
        return [self.classes[i] for i in answer.argmax(axis=1)]

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """Each class's logit.  1 k"""
        return columns(self, out, names)


class Tag:
    """Any number of k labels a sample.  out: b k logits.  y: (b, k) 0, 1, or -1 for a label that is not known.

    What is not known neither teaches nor counts. temperature: as of `Classify`.
    """

    several = True
    monitor = "map"  # F1 hangs on the threshold 0.5, which untrained answers miss
    mixes = True

    def __init__(
        self,
        classes: Sequence[str],
        *,
        smoothing: float = 0.0,
        drop: float = 0.0,
        temperature: float | None = None,
        weights: Tensor | None = None,
    ):
        if not 0 <= smoothing < 1:
            raise UsageError(f"task.smoothing is {smoothing}; it must be at least 0 and below 1")
        self.classes, self.smoothing, self.drop, self.weights = tuple(classes), smoothing, drop, weights
        self.temperature, self.given = checked(temperature), temperature is not None
        self.side_weight = 0.0  # of the answers of side classifiers; the body of `net` knows

    def net(self, frontend: nn.Module, body: Body) -> Net:
        """The body's own head, or global average pooling and one linear layer."""
        self.side_weight = getattr(body, "side_weight", 0.0)
        return Net(frontend, body, reader(body, len(self.classes), drop=self.drop))

    def encode(self, y: Tensor) -> Tensor:
        """As stored, as float, and NaN for what is not known: mixed with anything, it stays so.  b k -> b k"""
        return y.float().masked_fill(y < 0, torch.nan)

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """Labels stay what they are wherever the sample is moved."""
        return y

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """Binary cross-entropy, mean over the known labels, positives times their class weight.

        With answers of side classifiers, theirs too, times the body's `side_weight`.
        b k | b (1 + sides) k, b k -> b
        """
        if out.ndim == 3:
            return with_sides(self.loss, out, y, self.side_weight)
        known = ~y.isnan()
        soft = y.nan_to_num() * (1 - self.smoothing) + self.smoothing / 2
        weights = None if self.weights is None else self.weights.to(y.device)
        loss = F.binary_cross_entropy_with_logits(out.float(), soft, pos_weight=weights, reduction="none")
        return (loss * known).sum(dim=1) / known.sum(dim=1).clamp(min=1)

    def answer(self, out: Tensor) -> Tensor:
        """Probabilities, each class by itself, of the logits divided by the temperature.  b k -> b k"""
        return torch.sigmoid(out.float() / self.temperature)

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """The probabilities.  b k, b k -> b k"""
        return self.answer(out)

    def calibrate(self, out: np.ndarray, of: np.ndarray, answer: np.ndarray, y: np.ndarray) -> str:
        """Fit the temperature, unless it is given or there is too little to fit it on.  -> what was done"""
        self.temperature, how = settled(self, out, of, answer, y)
        return how

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """See `multicnn.tasks.metrics.several_labels`."""
        return metrics.several_labels(judged, y, weight)

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Cross-entropy of each sample's known labels, without smoothing and weights.  n k, (n, k) -> n"""
        return metrics.log_loss(judged, y)

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """Precision, recall, F1 at the threshold 0.5, and number of samples of each class."""
        answer = (judged >= 0.5) & (y >= 0)
        said, true = answer.sum(axis=0), (y > 0).sum(axis=0)
        hit = (answer & (y > 0)).sum(axis=0)
        f1 = metrics.ratio(2 * hit, said + true)
        return rows(self.classes, metrics.ratio(hit, said), metrics.ratio(hit, true), f1, true)

    def decode(self, answer: np.ndarray) -> list[str]:
        """The labels whose probability is at least 0.5, joined by `|`."""
        return ["|".join(c for c, p in zip(self.classes, line, strict=True) if p >= 0.5) for line in answer]

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """Each class's logit.  1 k"""
        return columns(self, out, names)


def columns(task: Classify | Tag, out: Tensor, names: Sequence[str]) -> list[Aim]:
    """What is said of each of these classes, the likeliest first.  1 k"""
    order = [k for k in task.answer(out)[0].argsort(descending=True).tolist() if task.classes[k] in names]
    return [
        Aim(task.classes[k], lambda out, k=k: out[:, k].float(), lambda out, k=k: task.answer(out)[:, k]) for k in order
    ]


def with_sides(loss: Callable[[Tensor, Tensor], Tensor], out: Tensor, y: Tensor, weight: float) -> Tensor:
    """The main answer's loss and `weight` times that of each side classifier.  b (1 + sides) k, b k -> b"""
    main, *sides = out.unbind(1)
    return loss(main, y) + weight * torch.stack([loss(side, y) for side in sides]).sum(0)


def rows(
    classes: Sequence[str], precision: np.ndarray, recall: np.ndarray, f1: np.ndarray, support: np.ndarray
) -> dict[str, dict[str, float]]:
    """Columns of numbers as one record a class."""
    columns = zip(classes, precision, recall, f1, support, strict=True)
    return {
        c: {"precision": float(p), "recall": float(r), "f1": float(f), "samples": int(n)} for c, p, r, f, n in columns
    }
