"""Texts with their entities as a layout gives them, made one table.

A text's answer is a line of JSON: `{"spans": [[begin, end, type], ...]}`, offsets in characters (code points) from the
text's start, in order and apart; of a text that its corpus cuts into tokens also `"tokens": [[begin, end], ...]`.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from multicnn.data.mended import Mended
from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError

FEW_GROUPS = 5  # with fewer, no part of 15 % can be made of whole groups
Span = tuple[int, int, str]  # begin, end, type
Token = tuple[int, int]  # begin, end


class Marked(NamedTuple):
    """One text. spans: in order and apart.  tokens: None where the corpus does not cut its texts.

    group: the document that it is a sentence of, "" where that is not told.  where: its file and line, for the user.
    """

    text: str
    id: str
    spans: Sequence[Span]
    tokens: Sequence[Token] | None = None
    part: str = ""
    group: str = ""
    where: str = ""


class Found(NamedTuple):
    """What a layout's reader found. unit: what it is, in the plural.  how: the layout and its choices, to be said."""

    marked: Sequence[Marked]
    how: str
    unit: str = "texts"
    said: Sequence[str] = ()


def tabled(path: Path, found: Found, mended: Mended) -> Table:
    """The table of marked texts, named after their file or folder. Raises DataError where there is no entity at all."""
    marked, notes = parted(found.marked)
    if not marked:
        raise DataError(f"{path}: no text in it, read as {found.how}; check the layout, or name it as in conll=PATH")
    refuse_no_text(marked)
    classes, target = number_several([sorted({s[2] for s in one.spans}) for one in marked])
    n = sum(len(one.spans) for one in marked)
    if not classes:
        raise DataError(
            f"{path}: none of its {len(marked):,} {found.unit} has an entity, read as {found.how}; "
            "there is nothing to learn, check the layout"
        )
    group, groups_said = grouped(marked, found.unit)
    empty = [one.where or one.id for one in marked if not one.text.strip()]
    if empty:
        notes.append(f"{len(empty)} of {len(marked):,} texts are empty, the first in {empty[0]}")
    return Table(
        name=path.stem,
        items=strings(one.text for one in marked),
        ids=strings(distinct([one.id for one in marked])),
        classes=classes,
        target=target,
        split=strings(one.part for one in marked) if any(one.part for one in marked) else None,
        group=group,
        answer=strings(map(answer, marked)),
        said=(
            f"{found.how}: {len(marked):,} {found.unit}, {n:,} entities of {len(classes)} types",
            *dict.fromkeys([*found.said, *notes, *groups_said, *mended.said()]),
        ),
    )


def answer(one: Marked) -> str:
    """The line of JSON of one text."""
    told: dict[str, object] = {"spans": one.spans}
    if one.tokens is not None:
        told["tokens"] = one.tokens
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def parted(marked: Sequence[Marked]) -> tuple[Sequence[Marked], list[str]]:
    """The texts of known parts where some are known, else all; a part alone is no part."""
    given = {one.part for one in marked}
    if given <= {""}:
        return marked, []
    open_ = [one for one in marked if not one.part]
    kept = [one for one in marked if one.part]
    notes = [f"{len(open_):,} texts left out, no train, val or test, such as {open_[0].id}"] if open_ else []
    if len(given - {""}) > 1:
        return kept, notes
    return [replace_part(one) for one in marked], [f"all are of the {kept[0].part} part; parts are dealt anew"]


def replace_part(one: Marked) -> Marked:
    """The same text of no part."""
    return one._replace(part="")


def grouped(marked: Sequence[Marked], unit: str) -> tuple[np.ndarray | None, list[str]]:
    """The document of each text, where texts are pieces of documents and there are enough of them."""
    groups = {one.group for one in marked}
    if groups <= {""} or len(groups) == len(marked):
        return None, []
    if len(groups) < FEW_GROUPS and not any(one.part for one in marked):
        return None, [f"only {len(groups)} documents, which may part; give more, or parts of their own"]
    column = strings(one.group or f" {one.id}" for one in marked)
    return column, [f"{len(groups):,} documents, each in one part"]


def distinct(ids: Sequence[str]) -> list[str]:
    """The same names, each that was there before with a number behind it."""
    times: Counter[str] = Counter()
    names = []
    for one in ids:
        times[one] += 1
        names.append(one if times[one] == 1 else f"{one}#{times[one]}")
    return names


def refuse_no_text(marked: Sequence[Marked]) -> None:
    """Raises DataError naming the first text, or type of its entities, that holds NUL or halves of characters."""
    for one in marked:
        written = "".join([one.text, one.part, one.group, *(s[2] for s in one.spans)])
        if "\0" in written:
            raise DataError(f"{one.where or one.id}: not a text, it holds NUL characters; save it again as UTF-8")
        try:
            written.encode()
        except UnicodeEncodeError as error:
            half = f"U+{ord(written[error.start]):04X}"
            raise DataError(f"{one.where or one.id}: it holds {half}, half a character; save it as UTF-8") from None


def renamed(found: Found, names: dict[str, str]) -> Found:
    """The same with types of other names; "" leaves a type's entities out."""
    marked = [
        one._replace(spans=[(b, e, names.get(c, c)) for b, e, c in one.spans if names.get(c, c)])
        for one in found.marked
    ]
    return found._replace(marked=marked)
