"""Tracks as a reader of a layout has found them, before they are a table."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from multicnn.audio.stems.track import alone, told
from multicnn.data.table import Table, natural, strings
from multicnn.errors import DataError


class Track(NamedTuple):
    """One mixture.  mixture: its file, or None where it is the sum of the stems.  stems: file by name."""

    id: str
    mixture: str | None
    stems: Mapping[str, str]
    part: str = ""


def tabled(name: str, found: Sequence[Track], said: Sequence[str] = (), group: np.ndarray | None = None) -> Table:
    """The tracks as a table; its classes are the stems that any of them has, a track without one has it silent."""
    classes = tuple(sorted({stem for t in found for stem in t.stems}, key=lambda c: (natural(c), c)))
    if len(classes) == 1 and not any(t.mixture for t in found):
        raise DataError(
            f"{name}: {classes[0]!r} is its only stem, so nothing is mixed; give two stems, or mixtures too"
        )
    texts = [told(t.mixture, alone({c: t.stems.get(c) for c in classes})) for t in found]
    target = np.array([[c in t.stems for c in classes] for t in found])
    lacking = [
        f"{int((~target[:, k]).sum())} tracks without {c}, which is silent there"
        for k, c in enumerate(classes)
        if not target[:, k].all()
    ]
    parts = strings(t.part for t in found) if any(t.part for t in found) else None
    return Table(
        name=name,
        items=strings(item for item, _ in texts),
        ids=strings(t.id for t in found),
        classes=classes,
        target=target,
        split=parts,
        group=group,
        answer=strings(answer for _, answer in texts),
        said=(*said, input_of(found), *lacking),
    )


def input_of(found: Sequence[Track]) -> str:
    """What the net hears, in words."""
    own = sum(t.mixture is not None for t in found)
    if own == len(found):
        return f"{own} tracks; the input is the mixture's file, what it holds beside the stems is kept apart"
    if not own:
        return f"{len(found)} tracks; the input is the sum of the stems"
    return f"{len(found)} tracks; the input is the mixture's file of {own} of them, of the others the sum of the stems"
