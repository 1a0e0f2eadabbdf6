"""Entities in texts: a tag for each token, begin or inside of a type or outside, read as stretches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.names import find, hint
from multicnn.tasks import crf, entity_scores
from multicnn.tasks.aim import Aim
from multicnn.zoo.body import Body
from multicnn.zoo.chain import FORBIDDEN, Chained
from multicnn.zoo.net import Net
from multicnn.zoo.timed import Timed


class Span(NamedTuple):
    """First token, token behind the last, type, and the probability that just these are an entity of it."""

    begin: int
    end: int
    type: str
    probability: float


def forbidden(tags: int) -> Tensor:
    """Which transitions, starts and ends of BIO tags must not be: inside a type follows only that type.

    tags: 1 + 2 k.  -> tags (tags + 2), as `Chained` lays them out
    """
    kind = (torch.arange(tags) + 1) // 2
    inside = (torch.arange(tags) % 2 == 0) & (kind > 0)
    steps = inside & (kind[:, None] != kind)
    return torch.cat([steps, inside[:, None], torch.zeros(tags, 1, dtype=torch.bool)], 1)


class Chain(Protocol):
    """How the tags of neighbours depend on each other."""

    def head(self, channels: list[int], tags: int, *, level: int, drop: float) -> nn.Module: ...

    def cells(self, out: Tensor) -> int:
        """Of the answer."""
        ...

    def losses(self, out: Tensor, y: Tensor) -> Tensor:
        """Minus the log-probability of each sample's tags."""
        ...

    def whole(self, out: Tensor) -> Tensor:
        """-> b tags (t + tags + 2), as `crf` has them"""
        ...


@dataclass(frozen=True)
class Learnt:
    """A linear chain (conditional random field) with learnt transitions."""

    def head(self, channels: list[int], tags: int, *, level: int, drop: float) -> nn.Module:
        return Chained(channels, tags, level=level, drop=drop, forbidden=forbidden(tags))

    def cells(self, out: Tensor) -> int:
        return crf.cells(out)

    def losses(self, out: Tensor, y: Tensor) -> Tensor:
        return crf.losses(out, y)

    def whole(self, out: Tensor) -> Tensor:
        return out


@dataclass(frozen=True)
class Rules:
    """Each cell by itself (softmax); only decoding knows what may follow what."""

    def head(self, channels: list[int], tags: int, *, level: int, drop: float) -> nn.Module:
        return Timed(channels, tags, level=level, drop=drop)

    def cells(self, out: Tensor) -> int:
        return out.shape[2]

    def losses(self, out: Tensor, y: Tensor) -> Tensor:
        return F.cross_entropy(out, y, ignore_index=crf.NO_TAG, reduction="none").sum(1)

    def whole(self, out: Tensor) -> Tensor:
        b, k, _ = out.shape
        rules = out.new_zeros(k, k + 2).masked_fill(forbidden(k).to(out.device), FORBIDDEN)
        return torch.cat([out.log_softmax(1), rules.expand(b, -1, -1)], 2)


CHAINS: dict[str, Chain] = {"crf": Learnt(), "rules": Rules()}


