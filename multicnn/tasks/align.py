"""Transcribe: a text, unit by unit in the order of time, by connectionist temporal classification."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from multicnn.errors import UsageError
from multicnn.names import hint
from multicnn.tasks import ctc, edits
from multicnn.tasks.aim import Aim
from multicnn.tasks.beam import Beam
from multicnn.tasks.scorer import Scorer, scorer
from multicnn.zoo.body import WHOLE, Body
from multicnn.zoo.net import Net
from multicnn.zoo.timed import Timed

UNSEEN = "\ufffd"  # in a true text, stands for a letter that training had not
GAP = "▁"  # in a unit, stands for the space before a word; single characters have the space itself


class Align:
    """Texts as sequences of `classes`, their units: characters, or pieces of words.  out: b (k + 1) t, the blank last.

    beam: texts that a search keeps (Hannun 2014, arXiv 1408.2873); 1: the likeliest path, which knows no words.
    words: file of the words that may be said, one a line; arpa: file of an n-gram model of words; either needs a beam.
    alpha: weight of that model's logarithms; beta: added for each word. level: of the body, that is read. drop:
    probability to drop a channel before the last layer. Raises UsageError for settings that do not go together.
    """

    monitor = "-wer_corpus"
    mixes = False  # texts have no mean

    def __init__(
        self,
        classes: Sequence[str],
        *,
        weights: Tensor | None = None,
        beam: int = 1,
        words: str = "",
        arpa: str = "",
        alpha: float = 0.5,
        beta: float = 1.0,
        level: int = -1,
        drop: float = 0.0,
    ):
        if weights is not None:
            raise UsageError("--class-weights: transcripts have no classes to weigh; leave it out")
        if beam < 1:
            raise UsageError(f"task.beam is {beam}; give at least 1, the likeliest path, or 16 to search")
        if (words or arpa) and beam == 1:
            given = "words" if words else "arpa"
            raise UsageError(f"task.{given} needs a search; set task.beam to 16 or more")
        self.classes, self.level, self.drop = tuple(classes), level, drop
        self.texts = [c.replace(GAP, " ") for c in classes]
        found: Scorer | None = scorer(self.texts, words, arpa, alpha=alpha, beta=beta)
        self.search = Beam(self.texts, beam, found) if beam > 1 else None
        self.step = 0.0  # seconds of one step of the answer; the body of `net` knows

    def net(self, frontend: nn.Module, body: Body) -> Net:
        """The body's level read step by step. Raises UsageError for a body without steps, or without such a level."""
        strides = dict(enumerate(body.strides)) | {n - len(body.strides): s for n, s in enumerate(body.strides)}
        if self.level not in strides:
            raise UsageError(f"task.level is {self.level}; {hint(str(self.level), map(str, strides))}")
        if strides[self.level] == WHOLE or not body.padded:
            raise UsageError(
                "a network that leaves no steps of time cannot transcribe; choose speechcnn or quartznet5x5"
            )
        seconds: Any = getattr(frontend, "step", 0.0)
        self.stride, self.step = strides[self.level], strides[self.level] * seconds
        return Net(frontend, body, Timed(body.channels, len(self.classes) + 1, level=self.level, drop=self.drop))

    def steps(self, cells: np.ndarray) -> np.ndarray:
        """Steps of the answer to a grid of so many cells along time.  n -> n"""
        return -(-cells // self.stride)

    def impossible(self, y: np.ndarray, cells: np.ndarray) -> np.ndarray:
        """Which transcripts have more units than their sound has steps.  n u, n -> n"""
        return ctc.needed(y) > self.steps(cells)

    def encode(self, y: Tensor) -> Tensor:
        """Unit numbers as torch's loss takes them.  b u -> b u"""
        return y.long()

    def move(self, y: Tensor, matrix: Tensor) -> Tensor:
        """A text stays what it is.  b u -> b u"""
        return y

    def loss(self, out: Tensor, y: Tensor) -> Tensor:
        """See `ctc.losses`.  b (k + 1) t, b u -> b"""
        return ctc.losses(out, y)

    def answer(self, out: Tensor) -> Tensor:
        """Log-probabilities.  b (k + 1) t -> b (k + 1) t"""
        return out.float().log_softmax(dim=1)

    def judge(self, out: Tensor, y: Tensor) -> Tensor:
        """See `edits.pack`.  b (k + 1) t, b u -> b ...

        Numbers above the blank's stand for letters that training had not: they count as errors, and not in the loss. A
        loss that is infinite, for want of steps, counts as what guessing costs.
        """
        chances, truth = self.answer(out).cpu().numpy(), y.cpu().numpy()
        loss = ctc.losses(out, ctc.without(y.long(), len(self.classes) + 1)).cpu().numpy()
        loss = np.where(np.isfinite(loss), loss, np.log(len(self.classes) + 1))
        found = [
            edits.pack(self.units(one), true[true != ctc.PAD].tolist(), [*self.texts, "", UNSEEN], cost, true.shape[0])
            for one, true, cost in zip(chances, truth, loss, strict=True)
        ]
        return torch.from_numpy(np.stack(found)).to(out.device)

    def units(self, chances: np.ndarray) -> list[int]:
        """The units that are said.  k + 1 t log-probabilities -> u"""
        return self.search(chances) if self.search else ctc.best_path(chances)

    def text(self, units: Sequence[int]) -> str:
        """What a person reads."""
        return edits.spell(units, self.texts)

    def metrics(self, judged: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> dict[str, float]:
        """wer_corpus, cer_corpus: edits of all words, of all characters, over those of the true texts; ser: share of
        samples with any edit. The truth is in `judged`."""
        return edits.measured(judged, weight)

    def losses(self, judged: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The loss of each sample, as `loss` has it."""
        return edits.loss(judged)

    def per_class(self, judged: np.ndarray, y: np.ndarray) -> dict[str, dict[str, float]]:
        """How often each unit is said, and the share of these that is found."""
        return edits.by_unit(judged, self.classes)

    def decode(self, answer: np.ndarray) -> list[str]:
        """n (k + 1) t log-probabilities -> n texts"""
        return [self.text(self.units(one)) for one in answer]

    def aims(self, out: Tensor, names: Sequence[str]) -> list[Aim]:
        """The mean logit of what the likeliest path says in its steps: all of it, or each of some units.

        1 (k + 1) t
        """
        path = out[0].argmax(0)
        text = self.text(ctc.best_path(self.answer(out)[0].cpu().numpy()))
        asked = {text: path < len(self.classes)} if text.strip() else {}
        if len(names) < len(self.classes):
            asked = {name: path == self.classes.index(name) for name in names}
        return [self._of(name, steps, path[steps]) for name, steps in asked.items() if steps.any()]

    def _of(self, name: str, steps: Tensor, units: Tensor) -> Aim:
        """Of these units in these steps."""
        at = steps.nonzero()[:, 0]
        return Aim(
            name,
            lambda out: out[:, units, at].float().mean(1),
            lambda out: out.float().softmax(1)[:, units, at].mean(1),
            steps.cpu().numpy(),
        )
