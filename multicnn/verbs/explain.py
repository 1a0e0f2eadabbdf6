"""Explain: what in each input the net goes by, and how far that can be believed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from multicnn.data.reader import InPieces
from multicnn.data.store import pack
from multicnn.errors import DataError, UsageError
from multicnn.insight.explain import METHODS, Question, usual
from multicnn.insight.explain.faithful import Faithfulness, faithfulness
from multicnn.insight.explain.sanity import anew, likeness
from multicnn.insight.explain.seen import Seen
from multicnn.names import find
from multicnn.tasks.aim import Aim, Aiming
from multicnn.train.voice import Voice
from multicnn.verbs.parts import answering
from multicnn.verbs.together import Unread
from multicnn.verbs.trained import Trained, untrained
from multicnn.zoo.net import Net
from multicnn.zoo.views import Views


class Part(NamedTuple):
    """What the net looks at at once.  raw: as a batch of one.  number: which part.  start: raw steps before it."""

    raw: Tensor
    number: int
    start: int


class Found(NamedTuple):
    """Something that the net says of a part, and how sure it is of that."""

    part: Part
    aim: Aim
    chance: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why the net says `label` of an input.

    chance: 0 to 1, of the part that was looked at.  likeness: rank correlation with the heat of a net that has learnt
    nothing.  seen: the heat, and what it is drawn on.  seconds: that it took.
    """

    id: str
    label: str
    chance: float
    method: str
    faithfulness: Faithfulness
    likeness: float
    seen: Seen
    seconds: float
    error = None

    def record(self) -> dict[str, Any]:
        """As JSON says it, without the heat."""
        found = {"id": self.id, "label": self.label, "chance": self.chance, "method": self.method}
        numbers = {**self.faithfulness._asdict(), "gain": self.faithfulness.gain, "likeness": self.likeness}
        where = {"part": self.seen.number, "start": self.seen.start}
        return found | numbers | where | {"seconds": self.seconds, "facts": self.seen.facts}

    def line(self) -> str:
        """What a person reads."""
        f = self.faithfulness
        return (
            f"{self.id}: {self.label} {self.chance:.2f} by {self.method}: deletion {f.deletion:.2f} against "
            f"{f.random_deletion:.2f} random, insertion {f.insertion:.2f} against {f.random_insertion:.2f}; "
            f"likeness to an untrained net {self.likeness:z.2f}"
        )


@dataclass(frozen=True)
class Nothing:
    """An input in which the net finds nothing of the classes that are asked about, or in which there is nothing."""

    id: str
    error = None

    def record(self) -> dict[str, Any]:
        return {"id": self.id, "label": ""}

    def line(self) -> str:
        """What a person reads."""
        return f"{self.id}: the net finds nothing in it that could be explained"


Explained = Explanation | Nothing | Unread


