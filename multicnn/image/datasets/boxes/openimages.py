"""Open Images' lists of boxes: ImageID, LabelName, XMin, XMax, YMin, YMax in shares of the picture."""

from collections import Counter

from multicnn.data.table import Table
from multicnn.errors import DataError
from multicnn.image.datasets.boxes.annotated import Annotated, Box, tabled
from multicnn.image.datasets.openimages import EDGES, Lists, share


def read_listed(lists: Lists) -> Table:
    """A row a picture that the lists have. Raises DataError naming the row that cannot be used.

    Boxes of a group of objects (IsGroupOf) are no single object and are left out, counted.
    """
    boxes: dict[str, list[Box]] = {}
    first: dict[str, tuple[str, str]] = {}  # part and where
    groups = Counter()
    for part, (where, cells) in lists.rows():
        picture = cells["ImageID"]
        before, _ = first.setdefault(picture, (part, where))
        if before != part:
            raise DataError(f"{where}: {picture} is in {part!r}, before in {before!r}; keep one")
        own = boxes.setdefault(picture, [])
        x1, y1, x2, y2 = (share(where, cells, name) for name in EDGES)
        if x2 < x1 or y2 < y1:
            raise DataError(f"{where}: XMax {x2:g} is below XMin {x1:g}, or YMax {y2:g} below YMin {y1:g}; correct it")
        if cells.get("IsGroupOf") == "1":
            groups["group"] += 1
        else:
            own.append((lists.name(cells), x1, y1, x2, y2))
    one = len({part for part, _ in first.values()}) < 2
    samples = [
        Annotated(lists.pictures[p], lists.id(p), "" if one else part, boxes[p], where, shares=True)
        for p, (part, where) in first.items()
    ]
    said = [f"{n:,} boxes round a group of objects left out" for n in groups.values()]
    return tabled(lists.root.resolve().name, samples, None, ["Open Images' lists of boxes", *lists.said, *said])
