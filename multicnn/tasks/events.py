"""Events on a line of time, several classes at once: a score for each class in each cell."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.names import find
from multicnn.tasks import found, tracks
from multicnn.tasks.aim import Aim
from multicnn.tasks.tracks import HEAD, NOTHING, TIMES, Track
from multicnn.tasks.weak import POOLS
from multicnn.zoo.body import WHOLE, Body
from multicnn.zoo.net import Net
from multicnn.zoo.timed import Timed

KNOWN = 3  # rows behind the two of each class in an encoded answer: times are known, tags are known, within the sound
Each = float | Sequence[float] | Mapping[str, float]


class Events:
    """Onsets and offsets of k classes.  out: b k t logits (of "attention" b 2k t).  y: see `tracks`.

    Trained from times (cross-entropy of each cell, whose target is the share of it that events cover) and, where only
    tags are known, from the pooled cells. pool: of POOLS. resolution: seconds; the coarsest level of the body whose
    cells are no longer answers, or else its finest. median: seconds of a filter over the scores; threshold: score from
    which a class is said to sound; both one for all, one a class, or by name. What is left open of them is chosen after
    training on the validation part, for the best F1 of events; 0.3 and 0.5 before. tags: weight of the loss of samples
    with tags only. weights: of the classes' positive cells. drop: probability to drop a feature
    before the last layer. Raises UsageError for settings out of range.
    """

    monitor = "psds1"  # hangs on no threshold
    mixes = True
    timed = True  # an answer tells when, so that no augment may tear time

    def __init__(
        self,
        classes: Sequence[str],
        *,
        pool: str = "linear-softmax",
        resolution: float = 0.1,
        median: Each | None = None,
        threshold: Each | None = None,
        tags: float = 1.0,
        smoothing: float = 0.0,
        weights: Tensor | None = None,
        drop: float = 0.0,
    ):
        self.classes, self.weights, self.drop = tuple(classes), weights, drop
        self.pool = find("pooling", POOLS, pool)
        if not resolution > 0 or tags < 0 or not 0 <= smoothing < 1:
            raise UsageError(
                f"task.resolution is {resolution}, task.tags {tags}, task.smoothing {smoothing}; give more than 0, at "
                "least 0, and from 0 to below 1"
            )
        self.resolution, self.tags, self.smoothing = resolution, tags, smoothing
        self.medians = each("median", median, self.classes)
        self.thresholds = each("threshold", threshold, self.classes)
        if (self.thresholds > 1).any():
            raise UsageError(f"task.threshold is {threshold}; scores reach from 0 to 1")
        self.cell = 0.0  # seconds; the net knows
        self._latest: tuple[np.ndarray, found.Counts] | None = None  # of what was measured last, for its resamples

    def net(self, frontend: nn.Module, body: Body) -> Net:
        """The level that `resolution` asks for, its mean over frequency, and an affine layer for each cell.

        Raises UsageError for a body that answers for samples as a whole.
        """
        step: Any = frontend.step
        level, self.cell = level_of(body, float(step), self.resolution)
        outputs = len(self.classes) * self.pool.answers
        return Net(frontend, body, Timed(body.channels, outputs, level=level, drop=self.drop))

    def encode(self, y: Tensor) -> Tensor:
        """The share of each cell that each class covers, the tags, and what is known.  b (HEAD + m) 3 -> b 2k+3 t"""
        cells = -(-float(y[0, 2, 2]) // self.cell)  # of the longest possible answer, and one more
        edges = torch.arange(int(cells) + 2, device=y.device, dtype=y.dtype) * self.cell
        covered = torch.stack([share(y[:, HEAD:], c, edges) for c in range(len(self.classes))], 1)
        occurs = torch.stack([(y[:, HEAD:, 0] == c).any(1) for c in range(len(self.classes))], 1)
        known = y[:, 2, 0]
        within = (edges[:-1] < y[:, 1, :1]).to(y.dtype)
        facts = torch.stack([known == TIMES, known != NOTHING], 1)
        rows = torch.cat([occurs, facts], 1).to(y.dtype)[..., None].expand(-1, -1, covered.shape[2])
        return torch.cat([covered, rows, within[:, None]], 1)

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """Cells follow their moved sound, linear between their middles; from beyond its ends comes silence."""
        k = len(self.classes)
        t = y.shape[2]
        place = (torch.arange(t, device=y.device) + 0.5) * (2 / t) - 1
        source = (matrix[:, 0, :1] * place + matrix[:, 0, 1:]).to(y.dtype)
        grid = torch.stack([source, torch.zeros_like(source)], -1)[:, None]
        moved = F.grid_sample(y[:, :, None], grid, align_corners=False, padding_mode="zeros")[:, :, 0]
        return torch.cat([moved[:, :k], y[:, k:]], 1)

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """Cross-entropy of the cells where times are known, of the pooled answer where tags are, else 0.

        b k t | b 2k t, b 2k+3 t -> b
        """
        k, t = len(self.classes), out.shape[2]
        if t < y.shape[2] - 1:
            raise UsageError("the network leaves out time at the ends of a sample; choose crnn, compact or a ResNet")
        logits, attention = self._parts(out.float())
        y = y[..., :t].float()
        y = F.pad(y, (0, t - y.shape[2]))
        covered, occurs, (timed, tagged, within) = y[:, :k], y[:, k : 2 * k, 0], y[:, 2 * k :].unbind(1)
        cost = self._cost(logits, covered).mean(1)
        strong = (cost * within).sum(1) / within.sum(1).clamp(min=1)
        pooled = self.pool(logits.sigmoid(), attention, within[:, None]).clamp(1e-6, 1 - 1e-6)
        weak = self._cost(torch.logit(pooled), occurs).mean(1)
        sure = (timed[:, 0] > MOSTLY).to(strong.dtype)
        return sure * strong + (1 - sure) * (tagged[:, 0] > MOSTLY) * self.tags * weak

    def _cost(self, logits: Tensor, wanted: Tensor) -> Tensor:
        """Of each answer; positives times their class weight."""
        soft = wanted * (1 - self.smoothing) + self.smoothing / 2
        weights = None if self.weights is None else self.weights.to(logits.device)
        if weights is not None and logits.ndim == 3:
            weights = weights[:, None]
        return F.binary_cross_entropy_with_logits(logits, soft, pos_weight=weights, reduction="none")

    def _parts(self, out: Tensor) -> tuple[Tensor, Tensor]:
        """The logits of the classes, and what attention is given to each cell.  -> b k t, b k t"""
        k = len(self.classes)
        return out[:, :k], out[:, -k:]

    def answer(self, out: Tensor) -> Tensor:
        """Scores.  b k t | b 2k t -> b k t"""
        return self._parts(out.float())[0].sigmoid()

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """See `tracks.pack`.  -> b numbers"""
        scores, encoded = self.answer(out), self.encode(y)
        within = F.pad(encoded[:, -1:, : out.shape[2]], (0, max(0, out.shape[2] - encoded.shape[2])))
        pooled = self.pool(scores, self._parts(out.float())[1], within.to(scores.dtype))
        return tracks.pack(scores, pooled, y, self.loss(out, encoded), self.cell)

    def tracks(self, judged: np.ndarray) -> list[Track]:
        """The recordings that the judged pieces make up."""
        return tracks.tracks(tracks.unpack(judged, len(self.classes)))

    def counts(self, judged: np.ndarray) -> found.Counts:
        """The counts of each recording; those of the latest judgements are remembered, for resamples ask again."""
        if self._latest is None or self._latest[0] is not judged:
            self._latest = (judged, found.counted(self.tracks(judged), *self.used))
        return self._latest[1]

    @property
    def used(self) -> tuple[np.ndarray, np.ndarray]:
        """Thresholds and medians, the usual ones where none is given or chosen yet.  -> k, k"""
        threshold, seconds = found.USUAL
        return np.nan_to_num(self.thresholds, nan=threshold), np.nan_to_num(self.medians, nan=seconds)

    def tune(self, judged: np.ndarray, y: np.ndarray) -> dict[str, list[float]]:
        """Choose what is left open on judgements of the validation part.  -> the settings"""
        self.thresholds, self.medians = found.best(self.tracks(judged), self.thresholds, self.medians)
        self._latest = None
        chosen = {"threshold": self.thresholds, "median": self.medians}
        return {name: [round(float(v), 4) for v in values] for name, values in chosen.items()}

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """See `found.measured`; the truth is in `judged`. A recording counts as often as its first piece."""
        counts = self.counts(judged)
        once = np.ones(len(judged)) if weight is None else weight
        return found.measured(counts, once[counts.first])

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss of each piece, as `loss` has it."""
        return tracks.unpack(judged, len(self.classes)).loss

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """See `found.by_class`, with the threshold and the median in seconds."""
        rows = found.by_class(self.counts(judged))
        lines = zip(self.classes, rows, *self.used, strict=True)
        return {c: row | {"threshold": float(t), "median": float(m)} for c, row, t, m in lines}

    def decode(self, answer: np.ndarray) -> list[str]:
        """How many events of each class: `3 dog, 1 baby`.  n k t -> n"""
        edges = np.arange(answer.shape[2] + 1) * self.cell
        return [counted(self.classes, found.spoken(a, edges, *self.used)) for a in answer]

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """The mean logit of a class over the cells of its surest event.  1 k t | 1 2k t"""
        scores = self.answer(out)[0].cpu().numpy()
        edges = np.arange(scores.shape[1] + 1, dtype=float)  # in cells
        seconds = self.used[1] / (self.cell or 1.0)
        said = found.spoken(scores, edges, self.used[0], seconds)
        aims = []
        for k, spans in enumerate(said):
            events = [(float(scores[k, int(a) : int(b)].mean()), int(a), int(b)) for a, b in spans]
            if events and self.classes[k] in names:
                sure, begin, end = max(events)
                aims.append((sure, self._of(k, begin, end, out.shape[2])))
        return [aim for _, aim in sorted(aims, key=lambda pair: -pair[0])]

    def _of(self, k: int, begin: int, end: int, t: int) -> Aim:
        """Of a class in some of t cells."""
        return Aim(
            self.classes[k],
            lambda out: out[:, k, begin:end].float().mean(1),
            lambda out: self.answer(out)[:, k, begin:end].mean(1),
            (np.arange(t) >= begin) & (np.arange(t) < end),
        )


