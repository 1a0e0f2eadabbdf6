"""Pictures with the outlines of their objects, as a layout gives them, on their way to the columns of a table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from multicnn.data.table import Table, number_several, strings
from multicnn.errors import DataError
from multicnn.image.stacks import stack_of

LOOKED_AT = 100  # pictures in which objects that lie under others are counted


@dataclass(frozen=True)
class Outlined:
    """One picture: file, what a person calls it, part, the class of each object, and its answer but for their count.

    answer: see `multicnn.image.stacks`, with the `size` of the picture.
    """

    path: str
    id: str
    part: str
    labels: list[str]
    answer: dict[str, Any]

    def line(self) -> str:
        """The answer as JSON."""
        return json.dumps({**self.answer, "count": len(self.labels)}, ensure_ascii=False)


def tabled(name: str, samples: Sequence[Outlined], classes: Sequence[str] | None, said: Sequence[str]) -> Table:
    """The table. classes: in the order of their numbers; those without an object are left out.

    Raises DataError where there is no picture, or no object in any.
    """
    if not samples:
        raise DataError(f"{name}: no picture is annotated; give at least one")
    labels = [sorted(set(s.labels)) for s in samples]
    present = {c for own in labels for c in own}
    if not present:
        raise DataError(f"{name}: none of its {len(samples):,} pictures has an object; there is nothing to learn")
    names, target = number_several(labels, None if classes is None else [c for c in classes if c in present])
    unused = [c for c in classes or () if c not in present]
    empty = sum(not own for own in labels)
    lines = [f"{sum(len(s.labels) for s in samples):,} objects in {len(samples):,} pictures", *said]
    lines += [f"{empty:,} pictures without an object, kept as background"] if empty else []
    lines += [f"classes without an object left out: {', '.join(unused[:10])}"] if unused else []
    parts = [s.part for s in samples]
    return Table(
        name=name,
        items=strings(s.path for s in samples),
        ids=strings(s.id for s in samples),
        classes=names,
        target=target,
        split=strings(parts) if any(parts) else None,
        answer=strings(s.line() for s in samples),
        said=(*lines, *sharing(samples)),
    )


def sharing(samples: Sequence[Outlined]) -> list[str]:
    """How many objects lie partly under others, in the first pictures that may have such."""
    few = [s for s in samples if "objects" in s.answer or len(s.answer.get("layers", ())) > 1][:LOOKED_AT]
    covered = total = 0
    for sample in few:
        try:
            covered += stack_of(sample.answer).covered
        except DataError:  # whoever decodes it says why
            continue
        total += len(sample.labels)
    where = f"{total:,} objects of the first {len(few):,} pictures"
    return [f"{covered:,} of {where} lie partly under others; the smaller one is on top"] if covered else []
