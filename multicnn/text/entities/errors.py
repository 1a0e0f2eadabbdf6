"""What was found and what was missed in a measured part, entity by entity."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from multicnn.data.table import Table
from multicnn.tasks import entity_scores
from multicnn.tasks.entities import Entities
from multicnn.text.entities.reader import MARK

RIGHT, MISSED, SPURIOUS, TYPE, BORDERS, BOTH = "right", "missed", "spurious", "type", "borders", "type and borders"


class Case(NamedTuple):
    """A true entity, a said one, or both where they meet; begin and end in the text, the said one's where there is one.

    kind: right; missed, spurious: nothing meets it; type, borders, or both: what is wrong.
    """

    id: str
    begin: int
    end: int
    said: str
    true: str
    kind: str
    text: str
    true_text: str


class Sample(NamedTuple):
    """A piece of a text: its words, their places, and the entities in it as first word, word behind the last, type."""

    id: str
    words: Sequence[str]
    places: Sequence[Sequence[int]]
    true: list[tuple[int, int, str]]
    said: list[tuple[int, int, str]]


def samples(task: Entities, table: Table, rows: np.ndarray, judged: np.ndarray) -> Iterator[Sample]:
    """The measured pieces."""
    assert table.answer is not None
    tags = entity_scores.unpack(judged, task.tags)
    for place, row in enumerate(rows.tolist()):
        true, said = (
            [(b, e, task.classes[c]) for _, b, e, c in entity_scores.spans(t[place : place + 1]).tolist()]
            for t in (tags.true, tags.said)
        )
        name = str(table.ids[row]).rpartition("#")
        words = str(table.items[row]).split(MARK)
        places = json.loads(str(table.answer[row]))["places"]
        yield Sample(name[0] if name[2].isdecimal() and name[1] else name[2], words, places, true, said)


def cases(sample: Sample) -> list[Case]:
    """Each said entity with the true one that it shares most words with, and the true ones that no other is left for.

    Of two true ones alike the one of its own type is taken.
    """
    met, out = set(), []
    for b, e, kind in sample.said:
        shared = [(min(e, t[1]) - max(b, t[0]), t[2] == kind, t) for t in sample.true if t not in met]
        most, _, best = max(shared, default=(0, False, (0, 0, "")))
        if most <= 0:
            out.append(case(sample, (b, e, kind), None, SPURIOUS))
            continue
        met.add(best)
        wrong = {(True, True): RIGHT, (True, False): TYPE, (False, True): BORDERS, (False, False): BOTH}
        out.append(case(sample, (b, e, kind), best, wrong[best[:2] == (b, e), best[2] == kind]))
    out += [case(sample, None, t, MISSED) for t in sample.true if t not in met]
    return sorted(out, key=lambda c: (c.begin, c.end))


def case(sample: Sample, said: tuple[int, int, str] | None, true: tuple[int, int, str] | None, kind: str) -> Case:
    """One of them with its words."""
    b, e, _ = said or true or (0, 0, "")
    texts = [" ".join(sample.words[s[0] : s[1]]) if s else "" for s in (said, true)]
    answer, truth = (s[2] if s else "" for s in (said, true))
    return Case(sample.id, sample.places[b][0], sample.places[e - 1][1], answer, truth, kind, texts[0], texts[1])


def confusions(found: Sequence[Case], classes: Sequence[str]) -> list[list[str]]:
    """How often what was said to be what, where borders meet or cross; a line a true type, "" for none."""
    counts = Counter((c.true, c.said) for c in found)
    names = [*classes, ""]
    head = ["true", *(n or "missed" for n in names), "wrong borders"]
    cut = Counter(c.true for c in found if c.kind in (BORDERS, BOTH))
    lines = [[t or "spurious", *(str(counts[t, s]) for s in names), str(cut[t])] for t in names]
    return [head, *lines]