class Explainer:
    """A trained net that says why.

    method: of METHODS; None for the one that suits the net.  classes: that are asked about, all for none.  level: of
    the body, for methods that look at levels.  top: how many classes of each input are explained, the surest first.
    Raises UsageError for a task, a method, a class or a level that there is not, or that do not go together.
    """

    def __init__(
        self,
        trained: Trained,
        *,
        method: str | None = None,
        classes: Sequence[str] = (),
        level: int | None = None,
        top: int = 1,
    ):
        self.trained, self.level, self.top = trained, level, top
        self.task = aiming(trained)
        for name in classes:
            find("class", dict.fromkeys(trained.classes), name)
        if top < 1:
            raise UsageError(f"--top is {top}; give at least 1")
        if classes and top > len(classes):
            raise UsageError(f"--top {top} chooses among all classes, and --class names {classes[0]}; leave one out")
        self.classes = tuple(classes) or tuple(trained.classes)
        self.net = plain(trained).eval()
        self.method = method or usual(self.net, trained.modality.heat.method)
        way = find("method", METHODS, self.method)
        way.check(self.net, level)
        self.explain, self.levels = way.explain, way.levels
        self.untrained = anew(lambda: untrained(trained)).to(trained.accelerator.device)

    def one(self, name: str, item: Any) -> list[Explanation]:
        """Of an input, surest first; none where the net finds nothing of the classes in it, or it is empty.

        Raises DataError.
        """
        if isinstance(item, str) and not item.strip():  # which is read as one unknown word
            return []
        return [self.told(name, item, one) for one in self.surest(item)]

    def surest(self, item: Any) -> list[Found]:
        """The classes to be explained, each with the part where the net is surest of it."""
        every = [found for part in parts(self.trained, item) for found in self.said(part)]
        first: dict[str, Found] = {}
        for found in sorted(every, key=lambda f: -f.chance):
            first.setdefault(found.aim.name, found)
        if all(
            found.aim.where is None for found in every
        ):  # of the whole input, as the answers to its parts are averaged
            mean = {name: float(np.mean([f.chance for f in every if f.aim.name == name])) for name in first}
            return sorted(first.values(), key=lambda f: -mean[f.aim.name])[: self.top]
        return list(first.values())[: self.top]

    @torch.no_grad()
    def said(self, part: Part) -> list[Found]:
        """All that the net says of a part."""
        out = self.net.answer(self.net.frontend(part.raw))
        return [Found(part, aim, float(aim.chance(out)[0])) for aim in self.task.aims(out, self.classes)]

    def question(self, found: Found) -> Question:
        """As the methods take it."""
        absent = self.trained.modality.heat.absent(self.trained.reader)
        with torch.no_grad():
            sample = absent(self.net.frontend, found.part.raw, held(found.part.raw, self.trained))
        return Question(self.net, sample, [found.aim], self.level)

    def told(self, name: str, item: Any, found: Found) -> Explanation:
        """The heat of one of them, and what is to be thought of it."""
        began = perf_counter()
        this = self.question(found)
        heat = self.explain(this)
        cells = heat.cells * this.sample.inside
        [faithful] = faithfulness(this, cells)
        [alike] = likeness(this, self.explain, cells, self.untrained)
        seen = Seen(
            item,
            found.part.raw[0].cpu().numpy(),
            found.part.number,
            found.part.start,
            self.net.frontend,
            cells[0].cpu().numpy(),
            heat.signed,
            f"{found.aim.name} {found.chance:.2f}",
            None if heat.channels is None else heat.channels[0].cpu().numpy(),
            found.aim.where,
            heat.facts[0],
        )
        took = perf_counter() - began
        return Explanation(name, found.aim.name, found.chance, self.method, faithful, alike, seen, took)


def explain(explainer: Explainer, items: Sequence[tuple[str, Any]], voice: Voice) -> Iterator[Explained]:
    """Of each of `items`, pairs of a name and what the reader takes, as soon as it is known."""
    explainer.trained.warn_of_lost(voice)
    for number, (name, item) in enumerate(items, start=1):
        voice.tick("explain", number, len(items))
        try:
            found = explainer.one(name, item)
        except DataError as error:
            yield Unread(name, str(error))
            continue
        if not found:
            yield Nothing(name)
        yield from found


def aiming(trained: Trained) -> Aiming:
    """The task. Raises UsageError where nothing of its answers can be explained."""
    if isinstance(trained.task, Aiming):
        return trained.task
    able = [n for n, k in trained.modality.tasks.items() if issubclass(answering(k, several=False), Aiming)]  # pyright: ignore
    raise UsageError(
        f"explain: {trained.modality.name} {trained.facts['task']} answers with signals, which have no class whose "
        f"score could be explained; explain serves {', '.join(able)}"
    )


def plain(trained: Trained) -> Net:
    """The net itself, which gradients can go through."""
    net = trained.net
    assert not isinstance(net, Views)
    return net


def parts(trained: Trained, item: Any) -> Iterator[Part]:
    """What the net looks at of an item, one after the other."""
    device, reader = trained.accelerator.device, trained.reader
    if isinstance(reader, InPieces):
        for number, raw in enumerate(reader.pieces(item)):
            yield Part(torch.from_numpy(np.ascontiguousarray(raw))[None].to(device), number, 0)
        return
    batches = trained.batches(pack([reader(item)], reader), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    entries = [entry for batch in batches.plan() for entry in batch.tolist()]
    for number, entry in enumerate(entries):
        yield Part(batches.gather(np.array([entry]), True, 1).x.to(device), number, entry[1])


def held(raw: Tensor, trained: Trained) -> float:
    """Share of a part's steps up to the last that is neither 0 nor NaN; 1 where samples have one size.  1 t ..."""
    if raw.ndim > 2 and trained.reader.shape is not None:
        return 1.0
    filled = ((raw[0] != 0) & ~raw[0].isnan()).flatten(1).any(1) if raw.ndim > 2 else raw[0] != 0
    last = filled.nonzero()
    return (int(last[-1]) + 1) / raw.shape[1] if len(last) else 1.0
