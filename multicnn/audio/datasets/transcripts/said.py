"""Sounds with their transcripts, from any layout to the columns of a table."""

import os
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from multicnn.data.table import Table, strings
from multicnn.errors import DataError

FEW_GROUPS = 5  # with fewer, no part of 15 % can be made of whole groups


class Said(NamedTuple):
    """One sample. item: its file, or a stretch of one, see `multicnn.audio.segment`.  where: what an error calls it.

    more: what else is known of it, by the names of columns.
    """

    item: str
    id: str
    text: str
    where: str
    part: str = ""
    group: str = ""
    more: tuple[tuple[str, str], ...] = ()


def tabled(name: str, found: Sequence[Said], said: Sequence[str] = (), *, grouped: bool = True) -> Table:
    """The table of some samples; their units are settled once it is known which of them train.

    grouped: that samples of one group, such as a speaker, never part, where there are enough groups. Raises DataError
    for no sample, and for two of one name.
    """
    if not found:
        raise DataError(f"{name}: no sound with a transcript; check the layout")
    first: dict[str, Said] = {}
    for one in found:
        if (before := first.setdefault(one.id, one)) is not one:
            raise DataError(f"{one.where}: {one.id!r} was there before, at {before.where}; keep one of them")
    groups, given = {one.group for one in found}, {one.part for one in found}
    notes = list(said)
    if len(given) == 1 and given != {""}:
        notes.append(f"all are of the {found[0].part} part; parts are dealt anew")
        found = [one._replace(part="") for one in found]
    if not all(groups) or (len(groups) < FEW_GROUPS and not any(one.part for one in found)):
        grouped = False
    empty = [one for one in found if not one.text.strip()]
    if empty:
        count = f"{len(empty)} of {len(found)} transcripts {'is' if len(empty) == 1 else 'are'} empty"
        notes.append(f"{count}, such as {empty[0].where}; they are learnt as silence")
    if grouped:
        notes.append(f"{len(groups)} groups, such as speakers, each in one part")
    more = [dict(one.more) for one in found]
    return Table(
        name=name,
        items=strings(one.item for one in found),
        ids=strings(one.id for one in found),
        classes=(),
        target=np.zeros((len(found), 0), dtype=bool),
        split=strings(one.part for one in found) if any(one.part for one in found) else None,
        group=strings(one.group for one in found) if grouped else None,
        answer=strings(one.text for one in found),
        said=tuple(notes),
        more={
            key: strings(line.get(key, "") for line in more) for key in dict.fromkeys(k for line in more for k in line)
        },
    )


def existing(found: Sequence[Said], files: Sequence[str]) -> Sequence[Said]:
    """The same samples. Raises DataError naming the first whose file is missing, and how many are."""
    absent = [n for n, file in enumerate(files) if not os.path.isfile(file)]
    if absent:
        count = f"{len(absent)} of {len(files)} files {'is' if len(absent) == 1 else 'are'} missing"
        raise DataError(f"{found[absent[0]].where}: no such file {files[absent[0]]}; {count}, put them there")
    return found