class Entities:
    """Entities of `classes` types that do not overlap.  y: b t BIO tags, see `entity_scores`; -1: does not count.

    The cells that count are contiguous, and cells of the body's level; what goes on with nothing begins an entity.
    chain: of CHAINS, crf: neighbours' tags are learnt to depend on each other; rules: each tag by itself, and decoding
    only keeps to what may follow what. level: of the body, that is read. drop: probability to drop a feature before
    the last layer. Raises UsageError for class weights.
    out: b tags (t + tags + 2) | b tags t
    """

    monitor = "f1_entity_exact"
    mixes = False  # tags have no mean

    def __init__(
        self,
        classes: Sequence[str],
        *,
        chain: str = "crf",
        level: int = 0,
        drop: float = 0.0,
        weights: Tensor | None = None,
    ):
        if weights is not None:
            raise UsageError("--class-weights: types of entities have no weights, for tags hang together; leave it out")
        self.classes, self.level, self.drop = tuple(classes), level, drop
        self.chain = find("chain", CHAINS, chain)
        self._latest: tuple[np.ndarray, entity_scores.Counts] | None = None  # of what was measured last

    @property
    def tags(self) -> int:
        """Outside, and two of each type."""
        return 1 + 2 * len(self.classes)

    def net(self, frontend: nn.Module, body: Body) -> Net:
        """The body's level read cell by cell. Raises UsageError for a level that has not a cell for each token."""
        strides = dict(enumerate(body.strides)) | {n - len(body.strides): s for n, s in enumerate(body.strides)}
        if self.level not in strides:
            raise UsageError(f"task.level is {self.level}; {hint(str(self.level), map(str, strides))}")
        if strides[self.level] != 1 or not body.padded:
            raise UsageError("entities need a network with an answer for each token; choose tagcnn, idcnn or bilstm")
        return Net(frontend, body, self.chain.head(body.channels, self.tags, level=self.level, drop=self.drop))

    def encode(self, y: Tensor) -> Tensor:
        """Tags, in which what goes on with nothing begins.  b t -> b t"""
        y = y.long()
        kind = (y + 1) // 2
        orphan = (y > 0) & (y % 2 == 0) & (F.pad(kind, (1, 0))[:, :-1] != kind)
        return y - orphan.long()

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """Tokens stay where they are.  b t -> b t"""
        return y

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """Minus the log-probability of each sample's tags, by its cells.  b tags ..., b t -> b"""
        y = fitted(y, self.chain.cells(out))
        return self.chain.losses(out.float(), y) / (y != crf.NO_TAG).sum(1).clamp(min=1)

    def answer(self, out: Tensor) -> Tensor:
        """Scores of tags and transitions, see `crf`.  b tags ... -> b tags (t + tags + 2)"""
        return self.chain.whole(out.float())

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """See `entity_scores.pack`.  b tags ..., b t -> b t + 1"""
        y, whole = self.encode(y), self.answer(out)
        said = crf.viterbi(whole, *crf.borders(fitted(y, crf.cells(whole))))
        true, own, loss = (a.detach().cpu().numpy() for a in (y, fitted(said, y.shape[1]), self.loss(out, y)))
        return torch.from_numpy(entity_scores.pack(true, own, loss, self.tags)).to(out.device)

    def counts(self, judged: np.ndarray) -> entity_scores.Counts:
        """The counts of each sample; those of the latest judgements are remembered, for resamples ask again."""
        if self._latest is None or self._latest[0] is not judged:
            found = entity_scores.counted(entity_scores.unpack(judged, self.tags), len(self.classes))
            self._latest = (judged, found)
        return self._latest[1]

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """See `entity_scores.measured`; the truth is in `judged`."""
        return entity_scores.measured(self.counts(judged), weight)

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss of each sample, as `loss` has it."""
        return judged[:, -1]

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """See `entity_scores.by_type`."""
        return dict(zip(self.classes, entity_scores.by_type(self.counts(judged)), strict=True))

    def spans(self, answer: np.ndarray) -> list[Span]:
        """The entities of one text, in order; an answer in parts is joined before, see `joined`.  tags t+tags+2"""
        cells = crf.cells(answer)
        whole = torch.from_numpy(answer)[None]
        tags = crf.viterbi(whole, torch.tensor([0]), torch.tensor([cells])).numpy()
        found = entity_scores.spans(tags)[:, 1:]
        kinds = found[:, 2]
        inside = np.arange(self.tags)
        inside[1::2] += 1
        sure = crf.probabilities(answer, np.c_[found[:, :2], 2 * kinds + 1], inside)
        return [Span(b, e, self.classes[c], float(p)) for (b, e, c), p in zip(found.tolist(), sure, strict=True)]

    def decode(self, answer: np.ndarray) -> list[str]:
        """How many entities of each type: `3 PER, 1 LOC`.  n tags t+tags+2 -> n"""
        return [counted(self.classes, [s.type for s in self.spans(a)]) for a in answer]

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """How far the tags of an entity stand above that of outside, of each type its surest.  1 tags ..."""
        best: dict[str, Span] = {}
        for span in sorted(self.spans(self.answer(out)[0].cpu().numpy()), key=lambda s: -s.probability):
            if span.type in names:
                best.setdefault(span.type, span)
        return [self._of(span, self.chain.cells(out)) for span in best.values()]

    def _of(self, span: Span, cells: int) -> Aim:
        """Of the tags of an entity: begin, then inside."""
        at = torch.arange(span.begin, span.end)
        tag = 2 * self.classes.index(span.type) + 1 + (at > span.begin).long()
        return Aim(
            span.type,
            lambda out: (out[:, tag, at] - out[:, 0, at]).float().mean(1),
            lambda out: out[:, :, :cells].float().softmax(1)[:, tag, at].mean(1),
            (np.arange(cells) >= span.begin) & (np.arange(cells) < span.end),
        )


def fitted(y: Tensor, cells: int) -> Tensor:
    """Tags of so many cells, those behind not counting.  b t -> b cells

    Raises UsageError where counted ones are left out.
    """
    if y.shape[1] > cells and (y[:, cells:] != crf.NO_TAG).any():
        raise UsageError("the network leaves out tokens at the end of a text; choose tagcnn, idcnn or bilstm")
    return F.pad(y[:, :cells], (0, max(0, cells - y.shape[1])), value=crf.NO_TAG)


def joined(answers: Sequence[np.ndarray], shares: Sequence[tuple[int, int]]) -> np.ndarray:
    """One answer from those to the pieces of a text, of each its cells from begin to end.

    tags t_i+tags+2 each -> tags t+tags+2
    """
    parts = [a[:, begin:end] for a, (begin, end) in zip(answers, shares, strict=True)]
    return np.concatenate([*parts, answers[0][:, crf.cells(answers[0]) :]], axis=1)


def counted(classes: Sequence[str], said: Sequence[str]) -> str:
    """How many of each class, in the classes' order."""
    return ", ".join(f"{said.count(c)} {c}" for c in classes if c in said) or "nothing"
