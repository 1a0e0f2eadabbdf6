"""A row of a table for each piece of a text, with the tags of its words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.text.entities.cut import Piece, around
from multicnn.text.entities.reader import MARK, Spans, TokenReader, words_of

OUTSIDE, NOT_ASKED = 0, -1


@dataclass
class Odd:
    """Entities whose borders are not those of words: how many, and the first."""

    count: int = 0
    lost: int = 0
    first: str = ""
    names: list[str] = field(default_factory=list)

    def said(self, policy: str) -> list[str]:
        """What the user is told."""
        if not self.count:
            return []
        kept = {"snap": "widened to whole words", "drop": "left out"}[policy]
        more = f", of which {self.lost} then overlap another and are left out" if self.lost else ""
        return [f"{self.count} entities begin or end within a word and are {kept}{more}; the first: {self.first}"]


def cut(table: Table, reader: TokenReader) -> tuple[Table, np.ndarray]:
    """A row a piece, and the row of the text that each is of.

    The answer becomes `{"tags": ..., "places": ...}` of the piece's words: 0 outside, 2k + 1 where an entity of class k
    begins, 2k + 2 within one, -1 for words that are read as context only; begin and end in the text. A piece's border
    that would fall within an entity moves behind it, so that an entity is learnt and counted whole, once. Raises
    DataError for entities that are misaligned where the reader's policy is error.
    """
    assert table.answer is not None
    odd = Odd()
    of, items, answers, names, target = [], [], [], [], []
    for row, (text, known, name) in enumerate(zip(table.items.tolist(), table.answer.tolist(), table.ids, strict=True)):
        answer = json.loads(known)
        words, places = words_of(text, answer)
        found = aligned(answer["spans"], places, text, str(name), reader.on_misaligned, odd)
        tags = tagged(found, len(places), table.classes)
        pieces = unbroken(reader.cut(text, places), tags, reader.context)
        for number, p in enumerate(pieces):
            own = [NOT_ASKED] * (p.begin - p.first) + tags[p.begin : p.end] + [NOT_ASKED] * (p.last - p.end)
            of.append(row)
            items.append(MARK.join(words[p.first : p.last]))
            answers.append(json.dumps({"tags": own or [NOT_ASKED], "places": places[p.first : p.last]}))
            names.append(f"{name}#{number}" if len(pieces) > 1 else str(name))
            target.append([any(t in (2 * k + 1, 2 * k + 2) for t in own) for k in range(len(table.classes))])
    rows = table.take(np.array(of, dtype=np.int64))
    more = len(of) > len(table)
    said = [f"{len(table):,} texts are read in {len(of):,} pieces of up to {reader.size} words"] * more
    return replace(
        rows,
        items=strings(items),
        ids=strings(names),
        target=np.array(target, dtype=bool).reshape(len(of), len(table.classes)),
        group=(rows.ids if rows.group is None else rows.group) if more else rows.group,
        answer=strings(answers),
        said=(*table.said, *said, *odd.said(reader.on_misaligned)),
    ), np.array(of, dtype=np.int64)


def unbroken(pieces: Sequence[Piece], tags: Sequence[int], context: int) -> list[Piece]:
    """The pieces with borders moved behind the entities that they would break; some may answer for nothing then."""
    inside = [tag > OUTSIDE and tag % 2 == 0 for tag in [*tags, OUTSIDE]]
    borders = [0]
    for piece in pieces:
        border = max(borders[-1], piece.end)
        borders.append(next(word for word in range(border, len(inside)) if not inside[word]))
    return around(borders, context)


def aligned(
    entities: Sequence[tuple[int, int, str]], places: Spans, text: str, name: str, policy: str, odd: Odd
) -> list[tuple[int, int, str]]:
    """Entities as first word and the one behind the last, those that fit no words treated by the policy."""
    starts = {a: i for i, (a, _) in enumerate(places)}
    stops = {b: i + 1 for i, (_, b) in enumerate(places)}
    found: list[tuple[int, int, str]] = []
    for a, b, kind in entities:
        first, last = starts.get(a), stops.get(b)
        if first is None or last is None:
            odd.count += 1
            odd.first = odd.first or f"{name}: {shown(text, a, b)}"
            if policy == "error":
                raise DataError(
                    f"{name}: the entity {shown(text, a, b)} begins or ends within a word; mend the data, or set "
                    "reader.on_misaligned to snap or drop"
                )
            touched = [i for i, (c, d) in enumerate(places) if c < b and d > a] if policy == "snap" else []
            if not touched:
                odd.lost += policy == "snap"
                continue
            first, last = touched[0], touched[-1] + 1
        if found and found[-1][1] > first:
            odd.lost += 1
            continue
        found.append((first, last, kind))
    return found


def shown(text: str, a: int, b: int) -> str:
    """An entity in brackets with what stands around it."""
    return repr(f"{text[max(0, a - 12) : a]}[{text[a:b]}]{text[b : b + 12]}")


def tagged(entities: Sequence[tuple[int, int, str]], n: int, classes: Sequence[str]) -> list[int]:
    """A tag for each of n words."""
    tags = [OUTSIDE] * n
    number = {c: k for k, c in enumerate(classes)}
    for first, last, kind in entities:
        k = number[kind]
        tags[first:last] = [2 * k + 1] + [2 * k + 2] * (last - first - 1)
    return tags
