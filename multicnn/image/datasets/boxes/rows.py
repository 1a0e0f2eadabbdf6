"""A table with a row a box: path, label and edges; a row without edges is a picture without boxes."""

from collections.abc import Callable, Sequence
from pathlib import Path

from multicnn.data.layouts.columns import candidates, chosen, listed, missing, plain
from multicnn.data.layouts.files import existing
from multicnn.data.layouts.parts import part_of
from multicnn.data.layouts.sheet import Sheet, as_text
from multicnn.data.layouts.tabular import read_sheet
from multicnn.data.table import Table, strings
from multicnn.errors import DataError
from multicnn.image.datasets.boxes.annotated import Annotated, Box, tabled
from multicnn.image.datasets.suffixes import SUFFIXES

CORNERS = (
    ("x1", "y1", "x2", "y2"), ("xmin", "ymin", "xmax", "ymax"), ("x_min", "y_min", "x_max", "y_max"),
    ("left", "top", "right", "bottom"), ("x0", "y0", "x1", "y1"),
)  # fmt: skip
SIZES = (("x", "y", "w", "h"), ("x", "y", "width", "height"), ("left", "top", "width", "height"),
         ("bbox_x", "bbox_y", "bbox_width", "bbox_height"))  # fmt: skip
PICTURE = ("height", "width")  # of the picture, beside corners


def read_rows(
    path: Path, *, item_column: str | None, label_column: str | None, split_column: str | None, group_column: str | None
) -> Table:
    """One row a picture, in the order of the file. Raises DataError naming the row that cannot be used."""
    sheet = read_sheet(path)
    files = _column(sheet, "path", item_column)
    labels = [as_text(v) for v in sheet.column(_column(sheet, "label", label_column))]
    names, sized = edges_of(sheet)
    paths, ids = existing(sheet, sheet.column(files), None, SUFFIXES)
    split = split_column or next(iter(candidates(sheet.names, "split")), None)
    parts = [_part(sheet, row, split) for row in range(len(sheet))]
    group = sheet.column(chosen(sheet.names, "group", group_column)) if group_column else None
    sizes = [_size(sheet, row, sized) for row in range(len(sheet))]
    first: dict[str, int] = {}
    boxes: dict[str, list[Box]] = {}
    for row, file in enumerate(paths):
        before = first.setdefault(file, row)
        if parts[before] != parts[row]:
            raise DataError(
                f"{sheet.where(row)}: {ids[row]} is in {parts[row]!r}, before in {parts[before]!r}; choose one"
            )
        own = boxes.setdefault(file, [])
        if (box := _box(sheet, row, names, labels[row], sized)) is not None:
            own.append(box)
    samples = [
        Annotated(file, ids[row], parts[row], boxes[file], sheet.where(row), sizes[row]) for file, row in first.items()
    ]
    groups = strings(as_text(group[row]) for row in first.values()) if group else None
    return tabled(path.stem, samples, None, [*sheet.said, f"boxes from columns {', '.join(names)}"], groups)


def _column(sheet: Sheet, role: str, given: str | None) -> str:
    found = chosen(sheet.names, role, given) if given else next(iter(candidates(sheet.names, role)), None)
    if found is None:
        raise missing(sheet.path, sheet.names, role)
    return found


def edges_of(sheet: Sheet) -> tuple[list[str], bool]:
    """The four columns of the boxes, and whether they are a corner and a size."""
    known = {plain(name): name for name in sheet.names}
    for usual, sized in [*[(c, False) for c in CORNERS], *[(s, True) for s in SIZES]]:
        if all(name in known for name in usual):
            return [known[name] for name in usual], sized
    raise DataError(f"{sheet.path}: no columns x1, y1, x2, y2 or x, y, w, h among {listed(sheet.names)}; name them so")


def _box(sheet: Sheet, row: int, names: Sequence[str], label: str, sized: bool) -> Box | None:
    """The box of a row; None where its cells are empty."""
    cells = [as_text(sheet.column(name)[row]) for name in names]
    if not any(cells):
        return None
    try:
        a, b, c, d = map(float, cells)
    except ValueError:
        raise DataError(f"{sheet.where(row)}: {cells} are no four numbers; correct them") from None
    if not label:
        raise DataError(f"{sheet.where(row)}: a box without a label; fill it in")
    if sized:
        return label, a, b, a + c, b + d
    if c < a or d < b:
        raise DataError(
            f"{sheet.where(row)}: {names[2]} {c:g} is below {names[0]} {a:g}, or {names[3]} {d:g} below {names[1]} "
            f"{b:g}; where they are width and height, call the columns x, y, w, h"
        )
    return label, a, b, c, d


def _size(sheet: Sheet, row: int, sized: bool) -> tuple[int, int] | None:
    """The picture's size, where the table has it."""
    known: dict[str, str] = {plain(name): name for name in sheet.names}
    if sized or not all(name in known for name in PICTURE):
        return None
    cells = [as_text(sheet.column(known[name])[row]) for name in PICTURE]
    number: Callable[[str], int] = lambda cell: int(float(cell))  # noqa: E731
    return (number(cells[0]), number(cells[1])) if all(cells) else None


def _part(sheet: Sheet, row: int, split: str | None) -> str:
    if split is None:
        return ""
    word = as_text(sheet.column(chosen(sheet.names, "split", split))[row])
    part = part_of(word) if word else ""
    if part is None:
        raise DataError(f"{sheet.where(row)}: split is {word!r}; write train, val or test")
    return part