MOSTLY = 0.9  # share of a mixed sample whose times are known, from which it counts as such


def each(name: str, value: Each | None, classes: Sequence[str]) -> np.ndarray:
    """One number a class, NaN where it is left open. Raises UsageError for another number of them, or names.  -> k"""
    if isinstance(value, Mapping):
        if unknown := [c for c in value if c not in classes]:
            raise UsageError(f"task.{name} names {unknown[0]!r}, which is no class; the classes are {[*classes]}")
        value = [value.get(c, np.nan) for c in classes]
    if value is None:
        return np.full(len(classes), np.nan)
    numbers = np.asarray(value, dtype=float)
    if numbers.ndim and numbers.shape != (len(classes),):
        raise UsageError(f"task.{name} has {numbers.size} numbers for {len(classes)} classes; give one, or one each")
    if np.isinf(numbers).any() or (numbers < 0).any():
        raise UsageError(f"task.{name} is {value}; give numbers of at least 0")
    return np.broadcast_to(numbers, (len(classes),)).copy()


def level_of(body: Body, step: float, resolution: float) -> tuple[int, float]:
    """The level that answers, and the seconds of its cells, `step` being those of the front-end's."""
    name = type(body).__name__.lower()
    if WHOLE in body.strides:
        raise UsageError(f"{name} answers for samples as a whole and keeps no time; choose crnn, compact or a ResNet")
    fit = [i for i, s in enumerate(body.strides) if s * step <= resolution * 1.0001]
    level = fit[-1] if fit else int(np.argmin(body.strides))
    return level, body.strides[level] * step


def share(events: Tensor, c: int, edges: Tensor) -> Tensor:
    """How much of each cell the events of class c cover, at most 1; those without times cover none.

    b m 3, t + 1 -> b t
    """
    own = (events[..., 0] == c) & events[..., 1].isfinite()
    begin = torch.where(own, events[..., 1], 0)[..., None]
    end = torch.where(own, events[..., 2], 0)[..., None]
    shared = (torch.minimum(end, edges[1:]) - torch.maximum(begin, edges[:-1])).clamp(min=0)
    return (shared.sum(1) / (edges[1:] - edges[:-1])).clamp(max=1)


def counted(classes: Sequence[str], spans: Sequence[np.ndarray]) -> str:
    """How many of each class, in the classes' order."""
    return ", ".join(f"{len(s)} {c}" for c, s in zip(classes, spans, strict=True) if len(s)) or "nothing"
